"""What the operator tells the ingestion service."""

from datetime import tzinfo
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from epione.errors import Misconfigured
from epione.genomes import Allowed
from epione.identity import Assigners, keys_of
from epione.messaging import Layout
from epione_ingestion.maps import read_maps
from epione_ingestion.rules import Rules


class IngestionSettings(BaseSettings):
    """Read once, in `app.py`, from EPIONE_ variables."""

    model_config = SettingsConfigDict(env_prefix="EPIONE_", frozen=True, hide_input_in_errors=True)

    kafka: str = Field(description="Brokers, host:port, separated by commas")
    secret: SecretStr = Field(description="Shared by all services; names patients, seals addresses")
    tenant: str = Field("default", description="Of messages whose headers name none")
    source: str = Field("", description="Likewise: a FHIR server's base, or an HL7 sender's name")
    zone: str = Field("", description="IANA time zone of times without one; empty refuses them")
    assigners: str = Field(
        "", description="Assigning authorities, the preferred first, as name or name=used name"
    )
    maps: str = Field("", description="Files that map codes, CSV or ConceptMap, by commas")
    genome_hosts: str = Field("", description="Hosts to fetch from by https, separated by commas")
    genome_roots: str = Field("", description="Absolute folders to read, separated by commas")
    http_host: str = Field("127.0.0.1", description="Address to listen on")
    http_port: int = Field(8080, description="Port to listen on")
    partitions: int = Field(Layout().partitions, description="Of every topic")
    replication: int = Field(Layout().replication, description="Of every topic")
    min_in_sync: int = Field(Layout().min_in_sync, description="Replicas that must have a message")

    @property
    def layout(self) -> Layout:
        return Layout(self.partitions, self.replication, self.min_in_sync)


def rules_of(settings: IngestionSettings) -> Rules:
    """Make the rules that the settings say, maps read.

    Raises:
        Misconfigured: The secret is too short, a zone is unknown, or a map cannot be read.
    """
    return Rules(
        keys=keys_of(settings.secret.get_secret_value()),
        tenant=settings.tenant,
        source=settings.source,
        zone=_zone(settings.zone),
        assigners=_assigners(settings.assigners),
        maps=read_maps(Path(name) for name in _listed(settings.maps)),
        genomes=Allowed(
            frozenset(host.lower() for host in _listed(settings.genome_hosts)),
            tuple(PurePosixPath(root) for root in _listed(settings.genome_roots)),
        ),
    )


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise Misconfigured(
            f"EPIONE_ZONE: {name=} is no time zone that this machine knows"
        ) from fault


def _assigners(text: str) -> Assigners:
    """Read "http://hospital.example/mrn,MAIN=http://hospital.example/mrn"."""
    pairs = [entry.rpartition("=") for entry in _listed(text)]
    return Assigners(
        synonyms={synonym: used for synonym, _, used in pairs if synonym},
        preferred=tuple(dict.fromkeys(used for _, _, used in pairs)),
    )


def _listed(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]
