"""Sends the hospital's messages as a client of its own, and writes down what Kafka acknowledges."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from aiokafka import AIOKafkaProducer
from tests.end_to_end.soak.hospital import Outgoing
from tests.end_to_end.soak.ledger import Ledger, Row

AT_ONCE = 50  # messages
WINDOW = 4_000  # messages that may be on their way
PAUSE_S = 0.02
UNHURRIED = float("inf")


class Said(Protocol):
    """What Kafka says of a message that it has."""

    topic: str
    partition: int
    offset: int


class Sender:
    """Sends as many messages as it may, at its pace, and never `WINDOW` ahead of the answers."""

    def __init__(
        self,
        bootstrap: str,
        messages: Iterator[Outgoing],
        ledger: Ledger,
        n_on_the_way: Callable[[], int],
    ) -> None:
        self._bootstrap, self._messages, self._ledger = bootstrap, messages, ledger
        self._n_on_the_way = n_on_the_way
        self._unacknowledged: set[asyncio.Future[Said]] = set()
        self.n_allowed = 0
        self.a_second = UNHURRIED

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=60_000,
        )
        await self._producer.start()
        self._sending = asyncio.create_task(self._send_on())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        await self._producer.stop()

    async def all_sent(self) -> None:
        """Wait until everything that it may send is sent and acknowledged."""
        while self._ledger.n_sent < self.n_allowed:
            if self._sending.done():
                self._sending.result()
            await asyncio.sleep(PAUSE_S)
        await asyncio.gather(*self._unacknowledged)

    async def _send_on(self) -> None:
        loop = asyncio.get_running_loop()
        last_at, owed = loop.time(), 0.0
        while True:
            now = loop.time()
            owed = min(owed + (now - last_at) * min(self.a_second, 1e6), AT_ONCE)
            last_at = now
            window = WINDOW - self._n_on_the_way() - len(self._unacknowledged)
            n = min(int(owed), self.n_allowed - self._ledger.n_sent, window)
            for message in (next(self._messages) for _ in range(n)):
                await self._send(message)
            owed -= max(n, 0)
            await asyncio.sleep(PAUSE_S if n <= 0 else 0)

    async def _send(self, message: Outgoing) -> None:
        row = self._ledger.sent(message)
        future = await self._producer.send(
            message.topic.name, message.value, key=message.key, headers=list(message.headers)
        )
        self._unacknowledged.add(future)
        future.add_done_callback(partial(self._acknowledged, row))

    def _acknowledged(self, row: Row, future: asyncio.Future[Said]) -> None:
        self._unacknowledged.discard(future)
        if not future.cancelled() and future.exception() is None:
            said = future.result()
            row.places.append((said.topic, said.partition, said.offset))
