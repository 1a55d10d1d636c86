"""The port: what a service may ask of a partitioned log, be it Kafka or in memory."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from epione.messaging.topics import Topic

Headers = tuple[tuple[str, bytes], ...]


class Message(NamedTuple):
    """To be published. The key decides the partition (murmur2), so one patient stays in order.

    A message without a value is a tombstone: of its key, nothing stands any more.
    """

    topic: Topic
    key: bytes
    value: bytes
    headers: Headers = ()


class Record(NamedTuple):
    """As read. `timestamp_ms` is when the log took it, in ms since 1970 UTC."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Done:
    """Commit up to, and not including, this offset."""

    next_offset: int


@dataclass(frozen=True, slots=True)
class Again:
    """Seek to this offset and read on from there; nothing is committed.

    `later`: what the partition needs does not answer; let it rest, and the others go on.
    """

    offset: int
    later: bool = False


# One partition's consecutive records in, what becomes of the position out. It never raises for
# what is at fault in a message or outside; what it does raise ends the process.
Step = Callable[[Sequence[Record]], Awaitable[Done | Again]]

TakeOver = Callable[[int, int], Awaitable[int]]  # partition, offset committed: offset to read from


@dataclass(frozen=True, slots=True)
class Subscription:
    """One group's reading of one topic.

    `step` is called with a partition's records in order, one batch of it at a time. It may be
    called for several partitions at once. Where a step keeps state of its own, `take_over` says
    at which offset a partition that comes to this process is to be read from, before any of its
    records is given to the step; it is given the offset that the group has committed (0 for none),
    may raise `Unavailable`, and is then asked again. `let_go` is
    told when the partition leaves, after the batch in hand.
    """

    topic: Topic
    group: str
    step: Step
    max_records: int = 500
    take_over: TakeOver | None = None
    let_go: Callable[[int], None] | None = None


class Log(Protocol):
    """A partitioned, ordered log."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all; return when every replica in sync has them.

        Raises:
            BrokerDown: Some may not have been taken. Publish all again.
        """

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        """Read from the beginning, outside any group; with `key`, the records of that key alone.

        Ends at what was the end when reading began; with `follow`, never.
        """


class Archive(Log, Protocol):
    """A log that can be read from any place on."""

    def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
        """Read the partitions named in `start` from the offsets there to what is the end now."""

    async def offsets_at(self, topic: Topic, time_ms: int) -> Mapping[int, int]:
        """Give, by partition, the first offset at or after a time; the end where there is none."""


class Tail(Protocol):
    """The reading of a whole topic by one reader, that goes on where it stood."""

    def news(self) -> AsyncGenerator[Record]:
        """Give what came since the last time, up to what is the end now.

        Raises:
            BrokerDown: It goes on, later, after the last record that was given.
        """

    async def close(self) -> None: ...


class Stream(Archive, Protocol):
    """A log with consumer groups, and with readers that follow a whole topic."""

    def tail(self, topic: Topic, *, from_end: bool = False) -> Tail:
        """Prepare to follow a topic from its beginning, or from the end that the first news has."""

    async def consume(self, subscriptions: Sequence[Subscription], stop: asyncio.Event) -> None:
        """Give records to the steps until `stop` is set and the batches in hand are done.

        Raises:
            Exception: Whatever a step raised; of its batch nothing is committed.
        """
