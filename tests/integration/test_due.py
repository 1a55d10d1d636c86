"""Time comes to the log as messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from tests.integration.counting import DAY_MS, EVENTS, counting, events, records_of
from tests.real_parts import Faults

from epione.errors import StateLost
from epione.messaging import Layout, MemoryLog, Message
from epione.messaging.due import DueTimes
from epione.messaging.folding import Folding
from epione.messaging.state import StateStore

pytestmark = pytest.mark.redis


class Clock:
    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=1))


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[StateStore]:
    store = StateStore(redis_url)
    yield store
    await store.close()


@pytest.fixture
async def step(log: MemoryLog, store: StateStore) -> Folding[str]:
    """A step that has folded one event of "a", which is due after a day."""
    step = counting(store, log)
    await log.publish(events(1))
    await step.take_over(0)
    await step(await records_of(log))
    return step


def time_reached(key: str, at_ms: int) -> Message:
    return Message(EVENTS, key.encode(), b"time %d" % at_ms)


async def told(log: MemoryLog) -> list[bytes]:
    values = [record.value or b"" async for record in log.read(EVENTS)]
    return [value for value in values if value.startswith(b"time")]


async def test_nothing_is_told_before_its_time(
    step: Folding[str], store: StateStore, log: MemoryLog
) -> None:
    clock = Clock()
    clock.now_ms = DAY_MS - 1

    await DueTimes(step, store, time_reached, now_ms=clock).tell()

    assert await told(log) == []


async def test_what_is_due_is_told_once_until_the_fold_says_when_next(
    step: Folding[str], store: StateStore, log: MemoryLog
) -> None:
    clock = Clock()
    clock.now_ms = DAY_MS
    due_times = DueTimes(step, store, time_reached, now_ms=clock)

    await due_times.tell()
    await due_times.tell()
    await step((await records_of(log))[1:])
    await due_times.tell()
    clock.now_ms = 2 * DAY_MS
    await due_times.tell()

    assert await told(log) == [b"time %d" % DAY_MS, b"time %d" % (2 * DAY_MS)]


async def test_a_partition_that_was_let_go_is_left_to_others(
    step: Folding[str], store: StateStore, log: MemoryLog
) -> None:
    step.let_go(0)

    await DueTimes(step, store, time_reached, now_ms=lambda: 9 * DAY_MS).tell()

    assert await told(log) == []


async def test_a_lost_state_ends_the_service(
    step: Folding[str], store: StateStore, log: MemoryLog, redis_server: Faults
) -> None:
    redis_server.flush()

    with pytest.raises(StateLost):
        await DueTimes(step, store, time_reached, now_ms=lambda: 0).run()


async def test_a_cancellation_that_a_client_swallows_ends_it_all_the_same(
    log: MemoryLog, step: Folding[str], store: StateStore
) -> None:
    class Swallowing(DueTimes):
        async def tell(self) -> None:
            begun.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    begun = asyncio.Event()
    running = asyncio.create_task(Swallowing(step, store, time_reached, every_s=0.01).run())
    await begun.wait()
    running.cancel()

    async with asyncio.timeout(5):
        await running
