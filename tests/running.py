"""Running a consumer beside a test, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from epione.messaging import Done, Message, Record, Stream, Subscription, Topic, serve

DEADLINE_S = 30.0


class Seen:
    """A step that remembers what it was given, and is always done."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def __call__(self, records: Sequence[Record]) -> Done:
        self.records += records
        return Done(records[-1].offset + 1)

    @property
    def values(self) -> list[bytes]:
        return [record.value or b"" for record in self.records]


@asynccontextmanager
async def running(log: Stream, *subscriptions: Subscription) -> AsyncIterator[None]:
    """Serve until the block ends, then stop gracefully; what the service raised is raised."""
    stop = asyncio.Event()
    service = asyncio.create_task(serve(log, subscriptions, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(service, DEADLINE_S)


async def until(holds: Callable[[], bool], what: str = "it") -> None:
    """Return once the condition holds."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - the condition is anything, and nobody signals it
            await asyncio.sleep(0.01)


def messages(topic: Topic, n: int, key: bytes | None = None) -> list[Message]:
    """Give `n` numbered messages, of one key or of seven in turn."""
    return [Message(topic, key or b"key-%d" % (i % 7), b"%d" % i) for i in range(n)]
