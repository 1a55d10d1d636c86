"""What the operator tells the inference service."""

from pydantic import Field

from epione.settings import ServiceSettings, listed
from epione_inference.sessions import CPU, Execution


class InferenceSettings(ServiceSettings):
    """Read once, in `app.py`, from EPIONE_ variables."""

    state: str = Field(
        repr=False,  # it may hold a password
        description="redis:// or rediss:// address of the Redis of state, which evicts nothing",
    )
    cache: str = Field(
        default="",
        repr=False,
        description="redis:// or rediss:// address of the results cache; empty for none",
    )
    namespace: str = Field(
        default="", description="Of the state, for good; empty: the one that is live (`replay`)"
    )
    epoch: int = Field(
        default=0, ge=0, description="Generation of the log; raise it with a new log"
    )
    providers: str = Field(
        default=CPU, description="ONNX execution providers; every one must be had"
    )
    threads: int = Field(default=1, ge=1, description="Of one run of a model")
    runs_at_once: int = Field(default=2, ge=1, description="Runs of models at the same time")
    max_records: int = Field(default=500, ge=1, description="Of one batch of events")

    @property
    def execution(self) -> Execution:
        return Execution(tuple(listed(self.providers)), self.threads, self.runs_at_once)
