"""Waiting until every consumer group of a Kafka is done with all there is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from epione.messaging import Layout, Subscription

DEADLINE_S = 60.0
POLL_S = 0.05


def settled_on(bootstrap: str, reading: Sequence[Subscription]) -> Callable[[], Awaitable[None]]:
    """Give the wait for these subscriptions, asked in the order in which one feeds the next."""

    async def settle() -> None:
        async with asyncio.timeout(DEADLINE_S):
            for subscription in reading:
                while await _lag(bootstrap, subscription):  # noqa: ASYNC110 - Kafka tells no one
                    await asyncio.sleep(POLL_S)

    return settle


async def _lag(bootstrap: str, subscription: Subscription) -> int:
    """Give how many records a group has not yet committed; at least one where it cannot be told."""
    name = subscription.topic.name
    partitions = [TopicPartition(name, number) for number in range(Layout().partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await consumer.start()
    await admin.start()
    try:
        ends = await consumer.end_offsets(partitions)
        committed = await admin.list_consumer_group_offsets(subscription.group)
        return sum(
            end - max(committed[partition].offset if partition in committed else 0, 0)
            for partition, end in ends.items()
        )
    except KafkaError:
        return 1
    finally:
        await admin.close()
        await consumer.stop()
