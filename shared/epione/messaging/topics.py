"""Every topic of Epione, with its partitions, retention and cleanup. The only place they are named.

A service refuses to start on a partition count that is not the one it is told (`EPIONE_PARTITIONS`;
by default the one written here): keys would move, and a patient's order would be lost.
"""

from dataclasses import dataclass

MINUTE_MS = 60_000
DAY_MS = 86_400_000
FOREVER = -1
UNCOMPACTED_MS = DAY_MS  # of plans: as long as `state.SUSPECTED_S`
MAX_MESSAGE_BYTES = 1_000_000  # of key and value; Kafka's own default limit, less room for headers
HEADERS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    retention_ms: int = FOREVER
    compacted: bool = False
    max_bytes: int = MAX_MESSAGE_BYTES + HEADERS_BYTES  # of a message as Kafka counts it
    sealed: bool = False  # its values are encrypted by keys of their patients (epione.privacy)
    extra: tuple[tuple[str, str], ...] = ()  # more of Kafka's settings of a topic


@dataclass(frozen=True, slots=True)
class Layout:
    """How every topic is laid out. One broker alone needs `replication` and `min_in_sync` of 1."""

    partitions: int = 6
    replication: int = 3
    min_in_sync: int = 2


HOSPITAL_FHIR = Topic("hospital.fhir.v1", 30 * DAY_MS)
HOSPITAL_HL7V2 = Topic("hospital.hl7v2.v1", 30 * DAY_MS)
HOSPITAL_GENOME = Topic("hospital.genome.v1", 30 * DAY_MS)
PATIENT_EVENTS = Topic("patient.events.v1", sealed=True)
GENOME_SAMPLES = Topic("genome.samples.v1", sealed=True)
# A process that was frozen may publish an older plan after a newer one. The newest is published
# again when another takes its place: until then, both are to stand.
PATIENT_PLANS = Topic(
    "patient.plans.v1",
    compacted=True,
    sealed=True,
    extra=(("min.compaction.lag.ms", str(UNCOMPACTED_MS)),),
)
RECOMMENDATIONS = Topic("recommendations.v1", sealed=True)
# What inference keeps of each patient, as it stood at a time, sealed as Redis holds it: a lost
# state is made again from this and the log after it. It has no bound but its patient's history.
PATIENT_STATES = Topic("patient.states.v1", compacted=True, max_bytes=16 * 1024 * 1024)
DEAD_REQUEUES = Topic("dead.requeues.v1", compacted=True)  # which dead letters were sent again
IDENTITY_LINKS = Topic("identity.links.v1", compacted=True, sealed=True)
# Wrapped keys of patients. A key that is destroyed is to leave the disks soon: the next message
# after ten minutes closes its segment (`epione.privacy.pulse` sees to it that one comes), which is
# then cleaned, however little there is to clean.
PATIENT_KEYS = Topic(
    "patient.keys.v1",
    compacted=True,
    extra=(
        ("segment.ms", str(10 * MINUTE_MS)),
        ("min.cleanable.dirty.ratio", "0.001"),
        ("max.compaction.lag.ms", str(60 * MINUTE_MS)),
        ("delete.retention.ms", str(60 * MINUTE_MS)),
        ("file.delete.delay.ms", "1000"),
    ),
)
AUDIT = Topic("audit.v1")

CONSUMED = (HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME, PATIENT_EVENTS, GENOME_SAMPLES)


DEAD_END = ".dead.v1"


def dead_letters_of(topic: Topic) -> Topic:
    """Give the topic for messages of `topic` that can never succeed."""
    name = topic.name + DEAD_END
    # The original, however long, and what is said of it beside.
    return Topic(name, topic.retention_ms, max_bytes=topic.max_bytes + HEADERS_BYTES)


ALL = (
    *CONSUMED,
    PATIENT_PLANS,
    RECOMMENDATIONS,
    PATIENT_STATES,
    DEAD_REQUEUES,
    IDENTITY_LINKS,
    PATIENT_KEYS,
    AUDIT,
    *(dead_letters_of(topic) for topic in CONSUMED),
)
# Whose values stand sealed: a dead letter is kept as it was.
SEALED = (
    *(topic for topic in ALL if topic.sealed),
    *(dead_letters_of(topic) for topic in CONSUMED if topic.sealed),
)
