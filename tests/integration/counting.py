"""A small stateful service for tests: it counts the events of each key, and says each count."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from epione.errors import MalformedEvent
from epione.messaging import Archive, Log, Message, Patience, Record, Topic
from epione.messaging.folding import Folded, Folding
from epione.messaging.state import StateStore

EVENTS = Topic("test.events.v1")
COUNTS = Topic("test.counts.v1")
QUICK = Patience(first_s=0.01, longest_s=0.05, within_s=5.0)
DAY_MS = 86_400_000


def decode(record: Record) -> str:
    value = (record.value or b"").decode()
    if value == "poison":
        raise MalformedEvent("not an event")
    return value


async def count(events: Sequence[tuple[Record, str]], states: Mapping[str, bytes]) -> Folded:
    """Count; the output says how many, and up to which offset. Due a day after each thousandth."""
    counts = {key: int(state) for key, state in states.items()}
    last: dict[str, int] = {}
    for record, _ in events:
        key = (record.key or b"").decode()
        counts[key] = counts.get(key, 0) + 1
        last[key] = record.offset
    return Folded(
        states={key: b"%d" % counts[key] for key in last},
        outputs=[Message(COUNTS, k.encode(), b"%d@%d" % (counts[k], at)) for k, at in last.items()],
        due={key: counts[key] * DAY_MS for key in last},
    )


def recompute(keys: Sequence[str]) -> list[Message]:
    return [Message(EVENTS, key.encode(), b"recompute") for key in keys]


def counting(
    store: StateStore,
    log: Log,
    patience: Patience = QUICK,
    restore: Callable[[int], Awaitable[None]] | None = None,
) -> Folding[str]:
    return Folding(
        decode,
        count,
        store,
        log,
        EVENTS,
        stage="counting",
        on_overtaken=recompute,
        restore=restore,
        patience=patience,
    )


def events(n: int, key: bytes = b"a") -> list[Message]:
    return [Message(EVENTS, key, b"%d" % i) for i in range(n)]


async def records_of(log: Log, key: bytes = b"a") -> list[Record]:
    return [record async for record in log.read(EVENTS, key=key)]


async def counts_of(log: Log, key: bytes = b"a") -> list[bytes]:
    return [record.value or b"" async for record in log.read(COUNTS, key=key)]


@dataclass
class Interrupted:
    """A log whose publishing waits until the test says so, and fails as it says."""

    log: Archive
    faults: list[Exception | None] = field(default_factory=list)  # one a call; None: none
    held_back: asyncio.Event | None = None
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, messages: Sequence[Message]) -> None:
        if self.held_back is not None:
            self.waiting.set()
            await self.held_back.wait()
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        await self.log.publish(messages)

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        return self.log.read(topic, key=key, follow=follow)

    def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
        return self.log.read_from(topic, start)

    async def offsets_at(self, topic: Topic, time_ms: int) -> Mapping[int, int]:
        return await self.log.offsets_at(topic, time_ms)
