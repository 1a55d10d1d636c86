"""The keys of patients, as the compacted topic patient.keys.v1 has them.

A record `<tenant>/<patient>/<key id>` holds a wrapped key, and its tombstone destroys it. A record
`<tenant>/<patient>` is a mark: whoever is meant was forgotten when the log took it, or before that
where it says so (`{"forgotten_at": "<ISO 8601>"}`), and each key made before then is destroyed,
whatever else the topic may hold.
"""

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from epione.errors import Unavailable
from epione.messaging import Message, Record, Stream
from epione.messaging.patience import is_cancelled
from epione.messaging.topics import PATIENT_KEYS
from epione.privacy.wrapping import KEY_BYTES, WRAPPED_BYTES, VaultKeys, made_ms_of
from epione.wire.encoding import EPOCH

ID_BYTES = 8
_ENTRY = ID_BYTES + WRAPPED_BYTES
OPENED = 16_384  # keys that are ready for use: some 40 MB
EVERY_S = 1.0
RECORD = re.compile(rb"(?P<owner>[^/]+/[^/]+)(?:/(?P<id>[0-9a-f]{16}))?")
NAMING = b"epione names v1"
# What a hospital says within this time after the mark is forgotten, too: every service has then
# heard of it, and makes another key for what comes later.
GRACE_MS = 5_000

_log = logging.getLogger(__name__)


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class PatientKey:
    """One key of a patient, ready for use. It is destroyed by being forgotten; never shown."""

    aead: AESGCM
    naming: bytes

    @classmethod
    def of(cls, key: bytes) -> "PatientKey":
        return cls(AESGCM(key), blake2b(NAMING, key=key, digest_size=32).digest())

    def name_of(self, event_id: bytes) -> bytes:
        """Name an event so that the name says nothing of it without this key."""
        return blake2b(event_id, key=self.naming, digest_size=16).hexdigest().encode()


class KeyRing:
    """Every patient's keys, some 220 bytes a patient (measured in tests/benchmarks/).

    An owner is whose a key is, as records name patients: b"north/4f2a".
    """

    def __init__(
        self, log: Stream, keys: VaultKeys, now_ms: Callable[[], int] = _wall_clock_ms
    ) -> None:
        self._log, self._vault_keys, self._now_ms = log, keys, now_ms
        self._tail = log.tail(PATIENT_KEYS)
        self._reading, self._making = asyncio.Lock(), asyncio.Lock()
        self._entries: dict[bytes, bytes] = {}  # by owner: id and wrapped key, one after the other
        self._forgotten: dict[bytes, int] = {}  # by owner: ms since 1970
        self._opened = lru_cache(OPENED)(self._unwrapped)

    async def catch_up(self) -> None:
        """Read to what is the end now.

        Raises:
            BrokerDown: Kafka does not answer.
        """
        async with self._reading:
            async for record in self._tail.news():
                self._take(record)

    async def follow(self) -> None:
        """Hear of keys that others make and destroy, until cancelled."""
        while not is_cancelled():
            try:
                await self.catch_up()
            except Unavailable as fault:
                _log.warning("patients' keys: %s", fault)
            await asyncio.sleep(EVERY_S)

    async def close(self) -> None:
        await self._tail.close()

    def key(self, owner: bytes, key_id: bytes) -> PatientKey | None:
        """Give a key; None where it is not known, or was destroyed."""
        entries = self._entries.get(owner, b"")
        for start in range(0, len(entries), _ENTRY):
            if entries.startswith(key_id, start):
                return self._opened(owner, entries[start : start + _ENTRY])
        return None

    def sealing_key(self, owner: bytes) -> tuple[bytes, PatientKey]:
        """Give the key to seal by, with its id; it was provided before."""
        entry = self._entries[owner][:_ENTRY]
        return entry[:ID_BYTES], self._opened(owner, entry)

    def is_forgotten(self, owner: bytes, at_ms: int | None) -> bool:
        """Say whether what was recorded at a time is to be forgotten.

        Of what has no time: whether the owner was forgotten and has not come back.
        """
        forgotten_ms = self._forgotten.get(owner)
        if forgotten_ms is None:
            return False
        return owner not in self._entries if at_ms is None else at_ms <= forgotten_ms

    def lacks_any(self, owners: Iterable[bytes]) -> bool:
        return any(owner not in self._entries for owner in owners)

    async def provide(self, owners: Iterable[bytes]) -> None:
        """See to it that each owner has a key, on the topic before anything is sealed by it.

        Catch up before, so that another's key is used; two processes may still make one each. Who
        is forgotten meanwhile has none after.

        Raises:
            BrokerDown: Kafka does not answer.
        """
        async with self._making:
            if lacking := [owner for owner in owners if owner not in self._entries]:
                await self._log.publish([self._new_key(owner) for owner in lacking])
                await self.catch_up()

    def _new_key(self, owner: bytes) -> Message:
        name = owner + b"/" + os.urandom(ID_BYTES).hex().encode()
        made_ms = max(self._now_ms(), self._forgotten.get(owner, 0) + 1)
        wrapped = self._vault_keys.wrap(name, made_ms, os.urandom(KEY_BYTES))
        return Message(PATIENT_KEYS, name, wrapped)

    def _take(self, record: Record) -> None:
        """Take a key or a mark; what else may be on the topic is passed over."""
        named = RECORD.fullmatch(record.key or b"")
        if named is None:
            return
        if named["id"]:
            self._take_key(named["owner"], bytes.fromhex(named["id"].decode()), record.value)
        else:
            self._take_mark(named["owner"], forgotten_ms_of(record) + GRACE_MS)

    def _take_key(self, owner: bytes, key_id: bytes, wrapped: bytes | None) -> None:
        entries = [each for each in self._entries_of(owner) if not each.startswith(key_id)]
        if wrapped and made_ms_of(wrapped) > self._forgotten.get(owner, -1):
            entries.append(key_id + wrapped)
        self._put(owner, entries)

    def _take_mark(self, owner: bytes, forgotten_ms: int) -> None:
        self._forgotten[owner] = forgotten_ms
        entries = self._entries_of(owner)
        self._put(owner, [each for each in entries if made_ms_of(each[ID_BYTES:]) > forgotten_ms])

    def _entries_of(self, owner: bytes) -> list[bytes]:
        entries = self._entries.get(owner, b"")
        return [entries[start : start + _ENTRY] for start in range(0, len(entries), _ENTRY)]

    def _put(self, owner: bytes, entries: list[bytes]) -> None:
        before = len(self._entries.pop(owner, b""))
        if entries:
            self._entries[owner] = b"".join(sorted(entries))
        if len(entries) * _ENTRY < before:
            self._opened.cache_clear()  # nor is a key that is destroyed to stay in memory

    def _unwrapped(self, owner: bytes, entry: bytes) -> PatientKey:
        name = owner + b"/" + entry[:ID_BYTES].hex().encode()
        return PatientKey.of(self._vault_keys.unwrap(name, entry[ID_BYTES:]))


def forgotten_ms_of(mark: Record) -> int:
    """Give when the patient of a mark was forgotten, in ms since 1970 UTC.

    Who copies the topic gives its records other times than they had: what the mark says is kept. It
    never counts for later than the log took it.
    """
    try:
        said = datetime.fromisoformat(json.loads(mark.value or b"")["forgotten_at"])
        said_ms = (said - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, KeyError, TypeError):
        return mark.timestamp_ms
    return min(said_ms, mark.timestamp_ms)
