"""A lost state is made again from the last snapshot and the log after it."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from tests.integration.counting import (
    DAY_MS,
    EVENTS,
    Interrupted,
    counting,
    events,
    records_of,
)
from tests.real_parts import Broker, Faults
from tests.running import running

from epione.errors import StateDown, StateLost
from epione.messaging import Layout, MemoryLog, Message, Topic
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.namespaces import Namespaces
from epione.messaging.snapshots import Snapshots
from epione.messaging.state import Position, StateStore

pytestmark = pytest.mark.redis

STATES = Topic("test.states.v1", compacted=True, max_bytes=16 * 1024 * 1024)
AT_ONCE = 1e9


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=1))


@pytest.fixture
async def store(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url, timeout_s=1.0)
    yield store
    await store.close()


@pytest.fixture
def snapshots(store: StateStore, log: MemoryLog) -> Snapshots:
    return Snapshots(store, log, STATES)


async def take(snapshots: Snapshots, per_s: float = AT_ONCE) -> int:
    written: list[int] = []
    await snapshots.take(0, 1, per_s=per_s, on_progress=written.append)
    return sum(written)


async def folded(log: MemoryLog, store: StateStore, messages: Sequence[Message]) -> None:
    """Publish events, and fold them."""
    first = len([record async for record in log.read(EVENTS)])
    await log.publish(messages)
    step = counting(store, log)
    await step.take_over(0)
    await step([record async for record in log.read_from(EVENTS, {0: first})])


async def test_a_lost_state_is_that_of_the_snapshot_and_read_on_from_there(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, [*events(3), *events(2, b"b")])
    await take(snapshots)
    own_redis.flush()

    position = await counting(store, log, restore=snapshots.load).take_over(0)

    assert position == 5
    assert await store.states_of(0, ["a", "b"]) == (Position(5), {"a": b"3", "b": b"2"})


async def test_due_times_are_restored(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, events(2))
    await take(snapshots)
    own_redis.flush()

    await snapshots.load(0)

    assert await store.due(0, 9 * DAY_MS, 9) == [("a", 2 * DAY_MS)]


async def test_without_a_snapshot_all_of_the_log_is_read(
    log: MemoryLog, store: StateStore, snapshots: Snapshots
) -> None:
    await log.publish(events(3))

    assert await counting(store, log, restore=snapshots.load).take_over(0) == 0


async def test_a_snapshot_that_was_not_completed_does_not_say_up_to_where(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    await folded(log, store, events(3))
    killed = Snapshots(store, Once(log), STATES)
    with pytest.raises(MemoryError):
        await take(killed)
    own_redis.flush()

    await Snapshots(store, log, STATES).load(0)

    assert (await store.held(0)).applied is None


class Once(Interrupted):
    """A log that takes one publish, and is then killed."""

    def __init__(self, log: MemoryLog) -> None:
        super().__init__(log, [None, MemoryError()])


async def test_the_last_complete_snapshot_counts(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, events(3))
    await take(snapshots)
    await folded(log, store, events(4))
    await take(snapshots)
    own_redis.flush()

    await snapshots.load(0)

    assert await store.states_of(0, ["a"]) == (Position(7), {"a": b"7"})


async def test_what_was_forgotten_is_not_restored(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, [*events(3), *events(2, b"b")])
    await take(snapshots)
    await log.publish([Message(STATES, b"a", b"")])
    own_redis.flush()

    await snapshots.load(0)

    _, states = await store.states_of(0, ["a", "b"])
    assert states == {"b": b"2"}
    assert await store.due_of(0, "live", ["a", "b"]) == {"b": 2 * DAY_MS}


async def test_states_of_another_generation_of_the_log_are_not_restored(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, events(3))
    await take(snapshots)
    own_redis.flush()

    await Snapshots(store, log, STATES, epoch=1).load(0)

    assert await store.states_of(0, ["a"]) == (Position(None), {})


async def test_a_load_that_was_killed_is_done_again(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, [each for n in range(1_200) for each in events(1, b"%d" % n)])
    await take(snapshots)
    own_redis.flush()
    dying = Dying(own_redis.url)
    with pytest.raises(MemoryError):
        await Snapshots(dying, log, STATES).load(0)
    await dying.close()

    assert (await store.held(0)).applied is None
    await snapshots.load(0)

    position, states = await store.states_of(0, [str(n) for n in range(1_200)])
    assert (position, len(states)) == (Position(1_200), 1_200)


class Dying(StateStore):
    """Writes one part of a snapshot, and is then killed."""

    n_written = 0

    async def apply(self, *args: object, **named: object) -> bool:
        self.n_written += 1
        if self.n_written > 1:
            raise MemoryError
        return await super().apply(*args, **named)  # type: ignore[arg-type]


async def test_a_frozen_loader_that_wakes_writes_nothing_over_what_came_after(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, events(3))
    await take(snapshots)
    own_redis.flush()
    frozen = Frozen(own_redis.url)
    waking = asyncio.create_task(Snapshots(frozen, log, STATES).load(0))
    await frozen.asked.wait()
    await snapshots.load(0)
    await folded(log, store, events(1))
    frozen.wakes.set()
    await waking
    await frozen.close()

    assert await store.states_of(0, ["a"]) == (Position(4), {"a": b"4"})


class Frozen(StateStore):
    """Writes nothing until it wakes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked, self.wakes = asyncio.Event(), asyncio.Event()

    async def apply(self, *args: object, **named: object) -> bool:
        self.asked.set()
        await self.wakes.wait()
        return await super().apply(*args, **named)  # type: ignore[arg-type]


