"""Every topic of Epione, with its partitions, retention and cleanup. The only place they are named.

A service refuses to start on a partition count that is not the one it is told (`EPIONE_PARTITIONS`;
by default the one written here): keys would move, and a patient's order would be lost.
"""

from dataclasses import dataclass

DAY_MS = 86_400_000
FOREVER = -1
MAX_MESSAGE_BYTES = 1_000_000  # of key and value; Kafka's own default limit, less room for headers
HEADERS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    retention_ms: int = FOREVER
    compacted: bool = False
    max_bytes: int = MAX_MESSAGE_BYTES + HEADERS_BYTES  # of a message as Kafka counts it


@dataclass(frozen=True, slots=True)
class Layout:
    """How every topic is laid out. One broker alone needs `replication` and `min_in_sync` of 1."""

    partitions: int = 6
    replication: int = 3
    min_in_sync: int = 2


HOSPITAL_FHIR = Topic("hospital.fhir.v1", 30 * DAY_MS)
HOSPITAL_HL7V2 = Topic("hospital.hl7v2.v1", 30 * DAY_MS)
HOSPITAL_GENOME = Topic("hospital.genome.v1", 30 * DAY_MS)
PATIENT_EVENTS = Topic("patient.events.v1")
GENOME_SAMPLES = Topic("genome.samples.v1")
PATIENT_PLANS = Topic("patient.plans.v1", compacted=True)
RECOMMENDATIONS = Topic("recommendations.v1")
# What inference keeps of each patient, as it stood at a time: a lost state is made again from this
# and the log after it. It has no bound but its patient's history.
PATIENT_STATES = Topic("patient.states.v1", compacted=True, max_bytes=16 * 1024 * 1024)
DEAD_REQUEUES = Topic("dead.requeues.v1", compacted=True)  # which dead letters were sent again
IDENTITY_LINKS = Topic("identity.links.v1", compacted=True)

CONSUMED = (HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME, PATIENT_EVENTS, GENOME_SAMPLES)


def dead_letters_of(topic: Topic) -> Topic:
    """Give the topic for messages of `topic` that can never succeed."""
    name = f"{topic.name}.dead.v1"
    # The original, however long, and what is said of it beside.
    return Topic(name, topic.retention_ms, max_bytes=topic.max_bytes + HEADERS_BYTES)


ALL = (
    *CONSUMED,
    PATIENT_PLANS,
    RECOMMENDATIONS,
    PATIENT_STATES,
    DEAD_REQUEUES,
    IDENTITY_LINKS,
    *(dead_letters_of(topic) for topic in CONSUMED),
)
