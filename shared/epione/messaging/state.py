"""State of partitions in Redis: it moves together with the position, or not at all.

Per partition four keys, in one hash slot: the states of its keys, when each is due, the outbox of
the last batch, and `applied`, the offset up to which all of this stands. A writer names the offset
that it began at, and is refused where another has moved it: a process that was frozen past its
session, and wakes, can write nothing.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, cast

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from epione.errors import Misconfigured, StateDown
from epione.messaging.patience import Patience, patiently
from epione.telemetry import STATE_ERRORS

_Scored = list[tuple[bytes, float]]

TIMEOUT_S = 5.0
_OUTSIDE = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.TryAgainError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a partition's state says of its position.

    `applied` is None where nothing was applied yet: the log is then to be read from its beginning.
    """

    applied: int | None
    outbox: bytes


class StateStore:
    """The states of one consumer of one topic, by partition. It keeps no copy of its own."""

    def __init__(self, url: str, *, namespace: str = "live", timeout_s: float = TIMEOUT_S) -> None:
        """Prepare a client; nothing is connected yet.

        Args:
            url: Of a Redis that evicts nothing.
            namespace: Keeps one history apart from another, such as a replay, in the same Redis.
            timeout_s: For each call. The client tries nothing again: that is the step's to decide.
        """
        self._namespace = namespace
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
        )
        self._apply = self._redis.register_script(_lua("apply.lua"))
        self._clear = self._redis.register_script(_lua("clear.lua"))

    async def close(self) -> None:
        await self._redis.aclose()

    async def ping(self) -> None:
        """Ask Redis for any answer.

        Raises:
            StateDown: It gives none.
        """
        async with _outside():
            await self._redis.ping()

    async def refuse_eviction(self) -> None:
        """Wait for Redis, for as long as it takes; then make sure that it keeps what it is given.

        Raises:
            Misconfigured: It may evict keys when its memory is full.
        """
        memory = await patiently(self._memory, Patience(within_s=float("inf")), "waiting for Redis")
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            raise Misconfigured(f"the Redis of state has maxmemory-policy {policy}, not noeviction")

    async def _memory(self, _attempt: int) -> dict[str, Any]:
        async with _outside():
            return await self._redis.info("memory")

    async def held(self, partition: int) -> Held:
        async with _outside():
            applied, outbox = await self._redis.mget(
                self._key(partition, "applied"), self._key(partition, "outbox")
            )
        return Held(_offset(applied), cast(bytes, outbox or b""))

    async def states_of(
        self, partition: int, keys: Sequence[str]
    ) -> tuple[int | None, dict[str, bytes]]:
        """Give the position and, of `keys`, the states that there are."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.get(self._key(partition, "applied"))
        if keys:  # of a batch that is dead letters there are none
            pipeline.hmget(self._key(partition, "states"), keys)
        async with _outside():
            applied, *found = await pipeline.execute()
        states = found[0] if keys else []
        held = {key: state for key, state in zip(keys, states, strict=True) if state is not None}
        return _offset(applied), held

    async def apply(
        self,
        partition: int,
        *,
        start: int | None,
        next_offset: int,
        states: Mapping[str, bytes],
        due: Mapping[str, int],
        outbox: bytes,
    ) -> bool:
        """Write what a batch did, if the position is still `start`; say whether it was.

        Args:
            due: ms since 1970 UTC at which each key is due; 0 where it is not any more.
        """
        arguments: list[str | bytes | int] = ["" if start is None else start, next_offset, outbox]
        arguments.append(len(states))
        for key, state in states.items():
            arguments += (key, state)
        for key, at_ms in due.items():
            arguments += (key, at_ms)
        names = [self._key(partition, name) for name in ("applied", "states", "due", "outbox")]
        async with _outside():
            return bool(await self._apply(keys=names, args=arguments))

    async def clear(self, partition: int, published_at: int) -> bool:
        """Empty the outbox published at a position, if it is still the same; say whether it was."""
        names = [self._key(partition, name) for name in ("applied", "outbox")]
        async with _outside():
            return bool(await self._clear(keys=names, args=[published_at]))

    async def due(self, partition: int, until_ms: int) -> list[tuple[str, int]]:
        """Give each key that is due by `until_ms`, with its time, earliest first."""
        name = self._key(partition, "due")
        async with _outside():
            found = await self._redis.zrange(name, 0, until_ms, byscore=True, withscores=True)
        return [(key.decode(), int(at_ms)) for key, at_ms in cast(_Scored, found)]

    def _key(self, partition: int, name: str) -> str:
        return f"epione:{{{self._namespace}:{partition}}}:{name}"


@asynccontextmanager
async def _outside() -> AsyncIterator[None]:
    try:
        yield
    except _OUTSIDE as fault:
        STATE_ERRORS.labels(type(fault).__name__).inc()
        raise StateDown(f"the Redis of state: {type(fault).__name__}") from fault


def _offset(stored: Any) -> int | None:  # redis gives bytes or None, and types it loosely
    return None if stored is None else int(stored)


def _lua(name: str) -> str:
    return files(__package__).joinpath(name).read_text()
