"""Every metric of Epione, by name; labels are closed vocabularies, never anything of a patient."""

from prometheus_client import Counter, Gauge

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
    "Parts of messages that are not used: resource, message and segment types by name",
    ["topic", "name"],
)
UNMAPPED = Counter(
    "epione_unmapped_codes_total", "Facts whose code no map makes a standard one", ["fact"]
)
UNCONVERTED = Counter(
    "epione_unconverted_total", "Quantities kept in a unit that their consumers do not read"
)
