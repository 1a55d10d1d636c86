"""The log on Apache Kafka."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiokafka import TopicPartition
from faststream.kafka import KafkaBroker

from epione.messaging.consuming import Consumption
from epione.messaging.ending import Ending
from epione.messaging.log import Message, Record, Subscription
from epione.messaging.partition import partition_of
from epione.messaging.publishing import Publisher
from epione.messaging.reading import offsets_at, records_of
from epione.messaging.topic_setup import set_up_topics
from epione.messaging.topics import ALL, Layout, Topic


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where Kafka is and how its topics are to be.

    `session_timeout_s`: a member silent for longer is put out of its group.
    `drain_s`: how long stopping waits for batches in hand; past it nothing of them is committed.
    `publish_timeout_s`: how long every replica in sync may take.
    """

    bootstrap: str
    layout: Layout = field(default_factory=Layout)
    create_topics: bool = True
    session_timeout_s: float = 10.0
    drain_s: float = 15.0
    publish_timeout_s: float = 30.0


class KafkaLog:
    """A connection to Kafka: `async with KafkaLog(settings) as log`."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[Topic] = ALL) -> None:
        """Prepare it; entering waits for the brokers and sets up `topics`."""
        self._settings, self._topics = settings, topics

    async def __aenter__(self) -> Self:
        """Wait for the brokers.

        Raises:
            Misconfigured: A topic is not as `settings` say, and must not be changed.
        """
        settings = self._settings
        await set_up_topics(
            settings.bootstrap, self._topics, settings.layout, create=settings.create_topics
        )
        self._publisher = Publisher(
            settings.bootstrap, settings.layout.partitions, settings.publish_timeout_s
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._publisher.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        await self._publisher.publish(messages)

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        n = self._settings.layout.partitions
        which = range(n) if key is None else (partition_of(key, n),)
        start = {TopicPartition(topic.name, partition): 0 for partition in which}
        return records_of(self._settings.bootstrap, start, key=key, follow=follow)

    def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
        named = {TopicPartition(topic.name, partition): at for partition, at in start.items()}
        return records_of(self._settings.bootstrap, named)

    async def offsets_at(self, topic: Topic, time_ms: int) -> Mapping[int, int]:
        partitions = range(self._settings.layout.partitions)
        return await offsets_at(self._settings.bootstrap, topic.name, partitions, time_ms)

    async def consume(self, subscriptions: Sequence[Subscription], stop: asyncio.Event) -> None:
        ending = Ending(stop)
        broker = KafkaBroker(
            self._settings.bootstrap,
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            graceful_timeout=self._settings.drain_s,
            logger=None,
        )
        consumptions = [
            Consumption(subscription, ending, self._settings.session_timeout_s)
            for subscription in subscriptions
        ]
        for consumption in consumptions:
            consumption.register(broker)
        try:
            await ending.unless_ended(broker.start())
            for consumption in consumptions:
                consumption.watch()
            await ending.wait()
        finally:
            await broker.stop()
            for consumption in consumptions:
                await consumption.close()
        ending.raise_failure()
