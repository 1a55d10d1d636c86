"""Sealing values by the keys of their patients, and opening them.

A sealed value: the format (1 byte, 1), a nonce (12 bytes), then AES-256-GCM (NIST SP 800-38D) of
the plain value, its tag (16 bytes) last. Associated data: the topic's name, "/", the record's key.
The header `epione_key` holds the id of the key: `<owner>/<id>` is the key's record on
patient.keys.v1, the owner being the record's key, or what the header `epione_owner` says: what a
merged record states is sealed by that record's key on its survivor's log, too. Headers are not
sealed, so `ce_id` becomes a hash by that key: the same for the same event, and telling nothing.

A state in Redis is sealed alike; the id of its key (8 bytes) stands behind the format, and "state"
is in the topic's place.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from epione.errors import Erased, MalformedEvent, StateLost
from epione.messaging import Headers, Message, Record
from epione.messaging.dead_letter import ORIGIN_TOPIC
from epione.messaging.sealing import Dated, Opened
from epione.messaging.topics import SEALED
from epione.privacy.keyring import ID_BYTES, KeyRing, PatientKey
from epione.telemetry import ERASED, FORGOTTEN

KEY, OWNER = "epione_key", "epione_owner"
FORMAT = b"\x01"
NONCE_BYTES = 12
STATE = "state"

_SEALED = {topic.name for topic in SEALED}


class Vault:
    """Opens and seals by the keys of a ring; of what is forgotten it lets nothing through."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self.follow = ring.follow  # runs beside a service
        self.close = ring.close

    async def opened(self, records: Sequence[Record]) -> list[Opened]:
        """Give each record with its plain value, or why it has none.

        Raises:
            BrokerDown: A key is not known, and Kafka does not say whether it was destroyed.
        """
        found = [self._opened(record) for record in records]
        if any(isinstance(each, Erased) for each in found):
            await self._ring.catch_up()
            pairs = zip(records, found, strict=True)
            found = [self._opened(r) if isinstance(each, Erased) else each for r, each in pairs]
            for record, each in zip(records, found, strict=True):
                if isinstance(each, Erased):
                    ERASED.labels(record.topic).inc()
        return found

    async def sealed(self, messages: Sequence[Dated]) -> list[Message]:
        """Seal the values of topics that are sealed.

        What would bring back something that was to be forgotten is left out, and counted: what was
        recorded by then, and what has no time of a patient who has not come back.

        Raises:
            BrokerDown: A key is needed, and Kafka does not take it.
        """
        passed = self._passed(messages)
        if self._ring.lacks_any(_owners_of(passed)):
            await self._ring.catch_up()  # to use another's key, and to see who is forgotten
            await self._ring.provide(_owners_of(self._passed(messages)))
            passed = self._passed(messages)  # somebody may have been forgotten meanwhile
        if len(passed) < len(messages):
            _count(messages, passed)
        return [
            self._sealed(message, owner) if _is_to_seal(message) else message
            for message, owner in passed
        ]

    async def opened_states(self, states: Mapping[str, bytes]) -> dict[str, bytes]:
        """Give the plain states; those whose key was destroyed are not there.

        Raises:
            BrokerDown: As for records.
            StateLost: One was altered, or is another patient's.
        """
        sealed = {key: state for key, state in states.items() if state.startswith(FORMAT)}
        if any(self._state_key(*each) is None for each in sealed.items()):
            await self._ring.catch_up()
        opened = {key: self._opened_state(key, state) for key, state in sealed.items()}
        # A state of before there were seals is plain; none of them begins with that byte.
        return {key: state for key, state in {**states, **opened}.items() if state is not None}

    async def sealed_states(
        self, states: Mapping[str, bytes], at_ms: int | None
    ) -> dict[str, bytes]:
        """Seal states made from what was recorded by `at_ms`; one to be forgotten is empty."""
        ring = self._ring
        owners = [key.encode() for key, state in states.items() if state]
        if ring.lacks_any(owners):
            await ring.catch_up()
            await ring.provide(owner for owner in owners if not ring.is_forgotten(owner, at_ms))
        return {key: self._sealed_state(key, state, at_ms) for key, state in states.items()}

    def _passed(self, messages: Sequence[Dated]) -> list[tuple[Message, bytes]]:
        """Give the messages by which nothing comes back, with their owners.

        A tombstone brings nothing back.
        """
        is_forgotten = self._ring.is_forgotten
        found = []
        for message, at_ms in messages:
            owner = _owner_of(message)
            back = is_forgotten(owner, at_ms) or is_forgotten(message.key, at_ms)
            if not (back and message.value):
                found.append((message, owner))
        return found

    def _opened(self, record: Record) -> Opened:
        """Open a record.

        A dead letter's topic is the one that it came from: it is kept as it was sealed. On a topic
        that is not sealed the header of a key is its sender's own, and means nothing.
        """
        topic, partition, offset, key, value, headers, timestamp_ms = record
        at, owner, sealed_for = -1, key or b"", topic
        for n, (name, said) in enumerate(headers):
            if name == KEY:
                at = n
            elif name == OWNER:
                owner = said
            elif name == ORIGIN_TOPIC:
                sealed_for = said.decode("utf-8", "replace")
        if at < 0 or topic not in _SEALED:
            return record
        try:
            opening_key = self._ring.key(owner, bytes.fromhex(headers[at][1].decode("latin-1")))
            if opening_key is None:
                return Erased("sealed by a key that is not there")
            plain = _unseal(opening_key.aead, value or b"", _context(sealed_for) + (key or b""))
        except (InvalidTag, ValueError):
            return MalformedEvent("its value does not open by the key that it names")
        rest = headers[:at] + headers[at + 1 :]
        return Record(topic, partition, offset, key, plain, rest, timestamp_ms)

    def _sealed(self, message: Message, owner: bytes) -> Message:
        topic, key, value, headers = message
        key_id, sealing_key = self._ring.sealing_key(owner)
        sealed = _seal(sealing_key.aead, value, _context(topic.name) + key)
        named = _named(headers, sealing_key)
        return Message(topic, key, sealed, (*named, (KEY, key_id.hex().encode())))

    def _state_key(self, key: str, state: bytes) -> PatientKey | None:
        return self._ring.key(key.encode(), state[len(FORMAT) : len(FORMAT) + ID_BYTES])

    def _opened_state(self, key: str, state: bytes) -> bytes | None:
        sealing_key = self._state_key(key, state)
        if sealing_key is None:
            ERASED.labels(STATE).inc()
            return None
        sealed = FORMAT + state[len(FORMAT) + ID_BYTES :]
        try:
            return _unseal(sealing_key.aead, sealed, _context(STATE) + key.encode())
        except (InvalidTag, ValueError):
            raise StateLost("a state does not open by the key that it names") from None

    def _sealed_state(self, key: str, state: bytes, at_ms: int | None) -> bytes:
        owner = key.encode()
        if not state or self._ring.is_forgotten(owner, at_ms):
            return b""
        key_id, sealing_key = self._ring.sealing_key(owner)
        sealed = _seal(sealing_key.aead, state, _context(STATE) + owner)
        return FORMAT + key_id + sealed[len(FORMAT) :]


