"""Reading a Kafka topic from outside any group."""

from collections.abc import AsyncGenerator, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from epione.errors import Misconfigured
from epione.messaging.client import Client, fault_of
from epione.messaging.consuming import record_of
from epione.messaging.log import Record


async def records_of(
    client: Client,
    start: Mapping[TopicPartition, int],
    *,
    key: bytes | None = None,
    follow: bool = False,
) -> AsyncGenerator[Record]:
    """Give records from these offsets on, to what is the end now; with `follow`, without end.

    Where the log begins later than an offset, it is read from its beginning.
    """
    consumer = AIOKafkaConsumer(
        **client.arguments, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        await refuse_hidden(consumer, start)
        consumer.assign(list(start))
        for partition, offset in start.items():
            consumer.seek(partition, offset)
        ends = await consumer.end_offsets(list(start))
        while follow or not await all_read(consumer, ends):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                for raw in batch:
                    at_end = raw.offset >= ends[TopicPartition(raw.topic, raw.partition)]
                    if (key is None or raw.key == key) and (follow or not at_end):
                        yield record_of(raw)
    except KafkaError as fault:
        raise fault_of(fault) from fault
    finally:
        await consumer.stop()


async def refuse_hidden(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
    """Refuse a topic that is not there or not for us: aiokafka would wait for it for ever.

    Raises:
        Misconfigured: There is one.
    """
    if hidden := {partition.topic for partition in partitions} - await consumer.topics():
        raise Misconfigured(f"Kafka shows this user no topic {', '.join(sorted(hidden))}")


async def all_read(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            return False
    return True


async def offsets_at(
    client: Client, topic: str, partitions: Iterable[int], time_ms: int
) -> dict[int, int]:
    """Give the first offset of each partition at or after a time; its end where there is none."""
    consumer = AIOKafkaConsumer(**client.arguments, enable_auto_commit=False)
    asked = [TopicPartition(topic, number) for number in partitions]
    try:
        await consumer.start()
        ends = await consumer.end_offsets(asked)
        found = await consumer.offsets_for_times(dict.fromkeys(asked, time_ms))
    except KafkaError as fault:
        raise fault_of(fault) from fault
    finally:
        await consumer.stop()
    return {
        each.partition: ends[each] if found.get(each) is None else found[each].offset
        for each in asked
    }
