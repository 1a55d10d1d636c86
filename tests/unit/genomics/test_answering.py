"""A genome on the stream becomes an entry of its patient's log."""

import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from tests.unit.pharmacogenomics.candidates import candidate
from tests.vaults import vault_on

from epione.errors import (
    DeadLetterFlood,
    MalformedEvent,
    RefusedGenome,
    UnreadableCalls,
    UnreadableGenome,
)
from epione.genomes import Allowed, GenomeReference, sealed_reference
from epione.identity import keys_of
from epione.messaging import PROTOBUF, MemoryLog, Record, attributes_of
from epione.messaging.topics import GENOME_SAMPLES, PATIENT_EVENTS
from epione.privacy import opened_records
from epione.timeline import GenomicFeatures, PatientEvent, SourceVersion, Status
from epione.wire import GenomeSample, event_from_wire, sample_to_wire
from epione_genomics.answering import answer_by, subscription

KEYS = keys_of("a secret of more than thirty-two characters")
NOWHERE = Allowed()
VCF = (
    b"##fileformat=VCFv4.2\n##reference=hg38\n"
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tmother\tchild\n"
    b"chr16\t31096368\t.\tC\tT\t.\tPASS\t.\tGT\t0/1\t1/1\n"
)
SAMPLE = GenomeSample(
    tenant="north",
    patient="p1",
    delivery_id="hospital.genome.v1/0/7/0",
    entity_id="e1",
    version=SourceVersion(5, 1),
    recorded_at=datetime(2026, 3, 1, tzinfo=UTC),
    effective_at=datetime(2026, 2, 1, tzinfo=UTC),
    sha256=hashlib.sha256(VCF).hexdigest(),
    size=len(VCF),
    column=0,
    inline=VCF,
)


HEADERS = (("content-type", PROTOBUF.encode()),)


def record_of(sample: GenomeSample, offset: int = 0) -> Record:
    return Record(GENOME_SAMPLES.name, 0, offset, b"north/p1", sample_to_wire(sample), HEADERS, 0)


def answered(sample: GenomeSample, allowed: Allowed = NOWHERE) -> PatientEvent:
    (message,) = answer_by(KEYS, allowed)(record_of(sample))
    return event_from_wire(message.value)


def features(event: PatientEvent) -> GenomicFeatures:
    assert isinstance(event.body, GenomicFeatures)
    return event.body


def test_a_genome_is_an_entry_of_its_patients_log() -> None:
    (message,) = answer_by(KEYS, NOWHERE)(record_of(SAMPLE))
    event = event_from_wire(message.value)

    assert (message.topic, message.key) == (PATIENT_EVENTS, b"north/p1")
    assert (event.tenant, event.patient, event.entity_id) == ("north", "p1", "e1")
    assert (event.version, event.status) == (SAMPLE.version, Status.FINAL)
    assert (event.recorded_at, event.effective_at) == (SAMPLE.recorded_at, SAMPLE.effective_at)
    assert event.delivery_id == SAMPLE.delivery_id


def test_the_entry_is_a_cloud_event_that_names_its_delivery() -> None:
    (message,) = answer_by(KEYS, NOWHERE)(record_of(SAMPLE))

    attributes = attributes_of(message.headers)

    assert attributes["ce_id"] == SAMPLE.delivery_id
    assert attributes["ce_source"] == "/epione/genomics"
    assert attributes["ce_type"] == "epione.v1.PatientEvent"


@pytest.mark.parametrize(
    ("of_sample", "of_genomics", "reading"), [(0, 0, 0), (5, 0, 5), (0, 7, 7), (5, 7, 7)]
)
def test_an_entry_says_when_the_genome_was_read_last(
    of_sample: int, of_genomics: int, reading: int
) -> None:
    sample = record_of(replace(SAMPLE, reading=of_sample))

    (message,) = answer_by(KEYS, NOWHERE, of_genomics)(sample)

    assert event_from_wire(message.value).reading == reading


@pytest.mark.parametrize(
    ("column", "phenotype"),
    [
        pytest.param(0, "-1639 AG", id="the mother's column"),
        pytest.param(1, "-1639 AA", id="the child's column"),
    ],
)
def test_the_patients_own_column_is_read(column: int, phenotype: str) -> None:
    (call,) = features(answered(replace(SAMPLE, column=column))).genes

    assert (call.gene, call.phenotypes) == ("VKORC1", (phenotype,))


