"""All records of one person: those merged into one another, and where their facts were told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from epione.identity import patient_key
from epione.messaging import Log, topics
from epione.messaging.sealing import Sealing
from epione.privacy import KEY, opened_records
from epione.timeline import (
    PatientForgotten,
    Timeline,
    fold,
    members_of,
    survivor_of,
    survivors_ever,
)
from epione.wire import GenomeSample, sample_from_wire
from epione_inference.single import readable

# Of what is sealed, that which is kept: the rest is compacted, and has a tombstone in its place.
KEPT = [topic for topic in topics.SEALED if not topic.compacted]


@dataclass(slots=True)
class Person:
    """Records by pseudonym: retired ones first, the one that stands for all of them last."""

    tenant: str
    records: list[str] = field(default_factory=list)
    # By record, those that it was once merged into and that are someone else: they were told its
    # facts.
    told: dict[str, list[str]] = field(default_factory=dict)

    @property
    def keys(self) -> list[bytes]:
        return [patient_key(self.tenant, record).encode() for record in self.records]


async def person_of(log: Log, vault: Sealing, tenant: str, patient: str) -> Person:
    """Follow merges from a record, in both directions; of a record of which nothing is, nothing."""
    timelines: dict[str, Timeline] = {}
    left = [patient]
    while left:
        record = left.pop()
        timelines[record] = timeline = await _timeline(log, vault, tenant, record)
        survivor = survivor_of(timeline)
        family = {*members_of(timeline), *({survivor} if survivor else ())}
        left += sorted(family - timelines.keys() - set(left))
    known = {record: timeline for record, timeline in timelines.items() if timeline.reached}
    records = sorted(known, key=lambda record: survivor_of(known[record]) is None)
    told = {
        record: sorted(survivors_ever(timeline) - known.keys())
        for record, timeline in known.items()
    }
    return Person(tenant, records, {record: others for record, others in told.items() if others})


async def genomes_of(log: Log, vault: Sealing, keys: Iterable[bytes]) -> list[GenomeSample]:
    """Give every genome that was ever sent of these records."""
    return [
        sample_from_wire(record.value)
        for key in keys
        async for record in opened_records(log, vault, topics.GENOME_SAMPLES, key=key)
    ]


async def n_plain_of(log: Log, keys: Iterable[bytes]) -> int:
    """Count what was said of these records and never sealed: no key's end makes it unreadable.

    Release 0.1.0 sealed nothing, and others may write to patients' logs. What only says that a
    record was forgotten does not count.
    """
    found = [
        record
        for key in keys
        for topic in KEPT
        async for record in log.read(topic, key=key)
        if record.value and KEY not in dict(record.headers)
    ]
    forgets = [e for _, e in readable(found) if isinstance(e.body, PatientForgotten)]
    return len(found) - len(forgets)


async def _timeline(log: Log, vault: Sealing, tenant: str, record: str) -> Timeline:
    key = patient_key(tenant, record).encode()
    records = [each async for each in opened_records(log, vault, topics.PATIENT_EVENTS, key=key)]
    return fold(Timeline(tenant, record), (event for _, event in readable(records)))
