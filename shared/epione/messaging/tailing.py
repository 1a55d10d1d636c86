"""Following a whole Kafka topic from outside any group."""

import asyncio
import time
from collections.abc import AsyncGenerator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from epione.errors import BrokerDown
from epione.messaging.client import Client, fault_of
from epione.messaging.consuming import record_of
from epione.messaging.log import Record
from epione.messaging.reading import all_read, refuse_hidden

TIMEOUT_S = 10.0  # that Kafka may be silent


class KafkaTail:
    """Reads on from where it stood, also after a fault; one caller at a time."""

    def __init__(self, client: Client, partitions: list[TopicPartition], from_end: bool) -> None:
        self._client, self._partitions, self._from_end = client, partitions, from_end
        self._consumer: AIOKafkaConsumer | None = None
        self._at: dict[TopicPartition, int] = {}

    async def news(self) -> AsyncGenerator[Record]:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                consumer = await self._started()
                ends = await consumer.end_offsets(self._partitions)
            silent_since_s = time.monotonic()
            while not await all_read(consumer, ends):
                for partition, batch in (await consumer.getmany(timeout_ms=100)).items():
                    silent_since_s = time.monotonic()
                    for raw in batch:
                        self._at[partition] = raw.offset + 1
                        yield record_of(raw)
                if time.monotonic() - silent_since_s > TIMEOUT_S:
                    raise KafkaTimeoutError
        except TimeoutError as fault:
            await self.close()
            raise BrokerDown("Kafka does not answer") from fault
        except KafkaError as fault:
            await self.close()
            raise fault_of(fault) from fault

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(**self._client.arguments, enable_auto_commit=False)
            self._consumer = consumer
            await consumer.start()
            await refuse_hidden(consumer, self._partitions)
            consumer.assign(self._partitions)
            await self._seek(consumer)
        return self._consumer

    async def _seek(self, consumer: AIOKafkaConsumer) -> None:
        """Go to where each partition stood; where it stood nowhere yet, to its one end."""
        new = [partition for partition in self._partitions if partition not in self._at]
        for partition, offset in self._at.items():
            consumer.seek(partition, offset)
        if new:
            to_start, to_end = consumer.seek_to_beginning, consumer.seek_to_end
            await (to_end if self._from_end else to_start)(*new)
        for partition in new:
            self._at[partition] = await consumer.position(partition)
