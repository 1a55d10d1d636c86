"""What the operator tells the genomics service."""

from pathlib import PurePosixPath

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from epione.genomes import Allowed
from epione.messaging import Layout


class GenomicsSettings(BaseSettings):
    """Read once, in `app.py`, from EPIONE_ variables."""

    model_config = SettingsConfigDict(env_prefix="EPIONE_", frozen=True, hide_input_in_errors=True)

    kafka: str = Field(description="Brokers, host:port, separated by commas")
    secret: SecretStr = Field(description="Shared by all services; opens sealed addresses")
    genome_hosts: str = Field(
        default="", description="Hosts to fetch from by https, separated by commas"
    )
    genome_roots: str = Field(
        default="", description="Absolute folders to read, separated by commas"
    )
    partitions: int = Field(default=Layout().partitions, description="Of every topic")
    replication: int = Field(default=Layout().replication, description="Of every topic")
    min_in_sync: int = Field(
        default=Layout().min_in_sync, description="Replicas that must have a message"
    )

    @property
    def allowed(self) -> Allowed:
        return Allowed(
            frozenset(host.lower() for host in _listed(self.genome_hosts)),
            tuple(PurePosixPath(root) for root in _listed(self.genome_roots)),
        )

    @property
    def layout(self) -> Layout:
        return Layout(self.partitions, self.replication, self.min_in_sync)


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]
