"""A member with a static name, on a real Kafka: restarted, it keeps its partitions."""

import asyncio
import time
import uuid
from collections.abc import Callable

import pytest
from tests.real_parts import Broker
from tests.running import Seen, messages, running, until

from epione.errors import Fenced
from epione.messaging import Layout, Subscription, Topic, serve
from epione.messaging.kafka import KafkaLog, KafkaSettings

pytestmark = pytest.mark.kafka

LAYOUT = Layout(partitions=4, replication=1, min_in_sync=1)
SESSION_S = 30.0
SOON_S = 10.0  # far below the session: nobody waited for it to end
ENOUGH = 40  # messages that reach every partition


class Member:
    """A reading of a topic, and what it was given."""

    def __init__(self, kafka: Broker, topic: Topic, instance: str) -> None:
        settings = KafkaSettings(
            kafka.bootstrap, LAYOUT, session_timeout_s=SESSION_S, instance=instance
        )
        self.log = KafkaLog(settings, [topic])
        self.seen = Seen()
        self.taken_over: list[int] = []
        self.subscription = Subscription(
            topic, f"group.{topic.name}", self.seen, take_over=self._take_over
        )

    @property
    def partitions(self) -> set[int]:
        return set(self.taken_over)

    async def _take_over(self, partition: int, committed: int) -> int:
        self.taken_over.append(partition)
        return 0


@pytest.fixture
def topic() -> Topic:
    return Topic(f"test.{uuid.uuid4().hex}.v1", retention_ms=86_400_000)


@pytest.fixture
def member(kafka: Broker, topic: Topic) -> Callable[[str], Member]:
    return lambda instance: Member(kafka, topic, instance)


async def test_a_restart_within_the_session_keeps_the_partitions_and_moves_no_other(
    member: Callable[[str], Member],
) -> None:
    first, second, second_again = member("a"), member("b"), member("b")

    async with first.log, second.log, second_again.log, running(first.log, first.subscription):
        await until(lambda: len(first.partitions) == 4)
        async with running(second.log, second.subscription):
            await until(lambda: len(second.partitions) == 2)
            await until(lambda: len(first.taken_over) == 4 + 2)
        stopped = time.monotonic()
        async with running(second_again.log, second_again.subscription):
            await until(lambda: len(second_again.partitions) == 2)
            took_s = time.monotonic() - stopped

    assert took_s < SOON_S
    assert second_again.partitions == second.partitions
    assert len(first.taken_over) == 4 + 2  # alone, then beside the other, and never moved again


async def test_without_a_name_the_others_get_the_partitions_at_once(
    member: Callable[[str], Member],
) -> None:
    first, second = member(""), member("")

    async with first.log, second.log, running(first.log, first.subscription):
        await until(lambda: len(first.partitions) == 4)
        async with running(second.log, second.subscription):
            await until(lambda: len(first.taken_over) == 4 + 2)
        stopped = time.monotonic()
        await until(lambda: len(first.taken_over) == 4 + 2 + 4)
        took_s = time.monotonic() - stopped

    assert took_s < SOON_S


async def test_another_process_of_the_same_name_takes_the_place_and_the_first_ends(
    member: Callable[[str], Member], topic: Topic
) -> None:
    first, second = member("a"), member("a")

    async with first.log, second.log:
        ending = asyncio.create_task(serve(first.log, [first.subscription], stop=asyncio.Event()))
        await until(lambda: len(first.partitions) == 4)
        async with running(second.log, second.subscription):
            await until(lambda: len(second.partitions) == 4)
            with pytest.raises(Fenced, match=rf"a\.{topic.name} is no member"):
                await asyncio.wait_for(ending, SOON_S)
            await second.log.publish(messages(topic, ENOUGH))
            await until(lambda: len(second.seen.records) == ENOUGH)

    assert first.seen.records == []
    assert len(second.taken_over) == 4  # the place was never taken back


async def test_one_process_reads_several_topics_for_one_group(kafka: Broker) -> None:
    topics = [Topic(f"test.{uuid.uuid4().hex}.v1", retention_ms=86_400_000) for _ in range(3)]
    settings = KafkaSettings(kafka.bootstrap, LAYOUT, session_timeout_s=SESSION_S, instance="a")
    seen = Seen()

    async with KafkaLog(settings, topics) as log:
        for topic in topics:
            await log.publish(messages(topic, ENOUGH))
        readings = [Subscription(topic, f"group.{topics[0].name}", seen) for topic in topics]
        async with running(log, *readings):
            await until(lambda: len(seen.records) == len(topics) * ENOUGH)

    assert {record.topic for record in seen.records} == {topic.name for topic in topics}
