"""The stateful step through every fault: no count is lost, and the last word is the newest."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.integration.counting import (
    COUNTS,
    EVENTS,
    Interrupted,
    counting,
    counts_of,
    events,
    records_of,
)
from tests.real_parts import Faults
from tests.running import running, until

from epione.errors import BrokerDown, Misconfigured, StateDown, StateLost
from epione.messaging import (
    Again,
    Done,
    Layout,
    MemoryLog,
    Message,
    Patience,
    Record,
    dead_letters_of,
)
from epione.messaging.folding import Folding
from epione.messaging.state import Position, StateStore

pytestmark = pytest.mark.redis

NO_PATIENCE = Patience(first_s=0.01, within_s=0.0)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=1))


@pytest.fixture
async def store(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url, timeout_s=1.0)
    yield store
    await store.close()


async def test_a_batch_is_folded_and_published_and_its_outbox_cleared(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, log)
    await log.publish(events(3))
    await step.take_over(0)

    outcome = await step(await records_of(log))

    assert outcome == Done(3)
    assert await counts_of(log) == [b"3@2"]
    assert await store.states_of(0, ["a"]) == (Position(3), {"a": b"3"})
    assert (await store.held(0)).outbox == b""


async def test_a_new_partition_is_read_from_the_beginning(
    log: MemoryLog, store: StateStore
) -> None:
    assert await counting(store, log).take_over(0) == 0


async def test_a_partition_is_read_on_from_where_its_state_is(
    log: MemoryLog, store: StateStore
) -> None:
    await log.publish(events(3))
    first = counting(store, log)
    await first.take_over(0)
    await first(await records_of(log))

    assert await counting(store, log).take_over(0) == 3


async def test_a_batch_before_anything_was_taken_over_only_finds_the_position(
    log: MemoryLog, store: StateStore
) -> None:
    await log.publish(events(3))

    assert await counting(store, log)(await records_of(log)) == Again(0)


async def test_what_a_crash_left_in_the_outbox_is_published_at_take_over(
    log: MemoryLog, store: StateStore
) -> None:
    crashing = counting(store, Interrupted(log, [MemoryError()]))
    await log.publish(events(3))
    await crashing.take_over(0)
    with pytest.raises(MemoryError):
        await crashing(await records_of(log))

    position = await counting(store, log).take_over(0)

    assert position == 3
    assert await counts_of(log) == [b"3@2"]
    assert (await store.held(0)).outbox == b""


async def test_a_broker_that_does_not_take_the_outputs_is_tried_again(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, Interrupted(log, [BrokerDown("once"), BrokerDown("twice")]))
    await log.publish(events(3))
    await step.take_over(0)

    assert await step(await records_of(log)) == Done(3)
    assert await counts_of(log) == [b"3@2"]


async def test_when_patience_ends_the_batch_comes_again_and_is_found_applied(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, Interrupted(log, [BrokerDown("once")]), NO_PATIENCE)
    await log.publish(events(3))
    await step.take_over(0)

    first = await step(await records_of(log))
    second = await step(await records_of(log))

    assert (first, second) == (Again(0, later=True), Done(3))
    assert await counts_of(log) == [b"3@2"]


async def test_a_frozen_process_that_wakes_before_its_write_is_refused(
    log: MemoryLog, store: StateStore
) -> None:
    zombie, heir = counting(store, log), counting(store, log)
    await log.publish(events(4))
    records = await records_of(log)
    await zombie.take_over(0)
    await heir.take_over(0)
    await heir(records[:3])

    outcome = await zombie(records)

    assert outcome == Again(3)
    assert await store.states_of(0, ["a"]) == (Position(3), {"a": b"3"})
    assert await counts_of(log) == [b"3@2"]


async def test_a_frozen_process_that_wakes_after_its_write_has_its_keys_computed_anew(
    log: MemoryLog, store: StateStore
) -> None:
    """Its stale output lands after the newer one: the newest must be said again, and is."""
    slow = Interrupted(log, held_back=asyncio.Event())
    zombie, heir = counting(store, slow), counting(store, log)
    await log.publish(events(5))
    records = await records_of(log)
    await zombie.take_over(0)
    waking = asyncio.create_task(zombie(records[:3]))
    await slow.waiting.wait()

    position = await heir.take_over(0)
    await heir(records[position:])
    assert slow.held_back is not None
    slow.held_back.set()
    outcome = await waking
    recomputed = (await records_of(log))[5:]
    await heir(recomputed)

    assert (position, outcome) == (3, Again(5))
    assert [record.value for record in recomputed] == [b"recompute"]
    assert await counts_of(log) == [b"3@2", b"5@4", b"3@2", b"6@5"]


async def test_what_an_owner_that_died_frozen_may_have_said_is_said_anew_at_the_next_taking_over(
    log: MemoryLog, store: StateStore
) -> None:
    """It wakes, says what is older by now, and ends before it can find that out."""
    frozen, heir = counting(store, Interrupted(log, [MemoryError()])), counting(store, log)
    await log.publish(events(5))
    records = await records_of(log)
    await frozen.take_over(0)
    with pytest.raises(MemoryError):
        await frozen(records[:3])
    await heir.take_over(0)
    await heir(records[3:])
    await log.publish([Message(COUNTS, b"a", b"3@2")])

    position = await counting(store, log).take_over(0)
    await heir((await records_of(log))[position:])

    assert position == 5
    assert (await counts_of(log))[-2:] == [b"3@2", b"6@5"]


async def test_overtaken_keys_are_kept_until_the_broker_takes_them(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    slow = Interrupted(log, [None, BrokerDown("once")], held_back=asyncio.Event())
    zombie = counting(store, slow)
    await log.publish(events(1))
    await zombie.take_over(0)
    waking = asyncio.create_task(zombie(await records_of(log)))
    await slow.waiting.wait()
    own_redis.flush()

    assert slow.held_back is not None
    slow.held_back.set()
    await waking

    assert [record.value for record in await records_of(log)] == [b"0", b"recompute"]


async def test_a_redis_rolled_back_is_brought_up_again_from_the_log(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    step = counting(store, log)
    async with running(log, step.subscription("g")):
        await log.publish(events(10))
        await until(lambda: step.partitions == (0,))
        await _until_applied(store, 10)
        own_redis.snapshot()
        await log.publish(events(10))
        await _until_applied(store, 20)
        own_redis.roll_back()
        await log.publish(events(10))
        await _until_applied(store, 30)

    assert await store.states_of(0, ["a"]) == (Position(30), {"a": b"30"})
    assert (await counts_of(log))[-1] == b"30@29"


async def one_of_four_in_a_snapshot(
    log: MemoryLog, store: StateStore, redis: Faults
) -> tuple[Folding[str], list[Record]]:
    """Put four events on the log, fold the first, and take a snapshot of Redis."""
    step = counting(store, log)
    await log.publish(events(4))
    records = await records_of(log)
    await step.take_over(0)
    await step(records[:1])
    redis.snapshot()
    return step, records


async def test_what_a_lost_state_had_told_is_told_again_event_by_event(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    """A reader may stand at any of them: it must hear of every change that came after."""
    step, records = await one_of_four_in_a_snapshot(log, store, own_redis)
    await step(records[1:])
    own_redis.roll_back()

    again = await step(records[1:])  # finds that the state is behind
    done = await step(records[1:])

    assert (again, done) == (Again(1), Done(4))
    assert await counts_of(log) == [b"1@0", b"4@3", b"2@1", b"3@2", b"4@3"]


async def test_what_was_published_and_lost_before_its_outbox_was_cleared_is_told_event_by_event(
    log: MemoryLog, store: StateStore, own_redis: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is then where it was before the batch: no other sign is left of the loss."""
    step, records = await one_of_four_in_a_snapshot(log, store, own_redis)

    async def lose(*_: object) -> bool:
        own_redis.roll_back()
        raise StateDown("the Redis of state: ConnectionError")

    with monkeypatch.context() as patched:
        patched.setattr(store, "clear", lose)
        again = await step(records[1:3])
    done = await step(records[1:])

    assert (again, done) == (Again(1), Done(4))
    assert await counts_of(log) == [b"1@0", b"3@2", b"2@1", b"3@2", b"4@3"]


