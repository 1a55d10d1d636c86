"""A vault on an in-memory log, and what the tests of privacy start from."""

from epione.messaging import Message, Record, Stream, Topic, topics
from epione.privacy import KeyRing, Vault, VaultKeys, opened_records, opened_vault

SECRET = "a secret of the vault in tests that is long enough"
KEYS = VaultKeys(SECRET)
OWNER = b"north/p-1"
NOW_MS = 1_780_000_000_000
HEADERS = (("ce_id", b"hospital.fhir.v1/0/7/0"), ("content-type", b"application/protobuf"))


def vault_on(log: Stream, keys: VaultKeys = KEYS) -> Vault:
    """Give a vault of a process of its own: it reads the topic of keys when it has to."""
    return Vault(KeyRing(log, keys, lambda: NOW_MS))


async def records_on(log: Stream, topic: Topic) -> list[Record]:
    """Give the records of a topic, opened."""
    async with opened_vault(log, KEYS) as vault:
        return [record async for record in opened_records(log, vault, topic)]


def message(value: bytes, topic: Topic = topics.PATIENT_EVENTS, owner: bytes = OWNER) -> Message:
    return Message(topic, owner, value, HEADERS)


def mark(owner: bytes = OWNER) -> Message:
    """Give what destroys every key that was made before it."""
    return Message(topics.PATIENT_KEYS, owner, b"{}")


def record_of(message: Message, offset: int = 0, at_ms: int = NOW_MS) -> Record:
    topic, key, value, headers = message
    return Record(topic.name, 0, offset, key, value or None, headers, at_ms)


async def key_records(log: Stream) -> list[Record]:
    return [record async for record in log.read(topics.PATIENT_KEYS)]