def _owners_of(passed: Sequence[tuple[Message, bytes]]) -> set[bytes]:
    return {owner for message, owner in passed if _is_to_seal(message)}


def _count(messages: Sequence[Dated], passed: Sequence[tuple[Message, bytes]]) -> None:
    left_out = Counter(message.topic.name for message, _ in messages)
    left_out.subtract(message.topic.name for message, _ in passed)
    for topic, n in left_out.items():
        FORGOTTEN.labels(topic).inc(n)


def _seal(key: AESGCM, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + key.encrypt(nonce, plain, context)


def _unseal(key: AESGCM, sealed: bytes, context: bytes) -> bytes:
    if not sealed.startswith(FORMAT):
        raise ValueError("another format")
    start = len(FORMAT) + NONCE_BYTES
    return key.decrypt(sealed[len(FORMAT) : start], sealed[start:], context)


@lru_cache
def _context(topic: str) -> bytes:
    """Give the beginning of the associated data of a topic's values; the record's key follows."""
    return topic.encode() + b"/"


def _named(headers: Headers, key: PatientKey) -> Headers:
    for n, (name, value) in enumerate(headers):
        if name == "ce_id":
            return (*headers[:n], (name, key.name_of(value)), *headers[n + 1 :])
    return headers


def _is_to_seal(message: Message) -> bool:
    return message.topic.sealed and bool(message.value)


def _owner_of(message: Message) -> bytes:
    for name, value in message.headers:
        if name == OWNER:
            return value
    return message.key
