"""Settings of services, from EPIONE_ variables; one that is misspelt is an error."""

import difflib
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import RELEASE, release_named
from epione.messaging.dead_letter import FLOOD
from epione.messaging.security import KafkaSecurity, Mechanism
from epione.messaging.topics import Layout
from epione.privacy import VaultKeys

PREFIX = "EPIONE_"
SHORTEST_SESSION_S = 6.0  # Kafka's group.min.session.timeout.ms, at its default
LONGEST_SESSION_S = 1800.0  # and group.max.session.timeout.ms
LIKENESS = 0.8  # of difflib's ratio: "KAFAK" is meant to be "KAFKA", "TEST_KAFKA" is not
ALIKE = frozenset({"TOKEN", "TOKENS"})  # a sender's own, and the file of those let in: both meant

S = TypeVar("S", bound=BaseSettings)


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class KafkaAccess(BaseSettings):
    """How Kafka is spoken to: what services and the command line are told alike."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    kafka_ca: str = Field(
        default="", description="PEM file of who vouches for the brokers; empty: the machine's own"
    )
    kafka_cert: str = Field(default="", description="PEM file of a certificate to be known by")
    kafka_key: str = Field(default="", description="PEM file of the certificate's key")
    kafka_user: str = Field(default="", description="User to be known as (SASL)")
    kafka_password: SecretStr = Field(default=SecretStr(""), description="The user's password")
    kafka_mechanism: Mechanism = Field(
        default=Mechanism.SCRAM_SHA_512, description="How the password is proved"
    )

    @property
    def security(self) -> KafkaSecurity:
        """The security of every client.

        Raises:
            Misconfigured: One of two that need each other is missing.
        """
        return KafkaSecurity(
            self.kafka_ca,
            self.kafka_cert,
            self.kafka_key,
            self.kafka_user,
            self.kafka_password.get_secret_value(),
            self.kafka_mechanism,
        )


class KnowledgeAccess(BaseSettings):
    """Which release of knowledge is served: what services and the command line are told alike."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    knowledge: str = Field(
        default="",
        description="Release of pharmacogenomics, by name or folder; empty: the newest held",
    )

    @property
    def release(self) -> Path:
        """The folder of the release.

        Raises:
            Misconfigured: There is none.
        """
        try:
            return release_named(self.knowledge or RELEASE)
        except Misconfigured as fault:
            raise Misconfigured(f"{PREFIX}KNOWLEDGE: {fault}") from None


class LifeAccess(BaseSettings):
    """Which model of a life is served: what inference and the command line are told alike."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    life_model: str = Field(
        default="",
        description="Folder of an exported model of a life, or a link to it; empty: none is served",
    )

    @property
    def life_folder(self) -> Path | None:
        return Path(self.life_model) if self.life_model else None


class ServiceSettings(KafkaAccess):
    """What every service is told. Read once, in its `app.py`, from EPIONE_ variables."""

    kafka: str = Field(description="Brokers, host:port, separated by commas")
    partitions: int = Field(default=Layout().partitions, ge=1, description="Of every topic")
    replication: int = Field(default=Layout().replication, ge=1, description="Of every topic")
    min_in_sync: int = Field(
        default=Layout().min_in_sync, ge=1, description="Replicas that must have a message"
    )
    vault: SecretStr = Field(description="Of every service: wraps the keys that seal payloads")
    vault_old: SecretStr = Field(
        default=SecretStr(""), description="Other vaults whose keys still open, by commas"
    )
    ops_port: int = Field(
        default=0, ge=0, lt=65536, description="Of health and metrics; 0 for none"
    )
    ops_host: str = Field(default="127.0.0.1", description="Address of health and metrics")
    log: LogFormat = Field(default=LogFormat.TEXT, description="Log lines: text or json")
    traces: str = Field(default="", description="OTLP/HTTP address of traces; empty for none")
    trace_sample: float = Field(
        default=0.01, ge=0, le=1, description="Share of hospital messages whose trace begins here"
    )
    flood: int = Field(
        default=FLOOD,
        ge=0,
        description="Dead letters in a row that stop the service; 0: however many, it goes on",
    )
    instance: str = Field(
        default="",
        description="Static name of this process in its groups: a restart within the session keeps "
        "its partitions; empty: a new member each time",
    )
    session_timeout_s: float = Field(
        default=10.0,
        ge=SHORTEST_SESSION_S,
        le=LONGEST_SESSION_S,
        description="Silent for longer, a process loses its partitions to others",
    )

    @property
    def layout(self) -> Layout:
        return Layout(self.partitions, self.replication, self.min_in_sync)

    @property
    def vault_keys(self) -> VaultKeys:
        """What opens patients' keys.

        Raises:
            Misconfigured: A vault's secret is too short.
        """
        return vault_keys_of(self.vault, self.vault_old)


def vault_keys_of(vault: SecretStr, vault_old: SecretStr) -> VaultKeys:
    """Derive the keys of EPIONE_VAULT and EPIONE_VAULT_OLD.

    Raises:
        Misconfigured: A secret is too short, or could not be listed by commas once it is old.
    """
    secret = vault.get_secret_value()
    if "," in secret:
        raise Misconfigured("EPIONE_VAULT must hold no comma: it will stand in EPIONE_VAULT_OLD")
    return VaultKeys(secret, listed(vault_old.get_secret_value()))


def listed(text: str) -> list[str]:
    """Read a list separated by commas."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def settings_of(kind: type[S]) -> S:
    """Read a service's settings from the environment.

    Raises:
        Misconfigured: One is absent, wrong or misspelt; its value is not repeated.
    """
    refuse_misspelt(kind.model_fields, os.environ)
    try:
        return kind()
    except ValidationError as fault:
        faults = (
            f"{PREFIX}{error['loc'][0]}".upper() + f": {error['msg']}" for error in fault.errors()
        )
        raise Misconfigured("; ".join(faults)) from None


def refuse_misspelt(fields: Iterable[str], environ: Mapping[str, str]) -> None:
    """Refuse a variable that is nearly a field's; other services' variables may stand beside.

    Raises:
        Misconfigured: There is one.
    """
    known = [field.upper() for field in fields]
    for variable in environ:
        name = variable.removeprefix(PREFIX)
        if name == variable or name in known or name in ALIKE:
            continue
        if meant := difflib.get_close_matches(name, known, n=1, cutoff=LIKENESS):
            raise Misconfigured(f"{variable} is no setting; is {PREFIX}{meant[0]} meant?")
