"""Reading a Kafka topic from outside any group."""

from collections.abc import AsyncGenerator

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from epione.errors import BrokerDown
from epione.messaging.consuming import record_of
from epione.messaging.log import Record


async def records_of(
    bootstrap: str, partitions: list[TopicPartition], *, key: bytes | None, follow: bool
) -> AsyncGenerator[Record]:
    """Give records from the beginning to what is the end now; with `follow`, without end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
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
        raise BrokerDown(f"Kafka does not answer: {type(fault).__name__}") from fault
    finally:
        await consumer.stop()


async def _all_read(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            return False
    return True