async def test_a_batch_that_finds_its_state_lost_ends_the_service(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await log.publish(events(3))
    step = counting(store, log, restore=snapshots.load)
    await step.take_over(0)
    records = await records_of(log)
    await step(records[:2])
    own_redis.flush()

    with pytest.raises(StateLost):
        await step(records[2:])


async def test_a_state_that_is_not_published_yet_is_waited_for(
    log: MemoryLog, store: StateStore, snapshots: Snapshots
) -> None:
    slow = Interrupted(log, held_back=asyncio.Event())
    await log.publish(events(3))
    step = counting(store, slow)
    await step.take_over(0)
    folding = asyncio.create_task(step(await records_of(log)))
    await slow.waiting.wait()
    taking = asyncio.create_task(take(snapshots))
    await asyncio.sleep(0.2)

    states = [record async for record in log.read(STATES)]
    assert slow.held_back is not None
    slow.held_back.set()
    await folding

    assert states == []
    assert await taking == 1


async def test_a_snapshot_of_a_namespace_that_was_replaced_meanwhile_is_not_complete(
    log: MemoryLog, store: StateStore, snapshots: Snapshots, own_redis: Faults
) -> None:
    await folded(log, store, events(3))
    new = StateStore(own_redis.url, namespace="new")
    await new.apply(0, start=Position(None, "new"), next_offset=3, states={}, due={}, outbox=b"")
    namespaces = Namespaces(store)
    taking = asyncio.create_task(take(snapshots, per_s=5))
    while not [record async for record in log.read(STATES)]:  # noqa: ASYNC110 - nobody says so
        await asyncio.sleep(0.01)
    await namespaces.pause(0)
    await namespaces.move(0, "live", "new")

    with pytest.raises(StateDown, match="moved"):
        await taking
    await new.close()


async def test_a_snapshot_is_no_faster_than_it_is_told(
    log: MemoryLog, store: StateStore, snapshots: Snapshots
) -> None:
    await folded(log, store, [each for n in range(20) for each in events(1, b"%d" % n)])
    clock = asyncio.get_running_loop()
    began = clock.time()

    await take(snapshots, per_s=100)

    assert clock.time() - began >= 0.19


@pytest.mark.kafka
async def test_on_kafka_large_states_are_restored_while_the_service_reads(
    own_kafka: Broker, own_redis: Faults
) -> None:
    layout = Layout(partitions=3, replication=1, min_in_sync=1)
    store = StateStore(own_redis.url)
    large = {"large": b"x" * 5_000_000, "a": b"3"}
    async with KafkaLog(
        KafkaSettings(own_kafka.bootstrap, layout),
        (
            EVENTS,
            STATES,
        ),
    ) as log:
        snapshots = Snapshots(store, log, STATES)
        await log.publish(events(5))
        (partition,) = {record.partition for record in await records_of(log)}
        await store.apply(
            partition, start=Position(None), next_offset=3, states=large, due={}, outbox=b""
        )
        await snapshots.take(partition, 3, per_s=AT_ONCE, on_progress=lambda n: None)
        own_redis.flush()
        step = counting(store, log, restore=snapshots.load)
        async with running(log, step.subscription("restored")):
            async with asyncio.timeout(30):
                while (await store.held(partition)).applied != 5:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)

    _, states = await store.states_of(partition, ["large", "a"])
    await store.close()
    assert states == {"large": b"x" * 5_000_000, "a": b"5"}
