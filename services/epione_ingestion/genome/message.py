"""A genome as it arrives: a manifest in JSON, or a VCF of 256 KiB at most, its patient in headers.

Manifest: `{"patient": {"assigner": …, "identifier": …}, "sample": …, "uri": …, "sha256": …,
"size": …}`, and where known `"collected"`, a FHIR dateTime, and `"status": "entered-in-error"` to
take a genome back. `sample` names the patient's column in the file.

Inline: `ce_patientassigner`, `ce_patientidentifier` and `ce_sample` say the same, CloudEvents
extension attributes; over HTTP `ce-patientassigner` …. The VCF is plain or gzip.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from epione.errors import MalformedEvent, RefusedGenome, UnknownPatient
from epione.genomes import GenomeReference, allowed_address, sealed_reference
from epione.identity import (
    Identifier,
    MedicalRecord,
    entity_id,
    medical_record,
    pseudonym,
    record_link,
)
from epione.timeline import SourceVersion
from epione.wire import GenomeSample
from epione_ingestion.envelope import Envelope, version_at
from epione_ingestion.findings import Findings
from epione_ingestion.genome.vcf_header import without_names
from epione_ingestion.node import Node, parsed_json
from epione_ingestion.rules import Rules
from epione_ingestion.times import fhir_time

INLINE_LIMIT = 262_144  # bytes, of the VCF's text
MANIFEST_TYPES = frozenset({"application/json", ""})
VCF_TYPES = frozenset({"text/x-vcf", "text/vcf", "text/plain", "application/gzip"})
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, repr=False)
class Named:
    """Whose a genome is, and which sample of the patient's."""

    assigner: str
    identifier: str
    sample: str


def read_genome(
    value: bytes, headers: Mapping[str, str], envelope: Envelope, rules: Rules
) -> Findings:
    """Make the sample to be read of a manifest or a VCF.

    Raises:
        Rejected: It names no patient, is malformed, or its address or size is not allowed.
    """
    findings = Findings()
    if envelope.content_type in VCF_TYPES:
        _read_inline(value, headers, envelope, rules, findings)
    elif envelope.content_type in MANIFEST_TYPES or envelope.content_type.endswith("+json"):
        _read_manifest(parsed_json(value, "manifest"), headers, envelope, rules, findings)
    else:
        raise MalformedEvent("content-type is neither JSON nor VCF")
    return findings


def _read_manifest(
    manifest: Node,
    headers: Mapping[str, str],
    envelope: Envelope,
    rules: Rules,
    findings: Findings,
) -> None:
    patient = manifest.node("patient")
    if patient is None:
        raise UnknownPatient("manifest.patient is required")
    named = Named(patient.text("assigner"), patient.text("identifier"), manifest.text("sample"))
    status = manifest.text("status")
    if status not in ("", "final", "entered-in-error"):
        raise manifest.refusal("status", "must be final or entered-in-error")
    collected = manifest.text("collected")
    sample = replace(
        _sample(named, headers, envelope, rules, findings),
        sha256=_sha256_of(manifest),
        size=_size_of(manifest),
        effective_at=fhir_time(collected, rules.zone, "manifest.collected") if collected else None,
        withdrawn=status == "entered-in-error",
    )
    uri = manifest.text("uri")
    allowed_address(uri, rules.genomes)
    reference = GenomeReference(uri, named.sample)
    sealed = sealed_reference(rules.keys, sample.tenant, sample.patient, reference)
    findings.samples.append(replace(sample, sealed_uri=sealed))


def _read_inline(
    value: bytes,
    headers: Mapping[str, str],
    envelope: Envelope,
    rules: Rules,
    findings: Findings,
) -> None:
    named = Named(
        headers.get("ce_patientassigner", ""),
        headers.get("ce_patientidentifier", ""),
        headers.get("ce_sample", ""),
    )
    sample = _sample(named, headers, envelope, rules, findings)
    text = without_names(_text_of(value), named.sample)
    findings.samples.append(
        replace(
            sample,
            sha256=hashlib.sha256(value).hexdigest(),
            size=len(value),
            inline=text.encode(),
        )
    )


def _sample(
    named: Named,
    headers: Mapping[str, str],
    envelope: Envelope,
    rules: Rules,
    findings: Findings,
) -> GenomeSample:
    """Begin a sample by its names; a genome must name assigner, identifier and sample."""
    if not (named.assigner and named.identifier and named.sample):
        raise UnknownPatient(
            "a genome must name its patient's assigner, identifier, and its sample"
        )
    identifier = Identifier("MR", named.assigner, named.identifier)
    record = medical_record([identifier], rules.assigners)
    patient = pseudonym(rules.keys, envelope.tenant, record)
    findings.link(record_link(rules.keys, envelope.tenant, patient, record))
    return GenomeSample(
        tenant=envelope.tenant,
        patient=patient,
        delivery_id=f"{envelope.delivery}/0",
        entity_id=_entity_of(record, named.sample, envelope, rules),
        version=_version_of(headers, envelope, rules),
        recorded_at=envelope.recorded_at,
        sha256="",
        size=0,
    )


def _entity_of(record: MedicalRecord, sample: str, envelope: Envelope, rules: Rules) -> str:
    return entity_id(rules.keys, envelope.tenant, record.assigner, "genome", record.number, sample)


def _version_of(headers: Mapping[str, str], envelope: Envelope, rules: Rules) -> SourceVersion:
    """Order this version of the genome among its others: by ce_time, else by its receipt."""
    stated = headers.get("ce_time", "")
    return version_at(fhir_time(stated, rules.zone, "ce_time")) if stated else envelope.receipt


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
    """Unpack a VCF, as far as it is allowed to be long."""
    text = value
    if value.startswith(GZIP):
        text = _unpacked(value)
    if len(text) > INLINE_LIMIT:
        raise RefusedGenome(f"an inline VCF has {INLINE_LIMIT} bytes at most; send its uri")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise MalformedEvent("the VCF is not in UTF-8") from fault


def _unpacked(value: bytes) -> bytes:
    """Unpack gzip or bgzip, member by member, and no more than one byte past the limit."""
    text, rest = b"", value
    try:
        while rest and len(text) <= INLINE_LIMIT:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            text += member.decompress(rest, INLINE_LIMIT + 1 - len(text))
            if not member.eof and len(text) <= INLINE_LIMIT:
                raise MalformedEvent("the VCF's gzip ends too early")
            rest = member.unused_data
    except zlib.error as fault:
        raise MalformedEvent("the VCF's gzip is broken") from fault
    return text
