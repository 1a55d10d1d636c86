"""One namespace of state becomes the live one in place of another: at one offset, or not at all."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.integration.counting import counting, counts_of, events, records_of

from epione.errors import Misconfigured, StateDown
from epione.messaging import Again, Layout, MemoryLog
from epione.messaging.namespaces import Namespaces, Standing
from epione.messaging.state import SUSPECTED_S, Position, StateStore
from epione.messaging.state_keys import SUSPECTS, state_key
from epione_cli.operating.refolding import drop_replaced

pytestmark = pytest.mark.redis


@pytest.fixture
async def live(redis_url: str) -> AsyncIterator[StateStore]:
    """One that follows the pointer."""
    store = StateStore(redis_url)
    yield store
    await store.close()


@pytest.fixture
async def new(redis_url: str) -> AsyncIterator[StateStore]:
    store = StateStore(redis_url, namespace="new")
    yield store
    await store.close()


@pytest.fixture
def namespaces(live: StateStore) -> Namespaces:
    return Namespaces(live)


async def write(
    store: StateStore, start: Position, next_offset: int, state: bytes = b"", outbox: bytes = b""
) -> bool:
    return await store.apply(
        0, start=start, next_offset=next_offset, states={"a": state}, due={}, outbox=outbox
    )


async def moved(namespaces: Namespaces) -> bool:
    await namespaces.pause(0)
    return await namespaces.move(0, "live", "new")


async def test_at_the_same_offset_another_namespace_becomes_the_live_one(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10, b"old")
    await write(new, Position(None, "new"), 10, b"new")

    assert await moved(namespaces)
    assert await live.states_of(0, ["a"]) == (Position(10, "new"), {"a": b"new"})


async def test_what_is_known_of_outputs_goes_with_it(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10)
    await live.suspect(0, "live", ["a"])
    await live.remember_told(0, "live", 30)

    await moved(namespaces)

    assert (await live.held(0)).told == 30
    assert await live.suspects(0, "new") == {"a"}
    assert 0 < await live.redis.ttl(state_key(0, "new", SUSPECTS)) <= SUSPECTED_S


async def test_where_nothing_moves_neither_does_what_is_known_of_outputs(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 9)
    await live.suspect(0, "live", ["a"])

    await moved(namespaces)

    assert await live.suspects(0, "new") == set()


async def test_where_one_stands_elsewhere_nothing_moves(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 9)

    assert not await moved(namespaces)
    assert await namespaces.live(0) == "live"


async def test_while_something_is_left_to_publish_nothing_moves(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10, outbox=b"plans")
    await write(new, Position(None, "new"), 10)

    assert not await moved(namespaces)


async def test_who_did_not_pause_it_moves_nothing(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10)
    await Namespaces(live).pause(0)

    assert not await namespaces.move(0, "live", "new")


async def test_another_namespace_than_the_one_that_is_live_is_not_replaced(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10)
    await namespaces.pause(0)

    assert not await namespaces.move(0, "older", "new")


async def test_a_batch_that_was_begun_in_the_old_namespace_writes_nothing(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10, b"new")
    await moved(namespaces)

    assert not await write(live, Position(10, "live"), 20, b"stale")
    assert await live.states_of(0, ["a"]) == (Position(10, "new"), {"a": b"new"})


async def test_a_paused_partition_is_unavailable_to_who_follows_the_pointer(
    live: StateStore, namespaces: Namespaces
) -> None:
    await namespaces.pause(0)

    with pytest.raises(StateDown, match="moved"):
        await write(live, Position(None), 10)


async def test_a_pause_does_not_hold_back_who_writes_another_namespace(
    new: StateStore, namespaces: Namespaces
) -> None:
    await namespaces.pause(0)

    assert await write(new, Position(None, "new"), 10)


async def test_a_move_ends_the_pause(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10)
    await moved(namespaces)

    assert await write(live, Position(10, "new"), 20, b"state")


async def test_a_pause_ends_by_itself(namespaces: Namespaces, redis_url: str) -> None:
    await namespaces.pause(0)

    async with Redis.from_url(redis_url) as client:
        assert 0 < await client.pttl("epione:{0}:paused") <= 10_000


async def test_a_service_reads_on_in_the_new_namespace(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    log = MemoryLog(Layout(partitions=1))
    await log.publish(events(3))
    step = counting(live, log)
    await step.take_over(0)
    await step(await records_of(log))
    await write(new, Position(None, "new"), 3, b"40")
    await moved(namespaces)
    await log.publish(events(2))
    batch = (await records_of(log))[3:]

    found_out = await step(batch)
    await step(batch)

    assert found_out == Again(3)
    assert await counts_of(log) == [b"3@2", b"42@4"]
    assert await namespaces.standings([0]) == [
        Standing(0, "live", 3, 1, is_live=False),
        Standing(0, "new", 5, 1, is_live=True),
    ]


async def test_a_quiet_partition_is_not_taken_for_lost_when_it_has_moved(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    log = MemoryLog(Layout(partitions=1))
    await log.publish(events(3))
    step = counting(live, log)
    await step.take_over(0)
    await step(await records_of(log))
    await write(new, Position(None, "new"), 3)
    await moved(namespaces)

    await step.refuse_loss(0)


async def test_a_namespace_that_is_not_live_can_be_dropped(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    await write(live, Position(None), 10)
    await write(new, Position(None, "new"), 10)

    await namespaces.drop("new", [0])

    assert [each.namespace for each in await namespaces.standings([0])] == ["live"]


async def test_what_a_replay_replaced_is_dropped_where_an_earlier_run_had_switched_it(
    live: StateStore, new: StateStore, namespaces: Namespaces
) -> None:
    for partition in range(2):
        for store, start in ((live, Position(None)), (new, Position(None, "new"))):
            await store.apply(
                partition, start=start, next_offset=10, states={"a": b"1"}, due={}, outbox=b""
            )
    await moved(namespaces)
    old = {partition: await namespaces.live(partition) for partition in range(2)}
    await namespaces.pause(1)
    await namespaces.move(1, "live", "new")

    await drop_replaced(namespaces, old, "new")

    assert old == {0: "new", 1: "live"}
    assert {each.namespace for each in await namespaces.standings(range(2))} == {"new"}


async def test_the_live_namespace_is_not_dropped(live: StateStore, namespaces: Namespaces) -> None:
    await write(live, Position(None), 10)

    with pytest.raises(Misconfigured, match="live in partitions"):
        await namespaces.drop("live", [0, 1])

    assert (await live.held(0)).applied == 10


@pytest.mark.parametrize("name", ["a:b", "", "{0}", "*"])
async def test_what_would_break_a_key_is_no_name(namespaces: Namespaces, name: str) -> None:
    with pytest.raises(Misconfigured, match="no namespace"):
        await namespaces.drop(name, [0])
