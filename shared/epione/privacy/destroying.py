"""What an operator does to patients' keys as a whole: destroy a patient's, wrap all anew."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from epione.messaging import JSON, Log, Message
from epione.messaging.topics import PATIENT_KEYS
from epione.privacy.keyring import GRACE_MS, RECORD, forgotten_ms_of
from epione.privacy.wrapping import VaultKeys, made_ms_of
from epione.wire.encoding import EPOCH

AT_ONCE = 1_000  # keys

OnProgress = Callable[[int], None]  # how many more keys were looked at


@dataclass(slots=True)
class Keys:
    """What stands on the topic of keys."""

    wrapped: dict[bytes, bytes] = field(default_factory=dict)  # by the keys of their records
    made_ms: dict[bytes, int] = field(default_factory=dict)  # likewise; at the latest
    forgotten_ms: dict[bytes, int] = field(default_factory=dict)  # by owner

    def doomed(self) -> list[bytes]:
        """Give the records of keys that marks destroy, and that are there all the same."""
        return [
            name
            for name in self.wrapped
            if self.made_ms[name] <= self.forgotten_ms.get(name.rpartition(b"/")[0], -1)
        ]


async def keys_on(log: Log) -> Keys:
    """Read the whole topic."""
    found = Keys()
    async for record in log.read(PATIENT_KEYS):
        name = record.key or b""
        named = RECORD.fullmatch(name)
        if named is None:
            continue
        if not named["id"]:
            found.forgotten_ms[name] = forgotten_ms_of(record) + GRACE_MS
        elif record.value:
            found.wrapped[name] = record.value
            # Whatever the clock of who made it said, it was not later than the log took it.
            found.made_ms[name] = min(made_ms_of(record.value), record.timestamp_ms)
        else:
            found.wrapped.pop(name, None)
    return found


async def destroy_keys(log: Log, owners: Sequence[bytes]) -> int:
    """Destroy every key of these patients that was made by now; give how many there were.

    The marks come first, and destroy them. Each is then written again with the time at which the
    log took it, for who copies the topic; our own clock may be behind, and would spare keys. The
    tombstones let Kafka drop the keys, too. It may be done again.
    """
    await log.publish([_mark(owner, {}) for owner in owners])
    keys = await keys_on(log)
    await log.publish([_mark(owner, _said(keys.forgotten_ms[owner])) for owner in owners])
    return await _bury(log, keys)


async def bury(log: Log) -> int:
    """Put a tombstone on each key that a mark destroys; give on how many."""
    return await _bury(log, await keys_on(log))


async def rekey(log: Log, vault: VaultKeys, on_progress: OnProgress = lambda n: None) -> int:
    """Wrap every key by the secret in use that another one wrapped; give how many.

    A patient who is forgotten meanwhile stays so: the mark destroys a key that is written after it,
    and its record is buried here.

    Raises:
        Misconfigured: No secret opens one of them.
    """
    n_wrapped = 0
    for some in _batches(list((await keys_on(log)).wrapped.items())):
        old = [(name, wrapped) for name, wrapped in some if not vault.is_current(name, wrapped)]
        anew = [
            Message(
                PATIENT_KEYS,
                name,
                vault.wrap(name, made_ms_of(wrapped), vault.unwrap(name, wrapped)),
            )
            for name, wrapped in old
        ]
        await log.publish(anew)
        n_wrapped += len(anew)
        on_progress(len(some))
    await bury(log)
    return n_wrapped


async def _bury(log: Log, keys: Keys) -> int:
    doomed = keys.doomed()
    await log.publish([Message(PATIENT_KEYS, name, b"") for name in doomed])
    return len(doomed)


def _mark(owner: bytes, said: Mapping[str, str]) -> Message:
    headers = (("content-type", JSON.encode()),)
    return Message(PATIENT_KEYS, owner, json.dumps(said).encode(), headers)


def _said(forgotten_ms: int) -> Mapping[str, str]:
    return {"forgotten_at": (EPOCH + timedelta(milliseconds=forgotten_ms - GRACE_MS)).isoformat()}


def _batches(keys: list[tuple[bytes, bytes]]) -> list[list[tuple[bytes, bytes]]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
