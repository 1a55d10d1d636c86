"""State of partitions in Redis: it moves together with the position, or not at all.

Per partition and namespace four keys, in one hash slot: the states of its keys, when each is due,
the outbox of the last batch, and `applied`, the offset up to which all of this stands. A writer
names the position that it began at, and is refused where another has moved it: a process that was
frozen past its session, and wakes, can write nothing. A position is of a namespace: who follows the
pointer is refused, too, once it names another (`epione.messaging.namespaces`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

from redis import exceptions
from redis.asyncio.client import Pipeline

from epione.errors import Misconfigured, StateDown
from epione.messaging.patience import Patience, is_cancelled, patiently
from epione.messaging.redis_client import redis_of, refusing_denial
from epione.messaging.state_keys import (
    LIVE,
    PARTS,
    SUSPECTS,
    TOLD,
    checked,
    lua,
    paused_key,
    pointer_key,
    state_key,
)
from epione.telemetry import STATE_ERRORS

_Scored = list[tuple[bytes, float]]

TIMEOUT_S = 5.0
SUSPECTED_S = 86_400  # for as long, too, topics keep what is older (`topics.UNCOMPACTED_MS`)
_OUTSIDE = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
)


class Position(NamedTuple):
    """Up to where a partition's log is applied, and in which namespace.

    `applied` is None where nothing was applied yet: the log is then to be read from its beginning.
    """

    applied: int | None
    namespace: str = LIVE


@dataclass(frozen=True, slots=True)
class Held:
    """What a partition's state says of its position.

    `told` is the offset before which outputs were published by a state that was lost since.
    """

    position: Position
    outbox: bytes
    told: int = 0

    @property
    def applied(self) -> int | None:
        return self.position.applied


class StateStore:
    """The states of one consumer of one topic, by partition. It keeps no copy of its own."""

    def __init__(self, url: str, *, namespace: str = "", timeout_s: float = TIMEOUT_S) -> None:
        """Prepare a client; nothing is connected yet.

        Args:
            url: Of a Redis that evicts nothing.
            namespace: Keeps one history apart from another, such as a replay, in the same Redis;
                "" is, of each partition, the one that its pointer names.
            timeout_s: For each call. The client tries nothing again: that is the step's to decide.
        """
        self._fixed = namespace and checked(namespace)
        self._guessed: dict[int, str] = {}  # by partition, the namespace that was live when asked
        self.redis = redis_of(url, timeout_s, "EPIONE_STATE")
        self._apply = self.redis.register_script(lua("apply.lua"))
        self._clear = self.redis.register_script(lua("clear.lua"))

    async def close(self) -> None:
        await self.redis.aclose()

    async def ping(self) -> None:
        """Ask Redis for any answer.

        Raises:
            StateDown: It gives none.
        """
        async with outside():
            await self.redis.ping()

    async def refuse_eviction(self) -> None:
        """Wait for Redis, for as long as it takes; then make sure that it keeps what it is given.

        Raises:
            Misconfigured: It may evict keys when its memory is full, or does not let us in.
        """
        memory = await patiently(self._memory, Patience(within_s=float("inf")), "waiting for Redis")
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            raise Misconfigured(f"the Redis of state has maxmemory-policy {policy}, not noeviction")

    async def _memory(self, _attempt: int) -> dict[str, Any]:
        async with outside(), refusing_denial(self.redis, "EPIONE_STATE"):
            return await self.redis.info("memory")

    async def held(self, partition: int) -> Held:
        position, (found,) = await self._read(
            partition, lambda pipeline, key: pipeline.mget(key("outbox"), key(TOLD))
        )
        outbox, told = cast(list[bytes | None], found)
        return Held(position, outbox or b"", int(told or 0))

    async def remember_told(self, partition: int, namespace: str, offset: int) -> None:
        """Keep `Held.told`."""
        async with outside():
            await self.redis.set(state_key(partition, namespace, TOLD), offset)

    async def suspect(self, partition: int, namespace: str, keys: Iterable[str]) -> None:
        """Remember for a day that an earlier owner may still publish older outputs of keys."""
        name = state_key(partition, namespace, SUSPECTS)
        pipeline = self.redis.pipeline(transaction=True)
        pipeline.sadd(name, *keys)
        pipeline.expire(name, SUSPECTED_S)
        async with outside():
            await pipeline.execute()

    async def suspects(self, partition: int, namespace: str) -> set[str]:
        """Give the keys that `suspect` was told of."""
        async with outside():
            found = await self.redis.smembers(state_key(partition, namespace, SUSPECTS))
        return {key.decode() for key in cast(set[bytes], found)}

    async def states_of(
        self, partition: int, keys: Sequence[str]
    ) -> tuple[Position, dict[str, bytes]]:
        """Give the position and, of `keys`, the states that there are."""
        if not keys:  # of a batch that is dead letters
            return (await self.held(partition)).position, {}
        position, (states,) = await self._read(
            partition, lambda pipeline, key: pipeline.hmget(key("states"), keys)
        )
        found = zip(keys, cast(list[bytes | None], states), strict=True)
        return position, {key: state for key, state in found if state is not None}

    async def _read(
        self, partition: int, ask: Callable[[Pipeline, Callable[[str], str]], object]
    ) -> tuple[Position, Sequence[object]]:
        """Ask about a partition in the namespace that is meant, at one moment."""
        while True:
            namespace = self._fixed or self._guessed.get(partition, LIVE)
            pipeline = self.redis.pipeline(transaction=True)
            pipeline.get(pointer_key(partition))
            pipeline.get(state_key(partition, namespace, "applied"))
            ask(pipeline, partial(state_key, partition, namespace))
            async with outside():
                pointer, applied, *found = await pipeline.execute()
            live = LIVE if pointer is None else pointer.decode()
            if self._fixed or live == namespace:
                return Position(None if applied is None else int(applied), namespace), found
            self._guessed[partition] = live

    async def apply(
        self,
        partition: int,
        *,
        start: Position,
        next_offset: int | None,
        states: Mapping[str, bytes],
        due: Mapping[str, int],
        outbox: bytes,
    ) -> bool:
        """Write what a batch did, if the position is still `start`; say whether it was.

        Args:
            next_offset: None where states are only being put in place: nothing is applied yet.
            states: Empty bytes where nothing is kept of a key any more.
            due: ms since 1970 UTC at which each key is due; 0 where it is not any more.

        Raises:
            StateDown: Redis does not answer, or the partition is being moved to another namespace.
        """
        namespace = start.namespace
        arguments: list[str | bytes | int] = ["" if self._fixed else namespace]
        arguments += (_text(start.applied), _text(next_offset), outbox, len(states))
        for key, state in states.items():
            arguments += (key, state)
        for key, at_ms in due.items():
            arguments += (key, at_ms)
        names = [state_key(partition, namespace, part) for part in PARTS]
        names += (pointer_key(partition), paused_key(partition))
        async with outside():
            written = await self._apply(keys=names, args=arguments)
        if written == -1:
            raise StateDown("the partition is being moved to another namespace")
        return bool(written)

    async def clear(self, partition: int, published_at: Position) -> bool:
        """Empty the outbox published at a position, if it is still the same; say whether it was."""
        names = [
            state_key(partition, published_at.namespace, part) for part in ("applied", "outbox")
        ]
        async with outside():
            return bool(await self._clear(keys=names, args=[_text(published_at.applied)]))

    async def due(self, partition: int, until_ms: int, at_most: int) -> list[tuple[str, int]]:
        """Give keys that are due by `until_ms`, each with its time, earliest first."""
        _, (found,) = await self._read(
            partition,
            lambda pipeline, key: pipeline.zrange(
                key("due"), 0, until_ms, byscore=True, withscores=True, offset=0, num=at_most
            ),
        )
        return [(key.decode(), int(at_ms)) for key, at_ms in cast(_Scored, found)]

    async def n_due(self, partition: int, namespace: str, until_ms: int) -> int:
        """Count the keys that are due by `until_ms`."""
        async with outside():
            found: int = await self.redis.zcount(
                state_key(partition, namespace, "due"), 0, until_ms
            )
        return found

    async def scan(
        self, partition: int, namespace: str, at_once: int
    ) -> AsyncIterator[dict[str, bytes]]:
        """Give every state that is there from the beginning to the end of this, some at a time.

        One may come twice; what is written meanwhile may come as it was or as it is.
        """
        cursor = 0
        while True:
            async with outside():
                cursor, found = await self.redis.hscan(
                    state_key(partition, namespace, "states"), cursor, count=at_once
                )
            if found:
                yield {
                    key.decode(): state for key, state in cast(dict[bytes, bytes], found).items()
                }
            if not cursor:
                return

    async def due_of(self, partition: int, namespace: str, keys: Sequence[str]) -> dict[str, int]:
        """Give when keys are due, of those that are."""
        async with outside():
            found = await self.redis.zmscore(state_key(partition, namespace, "due"), list(keys))
        return {key: int(at) for key, at in zip(keys, found, strict=True) if at is not None}


@asynccontextmanager
async def outside() -> AsyncIterator[None]:
    """Make what is at fault with Redis, and not with us, `StateDown`.

    Each send of redis-py 8.1 goes through `asyncio.wait_for`, which up to Python 3.11 loses a
    cancellation that comes when the sending is just done (github.com/python/cpython/issues/86296):
    measured, one of five where a server often closes. It is raised here.
    """
    try:
        yield
        if is_cancelled():
            raise asyncio.CancelledError
    except _OUTSIDE as fault:
        if is_cancelled():
            raise asyncio.CancelledError from fault
        STATE_ERRORS.labels(type(fault).__name__).inc()
        raise StateDown(f"the Redis of state: {type(fault).__name__}") from fault


def _text(offset: int | None) -> str:
    return "" if offset is None else str(offset)
