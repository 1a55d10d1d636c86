"""Publishing to Kafka: one idempotent producer, one batch per partition, every replica in sync.

`create_batch` and `send_batch` per partition are the fastest correct calls of aiokafka (measured in
tests/benchmarks/).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator

from epione.errors import BrokerDown
from epione.messaging.client import FORBIDDEN, Client, fault_of
from epione.messaging.log import Headers, Message
from epione.messaging.measures import count_published
from epione.messaging.partition import partition_of

MAX_BATCH_BYTES = 512 * 1024

_TopicPartition = tuple[str, int]


class Publisher:
    """Publishes to topics that all have `n_partitions`."""

    def __init__(self, client: Client, n_partitions: int, timeout_s: float) -> None:
        self._client, self._n_partitions, self._timeout_s = client, n_partitions, timeout_s
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all; return when every replica in sync has them.

        Raises:
            BrokerDown: Some may not have been taken.
            Misconfigured: This user may not write to a topic.
            MessageSizeTooLargeError: One is larger than its topic takes.
        """
        if not messages:
            return
        producer = await self._started()
        try:
            async with asyncio.timeout(self._timeout_s):
                batches = self._batches(producer, messages)
                await _deliver(producer, batches)
        except MessageSizeTooLargeError:
            raise
        except (KafkaError, TimeoutError) as fault:
            await self._discard(producer)
            if isinstance(fault, FORBIDDEN):
                raise fault_of(fault) from fault
            raise BrokerDown(f"Kafka did not take messages: {type(fault).__name__}") from fault
        n_by_topic: Counter[str] = Counter()
        for (topic, _), building in batches.items():
            n_by_topic[topic] += sum(batch.record_count() for batch in building)
        count_published(n_by_topic, messages)

    async def close(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._client.arguments,
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=MAX_BATCH_BYTES,
                    request_timeout_ms=int(self._timeout_s * 1000),
                )
                try:
                    await producer.start()
                except KafkaError as fault:
                    await producer.stop()
                    raise fault_of(fault) from fault
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """Give a producer up: after a lost request its sequence numbers are not the broker's.

        An idempotent producer never gives up a batch by itself (aiokafka 0.14, `Sender`): it would
        keep `stop` waiting, and publish stale messages once the broker is back.
        """
        if self._producer is producer:
            self._producer = None
        await producer._sender.close()
        _fail_all(producer._message_accumulator)
        await producer.stop()

    def _batches(
        self, producer: AIOKafkaProducer, messages: Sequence[Message]
    ) -> dict[_TopicPartition, list[BatchBuilder]]:
        batches: dict[_TopicPartition, list[BatchBuilder]] = defaultdict(list)
        n_partitions = self._n_partitions
        for topic, key, value, headers in messages:
            building = batches[topic.name, partition_of(key, n_partitions)]
            if not building or _full(building[-1], key, value, headers):
                building.append(producer.create_batch())
                _full(building[-1], key, value, headers)
        return batches


def _fail_all(accumulator: MessageAccumulator) -> None:
    """Fail what a producer still has, without what aiokafka 0.14 complains of then.

    It takes each batch out of those pending, where one to be sent again is not; and nobody asks any
    more what became of them.
    """
    left = [*chain.from_iterable(accumulator._batches.values()), *accumulator._pending_batches]
    accumulator._pending_batches.update(left)
    accumulator.fail_all(ProducerClosed())
    for future in chain.from_iterable((batch.future, batch._drain_waiter) for batch in left):
        if future.done() and not future.cancelled():
            future.exception()


def _full(batch: BatchBuilder, key: bytes, value: bytes, headers: Headers) -> bool:
    """Append, unless there is no room; a batch has room for one message at least."""
    taken = value or None  # a tombstone, as Kafka has it
    return batch.append(key=key, value=taken, timestamp=None, headers=list(headers)) is None


async def _deliver(
    producer: AIOKafkaProducer, batches: dict[_TopicPartition, list[BatchBuilder]]
) -> None:
    sent: list[asyncio.Future[Any]] = []
    try:
        for (topic, partition), building in batches.items():
            for batch in building:
                sent.append(await producer.send_batch(batch, topic, partition=partition))
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
    finally:
        for future in sent:
            future.cancel()  # of a timeout: nobody asks any more
