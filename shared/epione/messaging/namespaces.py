"""Which namespace of state is the live one, partition by partition, and how another becomes it.

A pointer beside the states names it. It moves in one step, and only where both namespaces stand at
the same offset with nothing left to publish: whoever follows it reads on from where it was, in the
other namespace; a batch that was begun in the old one is refused, however late it comes.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from epione.errors import Misconfigured
from epione.messaging.state import StateStore, outside
from epione.messaging.state_keys import (
    BESIDE,
    LIVE,
    PARTS,
    checked,
    lua,
    paused_key,
    pointer_key,
    state_key,
)

PAUSE_MS = 10_000  # who paused a partition and died holds it up for no longer


@dataclass(frozen=True, slots=True)
class Standing:
    """One namespace of one partition."""

    partition: int
    namespace: str
    applied: int | None
    n_keys: int
    is_live: bool


class Namespaces:
    """The namespaces in the Redis of a store."""

    def __init__(self, store: StateStore) -> None:
        self._redis = store.redis
        self._move = self._redis.register_script(lua("move.lua"))
        self._name = secrets.token_hex(8)

    async def live(self, partition: int) -> str:
        """Give the namespace of a partition that is live now."""
        async with outside():
            return _named(await self._redis.get(pointer_key(partition)))

    async def pause(self, partition: int) -> None:
        """Keep the live namespace of a partition as it is, for a while: followers wait."""
        async with outside():
            await self._redis.set(paused_key(partition), self._name, px=PAUSE_MS)

    async def move(self, partition: int, old: str, new: str) -> bool:
        """Make `new` the live one in place of `old`, if all is as it must be; say whether it was.

        The partition must have been paused by us.
        """
        names = [pointer_key(partition), paused_key(partition)]
        names += [state_key(partition, old, part) for part in ("applied", "outbox")]
        names += [state_key(partition, new, "applied")]
        for part in BESIDE:
            names += [state_key(partition, old, part), state_key(partition, new, part)]
        async with outside():
            return bool(await self._move(keys=names, args=[old, new, self._name]))

    async def standings(self, partitions: Iterable[int]) -> list[Standing]:
        """Give what there is, by partition and name."""
        return [each for partition in partitions for each in await self._standings(partition)]

    async def _standings(self, partition: int) -> list[Standing]:
        live = await self.live(partition)
        async with outside():
            pattern = state_key(partition, "*", "*")
            keys = [key.decode() async for key in self._redis.scan_iter(pattern, count=1_000)]
            names = sorted({key.split(":")[2] for key in keys})
            return [await self._standing(partition, name, name == live) for name in names]

    async def _standing(self, partition: int, namespace: str, is_live: bool) -> Standing:
        applied = await self._redis.get(state_key(partition, namespace, "applied"))
        n_keys = await self._redis.hlen(state_key(partition, namespace, "states"))
        return Standing(
            partition, namespace, None if applied is None else int(applied), n_keys, is_live
        )

    async def drop(self, namespace: str, partitions: Iterable[int]) -> None:
        """Delete a namespace.

        Raises:
            Misconfigured: It is the live one of a partition; nothing is deleted then.
        """
        checked(namespace)
        partitions = tuple(partitions)
        if live := [n for n in partitions if await self.live(n) == namespace]:
            raise Misconfigured(f"{namespace} is live in partitions {live}: it is not dropped")
        async with outside():
            for partition in partitions:
                parts = (*PARTS, *BESIDE)
                await self._redis.unlink(*(state_key(partition, namespace, part) for part in parts))


def _named(pointer: object) -> str:
    return LIVE if pointer is None else cast(bytes, pointer).decode()
