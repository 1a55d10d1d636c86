"""What the command line is told to reach a stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import Field, SecretStr

from epione.errors import BrokerDown, Misconfigured
from epione.genomes import Allowed
from epione.genomes.settings import allowed_by
from epione.identity import Keys, MedicalRecord, keys_of, patient_key, pseudonym
from epione.messaging import Layout
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.privacy import Vault, VaultKeys, opened_vault
from epione.settings import KafkaAccess, KnowledgeAccess, LifeAccess, settings_of, vault_keys_of

NATIVE_PORT = 9092  # of `epione up --kafka native`
ANSWER_WITHIN_S = 10.0


class StreamSettings(KafkaAccess, KnowledgeAccess, LifeAccess):
    """Read from EPIONE_ variables by the commands that read or write a stream."""

    kafka: str = Field(
        default=f"127.0.0.1:{NATIVE_PORT}", description="Brokers, host:port, separated by commas"
    )
    tenant: str = Field(default="default", description="Whose patients")
    secret: SecretStr | None = Field(
        default=None, description="Only to find a patient by medical record number"
    )
    vault: SecretStr | None = Field(default=None, description="To read what services sealed")
    vault_old: SecretStr = Field(default=SecretStr(""), description="Former ones, by commas")
    genome_hosts: str = Field(default="", description="As of the services, to forget genomes")
    genome_roots: str = Field(default="", description="Likewise")
    epoch: int = Field(default=0, ge=0, description="Generation of the log")
    partitions: int = Field(default=Layout().partitions, description="Of every topic")
    state: str = Field(
        default="", description="redis:// address of the Redis of state, for who asks about states"
    )

    @asynccontextmanager
    async def log(self) -> AsyncIterator[KafkaLog]:
        """Open the stream; nothing is created there.

        Raises:
            BrokerDown: No Kafka answers.
            Misconfigured: It does not let us in.
        """
        layout = Layout(partitions=self.partitions)
        log = KafkaLog(
            KafkaSettings(self.kafka, layout, create_topics=False, security=self.security)
        )
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    await stack.enter_async_context(log)
            except TimeoutError:
                raise BrokerDown(
                    f"no Kafka answers at {self.kafka}; EPIONE_KAFKA says where it is"
                ) from None
            yield log

    @asynccontextmanager
    async def store(self, namespace: str = "") -> AsyncIterator[StateStore]:
        """Open the states: those that are live, or those of a namespace.

        Raises:
            Misconfigured: It is not said where they are.
        """
        if not self.state:
            raise Misconfigured("EPIONE_STATE: the address of the Redis of state is needed")
        store = StateStore(self.state, namespace=namespace)
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[KafkaLog, Vault]]:
        """Open the stream, and the vault that opens what stands there.

        Raises:
            BrokerDown: No Kafka answers.
            Misconfigured: The vault's secret is not given.
        """
        keys = self.vault_keys
        async with self.log() as log, opened_vault(log, keys) as vault:
            yield log, vault

    @property
    def vault_keys(self) -> VaultKeys:
        """What opens patients' keys.

        Raises:
            Misconfigured: The vault's secret is not given.
        """
        if self.vault is None:
            raise Misconfigured("to read of patients, EPIONE_VAULT is needed")
        return vault_keys_of(self.vault, self.vault_old)

    @property
    def identity_keys(self) -> Keys | None:
        """What names patients and opens the addresses of their genomes, where it is given."""
        return keys_of(self.secret.get_secret_value()) if self.secret else None

    @property
    def allowed(self) -> Allowed:
        return allowed_by(self.genome_hosts, self.genome_roots)

    def key_of(self, patient: str) -> bytes:
        """Give the key of a patient, named by pseudonym or as ASSIGNER|MEDICAL-RECORD-NUMBER.

        Raises:
            Misconfigured: The medical record number is given, and the secret is not.
        """
        assigner, bar, number = patient.rpartition("|")
        if bar:
            keys = self.identity_keys
            if keys is None:
                raise Misconfigured("to find a patient by record number, EPIONE_SECRET is needed")
            patient = pseudonym(keys, self.tenant, MedicalRecord(assigner, number))
        return patient_key(self.tenant, patient).encode()


def stream_settings() -> StreamSettings:
    return settings_of(StreamSettings)
