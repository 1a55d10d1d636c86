"""What each service may do in Kafka; whatever is not here is denied. The only place it is said.

A service reads its topics as one consumer group, and may create the topics that it uses. Who sends
or reads from outside has no group.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from epione.messaging.topics import (
    ALL,
    AUDIT,
    CONSUMED,
    DEAD_REQUEUES,
    GENOME_SAMPLES,
    HOSPITAL_FHIR,
    HOSPITAL_GENOME,
    HOSPITAL_HL7V2,
    IDENTITY_LINKS,
    PATIENT_EVENTS,
    PATIENT_KEYS,
    PATIENT_PLANS,
    PATIENT_STATES,
    RECOMMENDATIONS,
    Topic,
    dead_letters_of,
)


class Operation(StrEnum):
    """As Kafka calls it."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"


class Resource(StrEnum):
    """As Kafka calls it."""

    TOPIC = "topic"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that one user may do, from any host."""

    user: str
    operation: Operation
    resource: Resource
    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """What one user may do. To read or write a topic is to see that it is there, too."""

    user: str
    reads: frozenset[Topic] = frozenset()
    writes: frozenset[Topic] = frozenset()
    group: str = ""

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All that it uses."""
        return tuple(topic for topic in ALL if topic in self.reads | self.writes)

    def grants(self) -> Iterator[Grant]:
        for topic in self.topics:
            if topic in self.reads:
                yield Grant(self.user, Operation.READ, Resource.TOPIC, topic.name)
            if topic in self.writes:
                yield Grant(self.user, Operation.WRITE, Resource.TOPIC, topic.name)
            if self.group:
                yield Grant(self.user, Operation.CREATE, Resource.TOPIC, topic.name)
        if self.group:
            yield Grant(self.user, Operation.READ, Resource.GROUP, self.group)


def _service(
    name: str, *, reads: set[Topic], writes: set[Topic], looks_at: frozenset[Topic] = frozenset()
) -> Access:
    """Give the access of a service, which writes the dead letters of what it reads.

    What it only looks at, outside of its group, has none: so the keys of patients, which every
    service makes, too.
    """
    dead = {dead_letters_of(topic) for topic in reads}
    read, written = reads | looks_at | {PATIENT_KEYS}, writes | dead | {PATIENT_KEYS}
    return Access(f"epione-{name}", frozenset(read), frozenset(written), f"epione.{name}")


_RAW = {HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME}

INGESTION = _service(
    "ingestion",
    reads=_RAW,
    writes=_RAW
    | {PATIENT_EVENTS, GENOME_SAMPLES, IDENTITY_LINKS, AUDIT},  # raw: what comes by HTTP
    looks_at=frozenset({IDENTITY_LINKS}),  # to say who a patient is, to who may ask
)
GENOMICS = _service("genomics", reads={GENOME_SAMPLES}, writes={PATIENT_EVENTS})
INFERENCE = _service(
    "inference",
    reads={PATIENT_EVENTS},
    writes={PATIENT_EVENTS, PATIENT_PLANS, RECOMMENDATIONS},  # events: time, and after a merge
    looks_at=frozenset({PATIENT_STATES, DEAD_REQUEUES}),  # the latter only to see it created
)
HOSPITAL = Access("epione-hospital", writes=frozenset(_RAW))
READER = Access(
    "epione-reader",
    reads=frozenset({PATIENT_EVENTS, PATIENT_PLANS, RECOMMENDATIONS, PATIENT_KEYS}),
)

OPERATOR = Access(  # replays, recalls, snapshots, dead letters, and who is forgotten
    "epione-operator",
    reads=frozenset(
        {
            *CONSUMED,
            *map(dead_letters_of, CONSUMED),
            PATIENT_PLANS,
            RECOMMENDATIONS,
            PATIENT_STATES,
            PATIENT_KEYS,
            DEAD_REQUEUES,
            AUDIT,
        }
    ),
    writes=frozenset(
        {*CONSUMED, IDENTITY_LINKS, PATIENT_STATES, PATIENT_KEYS, DEAD_REQUEUES, AUDIT}
    ),
)

USERS = (INGESTION, GENOMICS, INFERENCE, HOSPITAL, READER, OPERATOR)
