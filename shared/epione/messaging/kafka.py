"""The log on Apache Kafka."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiokafka import TopicPartition
from faststream.kafka import KafkaBroker

from epione.messaging.client import FORBIDDEN, client_of, fault_of
from epione.messaging.consuming import Consumption
from epione.messaging.ending import Ending
from epione.messaging.fetching import keep_cancellations_of_fetches
from epione.messaging.header_names import read_any_header_name
from epione.messaging.log import Message, Record, Subscription
from epione.messaging.partition import partition_of
from epione.messaging.publishing import Publisher
from epione.messaging.reading import offsets_at, records_of
from epione.messaging.security import KafkaSecurity
from epione.messaging.tailing import KafkaTail
from epione.messaging.topic_setup import set_up_topics
from epione.messaging.topics import ALL, Layout, Topic
from epione.messaging.watch import Watch
from epione.operations import Claims, Verdict
from epione.settings import ServiceSettings
from epione.telemetry import Part

ASK_EVERY_S = 1.0
ANSWER_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where Kafka is and how its topics are to be.

    `session_timeout_s`: a member silent for longer is put out of its group.
    `instance`: the static name of this process in its groups; empty: it is a new member each time.
    `drain_s`: how long stopping waits for batches in hand; past it nothing of them is committed.
    `publish_timeout_s`: how long every replica in sync may take.
    """

    bootstrap: str
    layout: Layout = field(default_factory=Layout)
    create_topics: bool = True
    session_timeout_s: float = 10.0
    instance: str = ""
    drain_s: float = 15.0
    publish_timeout_s: float = 30.0
    security: KafkaSecurity = field(default_factory=KafkaSecurity)


def kafka_settings_of(settings: ServiceSettings) -> KafkaSettings:
    """Give what an operator told a service of Kafka."""
    return KafkaSettings(
        settings.kafka,
        settings.layout,
        session_timeout_s=settings.session_timeout_s,
        instance=settings.instance,
        security=settings.security,
    )


class KafkaLog:
    """A connection to Kafka: `async with KafkaLog(settings) as log`."""

    def __init__(
        self,
        settings: KafkaSettings,
        topics: Sequence[Topic] = ALL,
        *,
        needed: Collection[Topic] = (),
    ) -> None:
        """Prepare it; entering waits for the brokers, and sets up of `topics` what it may see.

        Args:
            settings: Where Kafka is.
            topics: Those that there are to be.
            needed: Those of them that must be seen.
        """
        self._settings, self._topics, self._needed = settings, topics, needed
        self._consumptions: list[Consumption] = []
        self._watch = Watch(Part.KAFKA, self._ask, every_s=ASK_EVERY_S, within_s=ANSWER_WITHIN_S)

    @property
    def claims(self) -> Claims:
        """What must hold of the reading: that it turns; that Kafka answers and all is dealt out.

        A member that its group has dealt nothing to is ready: were it not, a service with more
        replicas than partitions could never be rolled out.
        """
        return Claims(
            alive={"reading": self._is_turning},
            ready={"kafka": self._watch.claim, "partitions": self._has_its_part},
        )

    async def __aenter__(self) -> Self:
        """Wait for the brokers.

        Raises:
            Misconfigured: A topic is not as `settings` say, and must not be changed; or the
                brokers do not let us in.
        """
        settings = self._settings
        read_any_header_name()
        keep_cancellations_of_fetches()
        self._client = client_of(settings.bootstrap, settings.security)
        await set_up_topics(
            self._client,
            self._topics,
            settings.layout,
            needed=self._needed,
            create=settings.create_topics,
        )
        self._publisher = Publisher(
            self._client, settings.layout.partitions, settings.publish_timeout_s
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
        return records_of(self._client, start, key=key, follow=follow)

    def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
        named = {TopicPartition(topic.name, partition): at for partition, at in start.items()}
        return records_of(self._client, named)

    async def offsets_at(self, topic: Topic, time_ms: int) -> Mapping[int, int]:
        partitions = range(self._settings.layout.partitions)
        return await offsets_at(self._client, topic.name, partitions, time_ms)

    def tail(self, topic: Topic, *, from_end: bool = False) -> KafkaTail:
        n = self._settings.layout.partitions
        partitions = [TopicPartition(topic.name, partition) for partition in range(n)]
        return KafkaTail(self._client, partitions, from_end)

    async def consume(self, subscriptions: Sequence[Subscription], stop: asyncio.Event) -> None:
        ending = Ending(stop)
        broker = KafkaBroker(
            self._client.bootstrap,
            security=self._client.security,
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            graceful_timeout=self._settings.drain_s,
            logger=None,
        )
        self._consumptions = consumptions = [
            Consumption(
                subscription, ending, self._settings.session_timeout_s, self._settings.instance
            )
            for subscription in subscriptions
        ]
        watching = asyncio.create_task(self._watch.run())
        for consumption in consumptions:
            consumption.register(broker)
        try:
            await ending.unless_ended(broker.start())
            for consumption in consumptions:
                consumption.watch()
            await ending.wait()
        except FORBIDDEN as fault:
            raise fault_of(fault) from fault
        finally:
            watching.cancel()
            for consumption in consumptions:
                await consumption.settled()
            await broker.stop()
            for consumption in consumptions:
                await consumption.close()
        ending.raise_failure()

    async def _ask(self) -> None:
        for consumption in self._consumptions:
            await consumption.ask()

    def _is_turning(self) -> Verdict:
        return _all(consumption.is_turning() for consumption in self._consumptions)

    def _has_its_part(self) -> Verdict:
        if not self._consumptions:
            return Verdict(False, "it does not read yet")
        return _all(consumption.has_its_part() for consumption in self._consumptions)


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    """Make one verdict: what speaks against it, or else everything."""
    given = tuple(verdicts)
    against = [verdict.said for verdict in given if not verdict.holds]
    return Verdict(not against, "; ".join(against or [verdict.said for verdict in given]))
