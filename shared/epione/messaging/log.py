"""The port: what a service may ask of a partitioned log, be it Kafka or in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from epione.messaging.topics import Topic

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """To be published. The key decides the partition (murmur2), so one patient stays in order."""

    topic: Topic
    key: bytes
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Record:
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
    """Seek to this offset and read on from there; nothing is committed."""

    offset: int


# One partition's consecutive records in, what becomes of the position out. It never raises for
# what is at fault in a message or outside; what it does raise ends the process.
Step = Callable[[Sequence[Record]], Awaitable[Done | Again]]


class Log(Protocol):
    """A partitioned, ordered log."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all; return when every replica in sync has them.

        Raises:
            BrokerDown: Some may not have been taken. Publish all again.
        """

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncIterator[Record]:
        """Read from the beginning, outside any group; with `key`, its partition alone.

        Ends at what was the end when the call was made; with `follow`, never.
        """