async def test_a_state_lost_before_the_first_batch_of_an_owner_is_told_event_by_event(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    first, heir = counting(store, log), counting(store, log)
    await log.publish(events(4))
    records = await records_of(log)
    await first.take_over(0)
    own_redis.snapshot()
    await first(records[:3])
    await heir.take_over(0)
    own_redis.roll_back()

    again = await heir(records[3:])
    done = await heir(records)

    assert (again, done) == (Again(0), Done(4))
    assert await counts_of(log) == [b"3@2", b"1@0", b"2@1", b"3@2", b"4@3"]


async def test_the_committed_offset_tells_of_a_loss_while_no_process_ran(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, log)
    await log.publish(events(3))

    await step.take_over(0, committed=3)
    await step(await records_of(log))

    assert await counts_of(log) == [b"1@0", b"2@1", b"3@2"]


@pytest.mark.parametrize(
    ("max_records", "n_one_by_one"),
    [
        pytest.param(2, 1 + 2 * 2, id="small batches"),
        pytest.param(600, 1 + 2 * 600, id="large batches"),
    ],
)
async def test_two_batches_beyond_the_committed_offset_may_have_been_told(
    log: MemoryLog, store: StateStore, max_records: int, n_one_by_one: int
) -> None:
    """One whose commit is on its way, and the one after it."""
    step = counting(store, log)
    step.subscription("g", max_records)
    await log.publish(events(n_one_by_one + 2))
    records = await records_of(log)
    await step.take_over(0, committed=1)

    for batch in (records[:-4], records[-4:-2], records[-2:]):
        await step(batch)

    assert await counts_of(log) == [
        *(b"%d@%d" % (n + 1, n) for n in range(n_one_by_one)),
        b"%d@%d" % (n_one_by_one + 2, n_one_by_one + 1),
    ]


async def test_a_loss_is_remembered_by_who_takes_over_halfway(
    log: MemoryLog, store: StateStore
) -> None:
    first = counting(store, log)
    await log.publish(events(4))
    records = await records_of(log)
    await first.take_over(0, committed=4)
    await first(records[:2])
    heir = counting(store, log)

    await heir.take_over(0, committed=2)
    await heir(records[2:])

    assert await counts_of(log) == [b"1@0", b"2@1", b"3@2", b"4@3"]


async def test_a_redis_emptied_is_filled_again_from_the_beginning(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    step = counting(store, log)
    async with running(log, step.subscription("g", max_records=7)):
        await log.publish(events(30))
        await _until_applied(store, 30)
        own_redis.flush()
        await log.publish(events(10))
        await _until_applied(store, 40)

    assert await store.states_of(0, ["a"]) == (Position(40), {"a": b"40"})


async def test_a_redis_that_is_away_for_a_while_costs_nothing_but_time(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    own_redis.snapshot()
    step = counting(store, log)
    async with running(log, step.subscription("g")):
        await log.publish(events(10))
        await _until_applied(store, 10)
        own_redis.snapshot()
        own_redis.stop()
        await log.publish(events(10))
        await asyncio.sleep(0.2)
        own_redis.start()
        await _until_applied(store, 20)

    assert await store.states_of(0, ["a"]) == (Position(20), {"a": b"20"})


async def test_a_partition_is_taken_over_once_redis_is_there(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    own_redis.stop()
    step = counting(store, log)
    await log.publish(events(5))
    async with running(log, step.subscription("g")):
        await asyncio.sleep(0.2)
        own_redis.start()
        await _until_applied(store, 5)

    assert await counts_of(log) == [b"5@4"]


async def test_a_poisoned_record_is_a_dead_letter_and_the_rest_is_folded(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, log)
    await log.publish([*events(2), Message(EVENTS, b"a", b"poison"), *events(2)])
    await log.publish([Message(EVENTS, b"\xff", b"0")])
    await step.take_over(0)
    records = [record async for record in log.read(EVENTS)]

    outcome = await step(records)

    dead = [record.value async for record in log.read(dead_letters_of(EVENTS))]
    assert (outcome, dead) == (Done(6), [b"poison", b"0"])
    assert await counts_of(log) == [b"4@4"]


async def test_a_batch_of_nothing_but_poison_moves_the_position_on(
    log: MemoryLog, store: StateStore
) -> None:
    step = counting(store, log)
    await log.publish([Message(EVENTS, b"a", b"poison")])
    await step.take_over(0)

    assert await step(await records_of(log)) == Done(1)
    assert (await store.held(0)).applied == 1


async def test_the_state_of_another_log_is_refused(log: MemoryLog, store: StateStore) -> None:
    await log.publish(events(3))
    records = await records_of(log)
    step = counting(store, log)
    await step.take_over(0)
    await step(records)

    with pytest.raises(Misconfigured, match="another log"):
        await step(records[:1])


async def test_a_state_lost_while_the_log_is_quiet_is_found(
    log: MemoryLog, store: StateStore, own_redis: Faults
) -> None:
    await log.publish(events(3))
    step = counting(store, log)
    await step.take_over(0)
    await step(await records_of(log))
    await step.refuse_loss(0)
    own_redis.flush()

    with pytest.raises(StateLost):
        await step.refuse_loss(0)


async def _until_applied(store: StateStore, offset: int) -> None:
    """Wait until the state stands at `offset` and its outbox is published."""
    async with asyncio.timeout(20):
        while await _applied(store) != offset:  # noqa: ASYNC110 - Redis signals nothing
            await asyncio.sleep(0.01)


async def _applied(store: StateStore) -> int | None:
    try:
        held = await store.held(0)
    except StateDown:
        return None
    return held.applied if not held.outbox else None
