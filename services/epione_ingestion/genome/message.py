"""A genome as it arrives: a manifest in JSON, or a VCF of 256 KiB at most, its patient in headers.

Calls that another caller made of a genome arrive as such a VCF does, as tab-separated values.

Manifest: `{"patient": {"assigner": …, "identifier": …}, "sample": …, "uri": …, "sha256": …,
"size": …}`, and where known `"collected"`, a FHIR dateTime, and `"status": "entered-in-error"` to
take a genome back. `sample` names the patient's column in the file.

Inline: `ce_patientassigner`, `ce_patientidentifier` and `ce_sample` say the same, CloudEvents
extension attributes, and `ce_status` what a manifest's does: the same file again, with
`entered-in-error`, takes back what its patient, sample and caller named. Over HTTP they are
`ce-patientassigner` …. The file is plain or gzip. A later file of calls counts in place of the
earlier one of the same caller and sample, and of the same gene where a remark names the only one.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from epione.errors import MalformedEvent, RefusedGenome, UnknownPatient, UnreadableCalls
from epione.genomes import GenomeReference, allowed_address, sealed_reference
from epione.identity import Identifier, entity_id, medical_record, pseudonym, record_link
from epione.medicine.pharmacogenomics import outside_calls, read_outside
from epione.wire import GenomeSample
from epione_ingestion.envelope import Envelope, version_at
from epione_ingestion.findings import Findings
from epione_ingestion.genome.vcf_header import without_names
from epione_ingestion.node import Node, parsed_json
from epione_ingestion.rules import Rules
from epione_ingestion.times import fhir_time

INLINE_LIMIT = 262_144  # bytes, of the file's text
MANIFEST_TYPES = frozenset({"application/json", ""})
VCF_TYPES = frozenset({"text/x-vcf", "text/vcf", "text/plain", "application/gzip"})
OUTSIDE_TYPES = frozenset({"text/tab-separated-values"})
WITHDRAWN = "entered-in-error"
STATUSES = ("", "final", WITHDRAWN)
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, repr=False)
class Named:
    """Whose a genome is, and which sample of the patient's."""

    assigner: str
    identifier: str
    sample: str


@dataclass(frozen=True, slots=True)
class Reading:
    headers: Mapping[str, str]
    envelope: Envelope
    rules: Rules
    findings: Findings

    def time(self, text: str, path: str) -> datetime | None:
        return fhir_time(text, self.rules.zone, path) if text else None

    def sample(self, named: Named, *calls: str) -> GenomeSample:
        """Begin a sample by its names; that of `calls`, by their caller and only gene too.

        Raises:
            UnknownPatient: One of them is absent, or is a social security number.
            MalformedEvent: The status is none.
        """
        if not (named.assigner and named.identifier and named.sample):
            raise UnknownPatient(
                "a genome must name its patient's assigner, identifier, and sample"
            )
        keys, tenant = self.rules.keys, self.envelope.tenant
        identifier = Identifier("MR", named.assigner, named.identifier)
        record = medical_record([identifier], self.rules.assigners)
        patient = pseudonym(keys, tenant, record)
        self.findings.link(record_link(keys, tenant, patient, record))
        kind = "outside calls" if calls else "genome"
        name = (record.assigner, kind, record.number, named.sample, *calls)
        if (status := self.headers.get("ce_status", "")) not in STATUSES:
            raise MalformedEvent("ce_status must be final or entered-in-error")
        sent_at = self.time(self.headers.get("ce_time", ""), "ce_time")
        return GenomeSample(
            tenant=tenant,
            patient=patient,
            delivery_id=f"{self.envelope.delivery}/0",
            entity_id=entity_id(keys, tenant, *name),
            version=version_at(sent_at) if sent_at else self.envelope.receipt,
            recorded_at=self.envelope.recorded_at,
            sha256="",
            size=0,
            withdrawn=status == WITHDRAWN,
        )


