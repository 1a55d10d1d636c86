"""What the operator tells the inference service."""

from pathlib import Path

from pydantic import Field

from epione.settings import KnowledgeAccess, LifeAccess, ServiceSettings, listed
from epione_inference.serving import CPU, Execution

# A batch is done well before liveness, 300 s, gives it up: tests/benchmarks/README.md.
MOST_LIVES = 50


class InferenceSettings(ServiceSettings, KnowledgeAccess, LifeAccess):
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
    batch_rows: int = Field(default=1024, ge=1, description="Of one run of a model, at most")
    batch_wait_ms: float = Field(
        default=0, ge=0, description="Of a run that is not full, for others' rows"
    )
    cuda_graphs: bool = Field(
        default=False, description="Only where all of a model's nodes run on CUDA"
    )
    models: str = Field(
        default="", description="Folder of the model's version, or a link to it; empty: the shipped"
    )
    shadow_models: str = Field(
        default="", description="The same of a candidate, whose answers are only compared"
    )
    shadow_knowledge: str = Field(
        default="", description="Folder of a candidate release of pharmacogenomics, only compared"
    )
    max_records: int = Field(
        default=500,
        ge=1,
        description=f"Of one batch of events; {MOST_LIVES} where a model of a life is served",
    )

    @property
    def records_at_once(self) -> int:
        return min(self.max_records, MOST_LIVES) if self.life_model else self.max_records

    @property
    def execution(self) -> Execution:
        return Execution(
            providers=tuple(listed(self.providers)),
            intra_op_threads=self.threads,
            runs_at_once=self.runs_at_once,
            rows_at_once=self.batch_rows,
            wait_s=self.batch_wait_ms / 1000,
            graphs=self.cuda_graphs,
        )

    @property
    def model_folder(self) -> Path | None:
        return Path(self.models) if self.models else None

    @property
    def shadow_model_folder(self) -> Path | None:
        return Path(self.shadow_models) if self.shadow_models else None
