"""Every metric of Epione, by name; labels are closed vocabularies, never anything of a patient."""

from enum import StrEnum

from prometheus_client import Counter, Gauge, Histogram

# fmt: off
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_AGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400)
_MESSAGES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
# fmt: on


class Stage(StrEnum):
    """What a batch goes through, in this order; a stateless one is answered, a stateful folded."""

    WAITED = "waited"  # its oldest message, in the log
    ANSWERED = "answered"
    DECODED = "decoded"
    READ = "read"  # states, from Redis
    FOLDED = "folded"
    WRITTEN = "written"  # states, outbox and position, to Redis
    PUBLISHED = "published"
    COMMITTED = "committed"


class Part(StrEnum):
    """What is outside of a service."""

    KAFKA = "kafka"
    STATE = "state"
    CACHE = "cache"


# Reading a topic.
LAG = Gauge(
    "epione_lag_messages",
    "Messages of a partition that are not done with: its end minus the position of who holds it",
    ["topic", "partition"],
)
HELD = Gauge("epione_partitions_held", "Partitions that this process reads", ["topic"])
REBALANCES = Counter("epione_rebalances_total", "Times that partitions were dealt anew", ["topic"])
MESSAGES_IN = Counter("epione_messages_in_total", "Messages that were done with", ["topic"])
BATCH = Histogram("epione_batch_messages", "Messages of a batch", ["topic"], buckets=_MESSAGES)
STAGE_SECONDS = Histogram(
    "epione_stage_seconds", "What a batch took, by stage", ["topic", "stage"], buckets=_SECONDS
)
AGAIN = Counter(
    "epione_batches_again_total", "Batches that were given up, to be read again", ["topic"]
)
NOT_COMMITTED = Counter(
    "epione_commits_failed_total", "Batches whose offsets Kafka did not take", ["topic"]
)

# What came of it.
MESSAGES_OUT = Counter(
    "epione_messages_out_total", "Messages that every replica in sync has taken", ["topic"]
)
AGE = Histogram(
    "epione_answer_age_seconds",
    "From when the log took a hospital's message to when the plan that knows it was published",
    buckets=_AGES,
)
DEAD_LETTERS = Counter(
    "epione_dead_letters_total",
    "Messages that can never succeed: by topic, service and kind of fault",
    ["topic", "service", "fault"],
)

# What is outside.
REACHABLE = Gauge("epione_reachable", "1 where a part answers in time, 0 where not", ["part"])
RETRIES = Counter("epione_retries_total", "Waits for something outside, by fault", ["fault"])
STATE_ERRORS = Counter(
    "epione_state_errors_total", "Calls that the Redis of state failed, by fault", ["fault"]
)
SPANS_DROPPED = Counter("epione_spans_dropped_total", "Spans that no collector took")

# Inference: risks that were asked, by whether they were in the results cache.
RESULTS = Counter(
    "epione_results_total",
    "Results of a model: hit, miss, or down (the cache did not answer)",
    ["model", "outcome"],
)
PROVIDER = Gauge(
    "epione_model_provider",
    "The execution provider that a model runs on: 1",
    ["model", "version", "provider"],
)

# Ingestion: what of the hospitals' messages no plan can use. Codes one by one: `epione unmapped`.
UNUSED = Counter(
    "epione_unused_total",
    "Parts of messages that are not used: types of resources, messages and segments by name",
    ["topic", "name"],
)
UNMAPPED = Counter(
    "epione_unmapped_codes_total", "Facts whose code no map makes a standard one", ["fact"]
)
UNCONVERTED = Counter(
    "epione_unconverted_total", "Quantities kept in a unit that their consumers do not read"
)

# Inference: versions of models, and candidates that answer beside what is live.
MODEL_LOADS = Counter(
    "epione_model_loads_total",
    "Versions of a model that were found: taken into use, or refused",
    ["role", "outcome"],  # live or shadow
)
SHADOW_COMPARED = Counter(
    "epione_shadow_compared_total",
    "Answers of the model, or plans by the knowledge, that a candidate was held against: equal, "
    "different, dropped (it was behind), failed",
    ["candidate", "outcome"],  # model or knowledge
)
SHADOW_DIFFERENCE = Histogram(
    "epione_shadow_difference",
    "Largest difference of a number in an answer of a candidate model, where there is any",
    ["model", "version"],
    buckets=(1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
)
SHADOW_RECOMMENDATIONS = Counter(
    "epione_shadow_recommendations_total",
    "Recommendations that plans by a candidate knowledge release add, remove or change",
    ["subject", "difference"],  # a drug or a gene's test, of those that the releases name
)

# Forgotten patients: what is left of them, and what is said of them again.
ERASED = Counter(
    "epione_erased_total", "Records passed over, since their patient's key was destroyed", ["topic"]
)
FORGOTTEN = Counter(
    "epione_forgotten_total", "Messages left out, since their patient was forgotten", ["topic"]
)
