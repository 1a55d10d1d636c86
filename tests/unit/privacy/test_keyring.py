"""Keys by their topic: made once, known to all, and gone when they are destroyed."""

import asyncio

import pytest
from tests.vaults import KEYS, NOW_MS, OWNER, key_records, mark

from epione.errors import Misconfigured
from epione.messaging import MemoryLog, Message, topics
from epione.privacy import KeyRing, VaultKeys
from epione.privacy.keyring import GRACE_MS


class Clock:
    """The one time of a log and of those who write to it."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> MemoryLog:
    return MemoryLog(now_ms=clock)


@pytest.fixture
def ring(log: MemoryLog, clock: Clock) -> KeyRing:
    return KeyRing(log, KEYS, clock)


@pytest.fixture
def other(log: MemoryLog, clock: Clock) -> KeyRing:
    return KeyRing(log, KEYS, clock)


async def test_a_key_is_made_once_and_stands_on_the_topic_wrapped(
    ring: KeyRing, log: MemoryLog
) -> None:
    await ring.provide([OWNER])
    await ring.provide([OWNER])

    (record,) = await key_records(log)
    key_id, _ = ring.sealing_key(OWNER)
    assert record.key == OWNER + b"/" + key_id.hex().encode()
    assert len(record.value or b"") == 69


async def test_another_process_uses_the_key_that_is_there(
    ring: KeyRing, other: KeyRing, log: MemoryLog
) -> None:
    await ring.provide([OWNER])
    await other.catch_up()
    await other.provide([OWNER])

    assert len(await key_records(log)) == 1
    assert other.sealing_key(OWNER)[0] == ring.sealing_key(OWNER)[0]


async def test_two_keys_of_a_race_both_open_and_all_seal_by_the_same(
    ring: KeyRing, other: KeyRing, log: MemoryLog
) -> None:
    await _race(log)
    await ring.catch_up()
    await other.catch_up()

    ids = [bytes.fromhex((r.key or b"").decode()[-16:]) for r in await key_records(log)]
    assert all(ring.key(OWNER, key_id) for key_id in ids)
    assert ring.sealing_key(OWNER)[0] == other.sealing_key(OWNER)[0] == min(ids)


async def _race(log: MemoryLog) -> None:
    """Let two keys of one owner come to the topic."""
    for key_id in ("00000000000000bb", "00000000000000aa"):
        name = OWNER + b"/" + key_id.encode()
        await log.publish([Message(topics.PATIENT_KEYS, name, KEYS.wrap(name, NOW_MS, bytes(32)))])


async def test_a_process_that_asks_twice_at_once_makes_one_key(
    ring: KeyRing, log: MemoryLog
) -> None:
    await asyncio.gather(ring.provide([OWNER]), ring.provide([OWNER]))

    assert len(await key_records(log)) == 1


async def test_a_tombstone_destroys_a_key(ring: KeyRing, other: KeyRing, log: MemoryLog) -> None:
    await ring.provide([OWNER])
    await other.catch_up()
    key_id, _ = other.sealing_key(OWNER)
    assert other.key(OWNER, key_id)

    await log.publish([Message(topics.PATIENT_KEYS, OWNER + b"/" + key_id.hex().encode(), b"")])
    await other.catch_up()

    assert other.key(OWNER, key_id) is None


async def test_a_mark_destroys_what_was_made_before_whatever_else_the_topic_holds(
    ring: KeyRing, other: KeyRing, log: MemoryLog, clock: Clock
) -> None:
    await ring.provide([OWNER])
    key_id, _ = ring.sealing_key(OWNER)
    (record,) = await key_records(log)
    await log.publish([mark()])
    await log.publish([Message(topics.PATIENT_KEYS, record.key or b"", record.value or b"")])

    await ring.catch_up()
    await other.catch_up()

    assert ring.key(OWNER, key_id) is None
    assert other.key(OWNER, key_id) is None


async def test_a_mark_is_heard_by_those_who_follow(ring: KeyRing, log: MemoryLog) -> None:
    await ring.provide([OWNER])
    key_id, _ = ring.sealing_key(OWNER)
    following = asyncio.create_task(ring.follow())
    await log.publish([mark()])

    async with asyncio.timeout(5):
        while ring.key(OWNER, key_id):  # noqa: ASYNC110 - the ring tells no one
            await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize(
    ("after_ms", "forgotten"),
    [
        pytest.param(-1, True, id="before"),
        pytest.param(GRACE_MS, True, id="before every service has heard of it"),
        pytest.param(GRACE_MS + 1, False, id="after"),
        pytest.param(None, True, id="of no time"),
    ],
)
async def test_what_was_recorded_by_then_is_to_be_forgotten(
    ring: KeyRing, log: MemoryLog, after_ms: int | None, forgotten: bool
) -> None:
    await ring.provide([OWNER])
    await log.publish([mark()])
    await ring.catch_up()

    at_ms = None if after_ms is None else NOW_MS + after_ms
    assert ring.is_forgotten(OWNER, at_ms) is forgotten
    assert not ring.is_forgotten(b"north/p-2", at_ms)


@pytest.mark.parametrize(
    ("said", "forgotten_ms"),
    [
        pytest.param(b'{"forgotten_at": "2026-05-01T00:00:00+00:00"}', 1_777_593_600_000, id="old"),
        pytest.param(b'{"forgotten_at": "2027-01-01T00:00:00+00:00"}', NOW_MS, id="to come"),
        pytest.param(b'{"forgotten_at": "2026-05-01T00:00:00"}', NOW_MS, id="of no zone"),
        pytest.param(b'{"forgotten_at": 1}', NOW_MS, id="no text"),
        pytest.param(b"[]", NOW_MS, id="another shape"),
        pytest.param(b"\xff", NOW_MS, id="no JSON"),
        pytest.param(b"{}", NOW_MS, id="nothing"),
    ],
)
async def test_a_mark_counts_from_when_it_says_and_for_no_later_than_the_log_took_it(
    ring: KeyRing, log: MemoryLog, said: bytes, forgotten_ms: int
) -> None:
    await log.publish([mark()._replace(value=said)])
    await ring.catch_up()

    assert ring.is_forgotten(OWNER, forgotten_ms + GRACE_MS)
    assert not ring.is_forgotten(OWNER, forgotten_ms + GRACE_MS + 1)


async def test_who_comes_back_has_another_key(
    ring: KeyRing, other: KeyRing, log: MemoryLog, clock: Clock
) -> None:
    await ring.provide([OWNER])
    before, _ = ring.sealing_key(OWNER)
    await log.publish([mark()])
    await ring.catch_up()

    await ring.provide([OWNER])
    await other.catch_up()

    after, _ = other.sealing_key(OWNER)
    assert after != before
    assert other.key(OWNER, before) is None
    assert not other.is_forgotten(OWNER, None)
    assert other.is_forgotten(OWNER, NOW_MS)


async def test_a_key_of_another_secret_is_no_silent_loss(log: MemoryLog, clock: Clock) -> None:
    await KeyRing(log, VaultKeys("another secret of the vault, long enough"), clock).provide(
        [OWNER]
    )
    ring = KeyRing(log, KEYS, clock)
    await ring.catch_up()

    with pytest.raises(Misconfigured):
        ring.sealing_key(OWNER)


@pytest.mark.parametrize("key", [b"", b"pulse-3", b"north/p-1/nohex", b"a/b/c/d", b"/", b"\xff"])
async def test_what_is_neither_key_nor_mark_is_passed_over(
    ring: KeyRing, log: MemoryLog, key: bytes
) -> None:
    await log.publish([Message(topics.PATIENT_KEYS, key, b"x")])

    await ring.catch_up()

    assert ring.lacks_any([OWNER])
