"""Reading a Kafka topic from outside any group."""

from collections.abc import AsyncGenerator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from epione.messaging.client import Client, fault_of
from epione.messaging.consuming import record_of
from epione.messaging.log import Record


async def records_of(
    client: Client, partitions: list[TopicPartition], *, key: bytes | None, follow: bool
) -> AsyncGenerator[Record]:
    """Give records from the beginning to what is the end now; with `follow`, without end."""
    consumer = AIOKafkaConsumer(**client.arguments, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while follow or not await _all_read(consumer, ends):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                for raw in batch:
                    at_end = raw.offset >= ends[TopicPartition(raw.topic, raw.partition)]
                    if (key is None or raw.key == key) and (follow or not at_end):
                        yield record_of(raw)
    except KafkaError as fault:
        raise fault_of(fault) from fault
    finally:
        await consumer.stop()


async def _all_read(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            return False
    return True
