import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from tests.unit.ingestion.given import KEYS, MRN, PATIENT, RECEIVED, RULES, Json, on_topic, record

from epione.errors import (
    MalformedEvent,
    RefusedGenome,
    Rejected,
    UnknownPatient,
    UnreadableCalls,
)
from epione.genomes import Allowed, GenomeReference, opened_reference
from epione.messaging import Record, topics
from epione.wire import GenomeSample, sample_from_wire
from epione_ingestion import translate

GENOMES = replace(RULES, genomes=Allowed(roots=(PurePosixPath("/genomes"),)))
SHA256 = "ab" * 32
MANIFEST: Json = {
    "patient": {"assigner": MRN, "identifier": "12345"},
    "sample": "COLE_VITO",
    "uri": "file:///genomes/cole.vcf.gz",
    "sha256": SHA256,
    "size": 1000,
}
NAMED = {"ce_patientassigner": MRN, "ce_patientidentifier": "12345", "ce_sample": "COLE_VITO"}
VCF = (
    b"##fileformat=VCFv4.2\n"
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tCOLE_VITO\n"
    b"chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t0/1\n"
)


def manifest(offset: int = 0, headers: dict[str, str] | None = None, **elements: object) -> Record:
    value = json.dumps({**MANIFEST, **elements}).encode()
    sent = {"content-type": "application/json", **(headers or {})}
    return record(topics.HOSPITAL_GENOME.name, value, offset, sent)


def inline(value: bytes = VCF, **headers: str) -> Record:
    sent = {"content-type": "text/x-vcf", **NAMED, **headers}
    return record(topics.HOSPITAL_GENOME.name, value, 0, sent)


def calls(value: bytes = b"# caller: Aldy\nCYP2D6\t*1/*4\n", **headers: str) -> Record:
    sent = {"content-type": "text/tab-separated-values", **NAMED, **headers}
    return record(topics.HOSPITAL_GENOME.name, value, 0, sent)


def sample(of: Record) -> GenomeSample:
    (message,) = on_topic(translate(of, GENOMES).messages, topics.GENOME_SAMPLES)
    assert message.key == f"north/{PATIENT}".encode()
    return sample_from_wire(message.value)


def test_a_manifest_becomes_a_sample_whose_address_is_sealed() -> None:
    found = sample(manifest())

    assert (found.patient, found.sha256, found.size) == (PATIENT, SHA256, 1000)
    assert b"cole" not in found.sealed_uri
    assert opened_reference(KEYS, found) == GenomeReference(
        "file:///genomes/cole.vcf.gz", "COLE_VITO"
    )


def test_a_manifest_may_say_when_the_sample_was_taken() -> None:
    assert sample(manifest(collected="2026-01-02")).effective_at == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_genome_entered_in_error_is_a_later_version_of_the_same_sample() -> None:
    first = sample(manifest(1))
    withdrawn = sample(manifest(2, status="entered-in-error"))

    assert withdrawn.withdrawn
    assert withdrawn.entity_id == first.entity_id
    assert withdrawn.version > first.version


@pytest.mark.parametrize("sent", [inline, calls], ids=["genome", "calls"])
def test_an_inline_file_is_taken_back_by_a_header(sent: Callable[..., Record]) -> None:
    first = sample(sent())
    withdrawn = sample(sent(ce_status="entered-in-error")._replace(offset=1))

    assert (first.withdrawn, withdrawn.withdrawn) == (False, True)
    assert withdrawn.entity_id == first.entity_id
    assert withdrawn.version > first.version


def test_a_manifest_is_taken_back_by_the_header_too() -> None:
    assert sample(manifest(headers={"ce_status": "entered-in-error"})).withdrawn


def test_versions_are_ordered_by_the_sender_s_time_where_it_gives_one() -> None:
    late = sample(manifest(1, {"ce_time": "2026-01-02T00:00:00Z"}))
    early = sample(manifest(2, {"ce_time": "2026-01-01T00:00:00Z"}))

    assert early.version < late.version


def test_another_sample_of_the_patient_is_another_fact() -> None:
    assert sample(manifest(sample="SALIVA")).entity_id != sample(manifest()).entity_id


def test_an_inline_genome_is_kept_without_names() -> None:
    found = sample(inline())

    assert found.inline == VCF.replace(b"COLE_VITO", b"S1")
    assert (found.sha256, found.size) == (hashlib.sha256(VCF).hexdigest(), len(VCF))
    assert found.column == 0
    assert found.recorded_at == RECEIVED


def test_an_inline_genome_may_be_compressed_in_blocks() -> None:
    blocks = gzip.compress(VCF[:40]) + gzip.compress(VCF[40:])

    assert sample(inline(blocks)).inline == VCF.replace(b"COLE_VITO", b"S1")


def test_an_inline_genome_of_256_kib_is_taken_and_one_byte_more_is_not() -> None:
    padding = b"chr1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/0\n"
    n, rest = divmod(262_144 - len(VCF), len(padding))
    whole = VCF + n * padding + b"\n" * rest

    assert len(whole) == 262_144
    assert sample(inline(whole))
    with pytest.raises(RefusedGenome, match="262144 bytes at most"):
        translate(inline(whole + b"\n"), GENOMES)


