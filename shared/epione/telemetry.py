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
