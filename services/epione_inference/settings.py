"""What the operator tells the inference service."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from epione.messaging import Layout
from epione_inference.sessions import CPU, Execution


class InferenceSettings(BaseSettings):
    """Read once, in `app.py`, from EPIONE_ variables."""

    model_config = SettingsConfigDict(env_prefix="EPIONE_", frozen=True, hide_input_in_errors=True)

    kafka: str = Field(description="Brokers, host:port, separated by commas")
    state: str = Field(description="redis:// address of the Redis of state, which evicts nothing")
    cache: str = Field(
        default="", description="redis:// address of the results cache; empty for none"
    )
    namespace: str = Field(
        default="live", description="Of the state: another one replays the whole log"
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
    partitions: int = Field(default=Layout().partitions, description="Of every topic")
    replication: int = Field(default=Layout().replication, description="Of every topic")
    min_in_sync: int = Field(
        default=Layout().min_in_sync, description="Replicas that must have a message"
    )

    @property
    def layout(self) -> Layout:
        return Layout(self.partitions, self.replication, self.min_in_sync)

    @property
    def execution(self) -> Execution:
        providers = tuple(name.strip() for name in self.providers.split(",") if name.strip())
        return Execution(providers, self.threads, self.runs_at_once)
