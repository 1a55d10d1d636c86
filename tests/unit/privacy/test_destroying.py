"""Keys are destroyed for good, and wrapped anew without bringing one back."""

import json
from collections.abc import Sequence

import pytest
from tests.vaults import KEYS, NOW_MS, OWNER, SECRET, mark, message, record_of, vault_on

from epione.errors import Erased, Misconfigured
from epione.messaging import MemoryLog, Message, Record, topics
from epione.privacy import KeyRing, Vault, VaultKeys, bury, destroy_keys, keys_on, rekey
from epione.privacy.keyring import GRACE_MS

OTHER = b"north/p-2"
NEW = "another secret of the vault, long enough"


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(now_ms=lambda: NOW_MS)


async def sealed(vault: Vault, *owners: bytes) -> list[Record]:
    dated = [(message(b"x", owner=owner), NOW_MS) for owner in owners]
    return [record_of(each) for each in await vault.sealed(dated)]


async def opens(log: MemoryLog, record: Record, keys: VaultKeys = KEYS) -> bool:
    (found,) = await vault_on(log, keys).opened([record])
    assert isinstance(found, Record | Erased)
    return isinstance(found, Record)


async def test_a_patients_keys_are_destroyed_and_no_others(log: MemoryLog) -> None:
    mine, other = await sealed(vault_on(log), OWNER, OTHER)

    assert await destroy_keys(log, [OWNER]) == 1

    assert not await opens(log, mine)
    assert await opens(log, other)
    assert set((await keys_on(log)).wrapped) == {OTHER + b"/" + dict(other.headers)["epione_key"]}


async def test_to_destroy_them_again_does_no_harm(log: MemoryLog) -> None:
    (mine,) = await sealed(vault_on(log), OWNER)
    await destroy_keys(log, [OWNER])

    assert await destroy_keys(log, [OWNER]) == 0
    assert not await opens(log, mine)


async def test_the_mark_says_when_the_log_took_it_and_nothing_else(log: MemoryLog) -> None:
    await destroy_keys(log, [OWNER])

    *_, record = [each async for each in log.read(topics.PATIENT_KEYS)]
    assert (record.key, json.loads(record.value or b"")) == (
        OWNER,
        {"forgotten_at": "2026-05-28T20:26:40+00:00"},
    )


async def test_who_came_back_before_the_topic_was_copied_keeps_the_new_key(
    log: MemoryLog,
) -> None:
    """The copy of the mark has a time later than the key's."""
    await destroy_keys(log, [OWNER])
    back_ms, copied_ms = NOW_MS + GRACE_MS + 1, NOW_MS + 3_600_000
    copy = MemoryLog(now_ms=lambda: copied_ms)
    async for each in log.read(topics.PATIENT_KEYS):
        await copy.publish([Message(topics.PATIENT_KEYS, each.key or b"", each.value or b"")])
    name = OWNER + b"/00000000000000aa"
    await copy.publish([Message(topics.PATIENT_KEYS, name, KEYS.wrap(name, back_ms, bytes(32)))])

    assert await bury(copy) == 0
    ring = KeyRing(copy, KEYS)
    await ring.catch_up()
    assert ring.key(OWNER, bytes.fromhex("00000000000000aa"))


async def test_a_key_of_who_came_back_is_spared(log: MemoryLog) -> None:
    await destroy_keys(log, [OWNER])
    back = Vault(KeyRing(log, KEYS, lambda: NOW_MS))
    late = MemoryLog(now_ms=lambda: NOW_MS + GRACE_MS + 1)
    late._records = log._records
    back._ring._log = late
    there = await back.sealed([(message(b"x"), NOW_MS + GRACE_MS + 1)])

    assert await bury(log) == 0
    assert await opens(log, record_of(there[0]))


async def test_a_key_made_by_a_clock_that_is_ahead_is_buried_too(log: MemoryLog) -> None:
    ahead = KeyRing(log, KEYS, lambda: NOW_MS + 3_600_000)
    await ahead.provide([OWNER])

    assert await destroy_keys(log, [OWNER]) == 1


async def test_keys_are_wrapped_anew_and_the_old_secret_may_go(log: MemoryLog) -> None:
    mine, other = await sealed(vault_on(log), OWNER, OTHER)
    looked_at: list[int] = []

    n = await rekey(log, VaultKeys(NEW, [SECRET]), looked_at.append)

    assert (n, looked_at) == (2, [2])
    assert await opens(log, mine, VaultKeys(NEW))
    assert await opens(log, other, VaultKeys(NEW))
    assert await rekey(log, VaultKeys(NEW)) == 0


async def test_a_key_that_no_secret_opens_is_said(log: MemoryLog) -> None:
    await sealed(vault_on(log), OWNER)

    with pytest.raises(Misconfigured):
        await rekey(log, VaultKeys(NEW))


async def test_who_is_forgotten_while_keys_are_wrapped_anew_stays_forgotten(
    log: MemoryLog,
) -> None:
    (mine,) = await sealed(vault_on(log), OWNER)
    publish = log.publish

    async def overtaken(messages: Sequence[Message]) -> None:
        if messages and messages[0].value:
            (name,) = [each.key for each in messages]
            await publish([mark(), Message(topics.PATIENT_KEYS, name, b"")])
        await publish(messages)

    log.publish = overtaken  # type: ignore[method-assign]

    await rekey(log, VaultKeys(NEW, [SECRET]))

    assert (await keys_on(log)).wrapped == {}
    assert not await opens(log, mine, VaultKeys(NEW))