def test_calls_are_known_by_sample_and_caller() -> None:
    aldy, other = sample(calls()), sample(calls(b"# caller: Panel\nCYP2D6\t*1/*4\n"))

    assert aldy.inline == b"# caller: Aldy\nCYP2D6\t*1/*4\n"
    assert aldy.size == len(aldy.inline)
    assert len({aldy.entity_id, other.entity_id, sample(inline()).entity_id}) == 3
    assert sample(calls(b"# caller: Aldy\nHLA-B\t*57:01/*08:01\n")).entity_id == aldy.entity_id


def test_calls_of_a_file_that_names_its_only_gene_are_known_by_it_too() -> None:
    cyp2d6 = sample(calls(b"# gene: CYP2D6\nCOLE_VITO\t*4/*4\n"))
    cyp2c19 = sample(calls(b"# gene: CYP2C19\nCOLE_VITO\t*2/*2\n"))
    corrected = sample(calls(b"# gene: CYP2D6\nCOLE_VITO\t*1/*4\n"))
    whole = sample(calls(b"# caller: StellarPGx\nCYP2D6\t*4/*4\n"))

    assert corrected.entity_id == cyp2d6.entity_id
    assert len({cyp2d6.entity_id, cyp2c19.entity_id, whole.entity_id}) == 3


def test_a_genome_that_unpacks_without_end_is_refused_at_the_limit() -> None:
    with pytest.raises(RefusedGenome, match="262144 bytes at most"):
        translate(inline(gzip.compress(b"\0" * 100_000_000)), GENOMES)


@pytest.mark.parametrize(
    ("given", "error", "reason"),
    [
        pytest.param(
            manifest(patient=None), UnknownPatient, "patient is required", id="no patient"
        ),
        pytest.param(
            manifest(patient={"identifier": "12345"}), UnknownPatient, "assigner", id="no assigner"
        ),
        pytest.param(
            manifest(patient={"assigner": MRN}), UnknownPatient, "identifier", id="no identifier"
        ),
        pytest.param(manifest(sample=""), UnknownPatient, "sample", id="no sample"),
        pytest.param(
            manifest(patient={"assigner": "USSSA", "identifier": "1"}),
            UnknownPatient,
            "no identifier",
            id="a social security number",
        ),
        pytest.param(manifest(uri="file:///etc/passwd"), RefusedGenome, "folder", id="a folder"),
        pytest.param(manifest(uri=None), RefusedGenome, "uri must be", id="no address"),
        pytest.param(manifest(sha256="12"), MalformedEvent, "sha256 must be", id="a checksum"),
        pytest.param(manifest(size=0), MalformedEvent, "size must be", id="nothing to read"),
        pytest.param(manifest(size=1.5), MalformedEvent, "size must be", id="half a byte"),
        pytest.param(manifest(status="gone"), MalformedEvent, "status must be", id="a status"),
        pytest.param(manifest(collected="x"), MalformedEvent, "manifest.collected", id="a time"),
        pytest.param(inline(ce_sample=""), UnknownPatient, "and sample", id="inline of no sample"),
        pytest.param(inline(b"COLE"), MalformedEvent, "starts with", id="inline of no VCF"),
        pytest.param(inline(b"\xff"), MalformedEvent, "not in UTF-8", id="inline of no text"),
        pytest.param(inline(b"\x1f\x8bCOLE"), MalformedEvent, "gzip", id="broken gzip"),
        pytest.param(
            inline(gzip.compress(VCF)[:-9]), MalformedEvent, "ends too early", id="cut gzip"
        ),
        pytest.param(
            calls(ce_status="gone"), MalformedEvent, "ce_status must be", id="calls of a status"
        ),
        pytest.param(calls(ce_sample=""), UnknownPatient, "and sample", id="calls of no sample"),
        pytest.param(
            calls(b"CYP2D6\t*1/*4"), UnreadableCalls, "say who made them", id="of no caller"
        ),
        pytest.param(
            calls(b"# caller: Aldy\nCOLE\t*1/*4"), UnreadableCalls, "line 2", id="of no gene"
        ),
        pytest.param(
            calls(b"# caller: Aldy\nCYP2D6\tCOLE"), UnreadableCalls, "two strands", id="unread"
        ),
        pytest.param(
            calls(b"# caller: Aldy\nHLA-B\t\tVito Cole born 1970"),
            UnreadableCalls,
            "the phenotype of HLA-B",
            id="a name for a phenotype",
        ),
        pytest.param(
            calls(b"# caller: Aldy\nCYP2C9\t*2 Vito Cole/*1"),
            UnreadableCalls,
            "an allele of CYP2C9",
            id="a name in an allele",
        ),
        pytest.param(
            record(topics.HOSPITAL_GENOME.name, VCF, 0, {"content-type": "image/png"}),
            MalformedEvent,
            "neither JSON, VCF nor tab-separated values",
            id="another content",
        ),
    ],
)
def test_a_genome_at_fault_is_refused_in_words(
    given: Record, error: type[Rejected], reason: str
) -> None:
    with pytest.raises(error, match=reason) as refusal:
        translate(given, GENOMES)

    assert "12345" not in str(refusal.value)
    assert "cole" not in str(refusal.value).lower()
