"""What the stream asks of genomics: for each genome, an entry of its patient's log."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from epione.genomes import Allowed, opened_genome
from epione.identity import Keys
from epione.medicine.pharmacogenomics import MARK, PINNED, name_of
from epione.messaging import (
    PROTOBUF,
    Log,
    Message,
    Record,
    Subscription,
    answering,
    content_type_of,
)
from epione.messaging.dead_letter import FLOOD
from epione.messaging.sealing import Sealing
from epione.messaging.topics import GENOME_SAMPLES
from epione.patient_message import event_message
from epione.timeline import GenomicFeatures, PatientEvent, Status
from epione.wire import GenomeSample, sample_from_wire
from epione_genomics.features import features_of, genome_of, outside_features_of
from epione_genomics.text import text_of

STAGE = "genomics"
GROUP = f"epione.{STAGE}"
SOURCE = "/epione/genomics"
# A whole genome, fetched and read, may take most of a minute, and a batch that outlasts the poll
# interval of 5 comes again and again.
MAX_RECORDS = 5


def subscription(
    log: Log,
    vault: Sealing,
    keys: Keys,
    allowed: Allowed,
    reading: int = 0,
    flood: int = FLOOD,
    release: Path = PINNED,
) -> Subscription:
    """Read `genome.samples.v1`, and tell patients' logs what the genomes say."""
    step = answering(
        answer_by(keys, allowed, reading, release),
        log,
        GENOME_SAMPLES,
        stage=STAGE,
        vault=vault,
        flood=flood,
        in_thread=True,
    )
    return Subscription(GENOME_SAMPLES, GROUP, step, max_records=MAX_RECORDS)


def answer_by(
    keys: Keys, allowed: Allowed, reading: int = 0, release: Path = PINNED
) -> Callable[[Record], tuple[Message, ...]]:
    """Make the answer for records of `genome.samples.v1`, as `epione.messaging.answering` asks it.

    Args:
        keys: Open the sealed addresses.
        allowed: From where a genome may be read.
        reading: Of samples that are read again, when (ms since 1970 UTC).
        release: Of knowledge, by its folder.
    """

    def answer(record: Record) -> tuple[Message, ...]:
        sample = sample_from_wire(record.value, content_type_of(record.headers) or PROTOBUF)
        sample = replace(sample, reading=max(sample.reading, reading))
        if sample.withdrawn:
            withdrawn = _event(sample, _nothing(sample, release), Status.WITHDRAWN)
            return (event_message(withdrawn, SOURCE),)
        called = _event(sample, _features(sample, keys, allowed, release), Status.FINAL)
        return (event_message(called, SOURCE),)

    return answer


def _features(sample: GenomeSample, keys: Keys, allowed: Allowed, release: Path) -> GenomicFeatures:
    """Read a VCF, or what ingestion left of a file of another caller."""
    if sample.inline.startswith(MARK.encode()):
        return outside_features_of(sample.inline.decode(), sample.sha256, release)
    with opened_genome(sample, keys, allowed) as opened:
        column = sample.column if opened.column_name is None else opened.column_name
        genome = genome_of(text_of(opened.file), column, release)
    return features_of(genome, sample.sha256, release)


def _nothing(sample: GenomeSample, release: Path) -> GenomicFeatures:
    return GenomicFeatures(sample.sha256, build="", knowledge_release=name_of(release), genes=())


def _event(sample: GenomeSample, features: GenomicFeatures, status: Status) -> PatientEvent:
    return PatientEvent(
        tenant=sample.tenant,
        patient=sample.patient,
        delivery_id=sample.delivery_id,
        entity_id=sample.entity_id,
        version=sample.version,
        status=status,
        recorded_at=sample.recorded_at,
        effective_at=sample.effective_at,
        body=features,
        reading=sample.reading,
    )