def read_genome(
    value: bytes, headers: Mapping[str, str], envelope: Envelope, rules: Rules
) -> Findings:
    """Make the sample to be read of a manifest, a VCF, or a file of calls.

    Raises:
        Rejected: It names no patient, is malformed, or its address or size is not allowed.
    """
    reading = Reading(headers, envelope, rules, Findings())
    content_type = envelope.content_type
    if content_type in VCF_TYPES:
        sample = _of_vcf(value, reading)
    elif content_type in OUTSIDE_TYPES:
        sample = _of_calls(value, reading)
    elif content_type in MANIFEST_TYPES or content_type.endswith("+json"):
        sample = _of_manifest(parsed_json(value, "manifest"), reading)
    else:
        raise MalformedEvent("content-type is neither JSON, VCF nor tab-separated values")
    reading.findings.samples.append(sample)
    return reading.findings


def _of_manifest(manifest: Node, reading: Reading) -> GenomeSample:
    patient = manifest.node("patient")
    if patient is None:
        raise UnknownPatient("manifest.patient is required")
    status, uri = manifest.text("status"), manifest.text("uri")
    if status not in STATUSES:
        raise manifest.refusal("status", "must be final or entered-in-error")
    column_name = manifest.text("sample")
    named = Named(patient.text("assigner"), patient.text("identifier"), column_name)
    sample = reading.sample(named)
    rules, reference = reading.rules, GenomeReference(uri, column_name)
    allowed_address(uri, rules.genomes)
    return replace(
        sample,
        sha256=_sha256_of(manifest),
        size=_size_of(manifest),
        effective_at=reading.time(manifest.text("collected"), "manifest.collected"),
        withdrawn=sample.withdrawn or status == WITHDRAWN,
        sealed_uri=sealed_reference(rules.keys, sample.tenant, sample.patient, reference),
    )


def _named(reading: Reading) -> Named:
    names = ("ce_patientassigner", "ce_patientidentifier", "ce_sample")
    return Named(*(reading.headers.get(name, "") for name in names))


def _of_calls(value: bytes, reading: Reading) -> GenomeSample:
    """Take calls without names of samples and remarks; what they mean, genomics says."""
    file = read_outside(_text_of(value))
    if not file.caller:
        raise UnreadableCalls("calls say who made them, by a line '# caller: NAME'")
    outside_calls(file.stripped)
    calls = (file.caller, file.gene) if file.gene else (file.caller,)
    return replace(
        reading.sample(_named(reading), *calls),
        sha256=hashlib.sha256(value).hexdigest(),
        size=len(value),
        inline=file.stripped.encode(),
    )


def _of_vcf(value: bytes, reading: Reading) -> GenomeSample:
    named = _named(reading)
    sample = reading.sample(named)
    return replace(
        sample,
        sha256=hashlib.sha256(value).hexdigest(),
        size=len(value),
        inline=without_names(_text_of(value), named.sample).encode(),
    )


def _sha256_of(manifest: Node) -> str:
    sha256 = manifest.text("sha256")
    if not SHA256.fullmatch(sha256):
        raise manifest.refusal("sha256", "must be 64 hexadecimal digits")
    return sha256.lower()


def _size_of(manifest: Node) -> int:
    size = manifest.number("size")
    if size is None or size < 1 or size != int(size) or size >= 2**63:
        raise manifest.refusal("size", "must be a whole number of bytes, 1 at least")
    return int(size)


def _text_of(value: bytes) -> str:
    """Unpack a file, as far as it is allowed to be long."""
    text = value
    if value.startswith(GZIP):
        text = _unpacked(value)
    if len(text) > INLINE_LIMIT:
        raise RefusedGenome(f"an inline file has {INLINE_LIMIT} bytes at most; send its uri")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise MalformedEvent("the file is not in UTF-8") from fault


def _unpacked(value: bytes) -> bytes:
    """Unpack gzip or bgzip, member by member, and no more than one byte past the limit."""
    text, rest = b"", value
    try:
        while rest and len(text) <= INLINE_LIMIT:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            text += member.decompress(rest, INLINE_LIMIT + 1 - len(text))
            if not member.eof and len(text) <= INLINE_LIMIT:
                raise MalformedEvent("the file's gzip ends too early")
            rest = member.unused_data
    except zlib.error as fault:
        raise MalformedEvent("the file's gzip is broken") from fault
    return text