def test_no_name_of_the_file_reaches_the_log() -> None:
    (message,) = answer_by(KEYS, NOWHERE)(record_of(SAMPLE))

    assert b"mother" not in message.value + b"".join(value for _, value in message.headers)


def test_a_withdrawn_genome_withdraws_the_entry_without_being_read() -> None:
    event = answered(replace(SAMPLE, withdrawn=True, inline=b""))

    assert event.status is Status.WITHDRAWN
    assert features(event).genes == ()
    assert event.version == SAMPLE.version


def test_a_sealed_address_is_opened_where_it_is_allowed(tmp_path: Path) -> None:
    content = gzip.compress(VCF)
    (tmp_path / "genome.vcf.gz").write_bytes(content)
    reference = GenomeReference(f"file://{tmp_path}/genome.vcf.gz", "child")
    sample = replace(
        SAMPLE,
        inline=b"",
        sealed_uri=sealed_reference(KEYS, "north", "p1", reference),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )

    event = answered(sample, Allowed(roots=(PurePosixPath(tmp_path),)))

    assert features(event).genes[0].phenotypes == ("-1639 AA",)
    with pytest.raises(RefusedGenome):
        answered(sample)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"not a genome", "not a VCF", id="another format"),
        pytest.param(VCF.replace(b"hg38", b"hg18"), "neither GRCh37 nor GRCh38", id="a build"),
        pytest.param(VCF[:-20], "truncated", id="cut off"),
    ],
)
def test_a_genome_that_cannot_be_read_is_rejected(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableGenome, match=reason):
        answered(replace(SAMPLE, inline=content))


def test_calls_of_another_caller_are_an_entry_too() -> None:
    found = features(answered(replace(SAMPLE, inline=b"# caller: Aldy\nCYP2D6\t*1/*4\n")))

    assert (found.build, found.sample_sha256) == ("", SAMPLE.sha256)
    assert [(call.gene, call.caller, call.activity_scores) for call in found.genes] == [
        ("CYP2D6", "Aldy", (1.0,))
    ]


def test_calls_that_cannot_be_read_are_rejected() -> None:
    with pytest.raises(UnreadableCalls, match="line 2"):
        answered(replace(SAMPLE, inline=b"# caller: Aldy\nCYP2D6\t1\n"))


def test_bytes_that_are_no_sample_are_rejected() -> None:
    record = Record(GENOME_SAMPLES.name, 0, 0, None, b"\xff", HEADERS, 0)

    with pytest.raises(MalformedEvent):
        answer_by(KEYS, NOWHERE)(record)


def test_the_same_genome_gives_the_same_bytes() -> None:
    answer = answer_by(KEYS, NOWHERE)

    assert answer(record_of(SAMPLE)) == answer(record_of(SAMPLE))


async def test_the_service_reads_samples_and_writes_patients_logs() -> None:
    log = MemoryLog()
    vault = vault_on(log)
    read = subscription(log, vault, KEYS, NOWHERE, flood=2)
    good, bad = record_of(SAMPLE), record_of(replace(SAMPLE, inline=b"not a genome"), offset=1)

    done = await read.step([good, bad])
    events = [record async for record in opened_records(log, vault, PATIENT_EVENTS)]

    assert (read.topic, read.group) == (GENOME_SAMPLES, "epione.genomics")
    assert getattr(done, "next_offset", None) == 2
    assert [event_from_wire(record.value).patient for record in events] == ["p1"]
    with pytest.raises(DeadLetterFlood):
        await read.step([bad, bad._replace(offset=2)])


def test_genes_are_called_by_the_release_that_is_served(tmp_path: Path) -> None:
    edit = ("genes/VKORC1.json", "-1639 AG", "-1639 of both")
    release = candidate(tmp_path, edit, name="2027-01")

    (message,) = answer_by(KEYS, NOWHERE, release=release)(record_of(SAMPLE))

    said = features(event_from_wire(message.value))
    assert said.knowledge_release == "2027-01"
    assert said.genes[0].phenotypes == ("-1639 of both",)
