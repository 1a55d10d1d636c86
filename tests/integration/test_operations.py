"""What an operator is told of a service on a real Kafka and Redis."""

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
import redis
from aiokafka import AIOKafkaConsumer
from tests.integration.counting import COUNTS, EVENTS, counting, events
from tests.integration.counting_process import LAYOUT
from tests.real_parts import Broker, Faults
from tests.running import DEADLINE_S, Seen, messages, running, until
from tests.unit.counted import counted, is_told

from epione.messaging import (
    Done,
    Layout,
    Record,
    Subscription,
    Topic,
    dead_letters_of,
    process,
)
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.messaging.watch import Watch
from epione.operations import Claims
from epione.telemetry import Part
from epione_cli.native_kafka import free_port

pytestmark = pytest.mark.kafka

ONE = Layout(partitions=1, replication=1, min_in_sync=1)
THREE = Layout(partitions=3, replication=1, min_in_sync=1)


@pytest.fixture
def topic() -> Topic:
    return Topic(f"test.{uuid.uuid4().hex}.v1", retention_ms=86_400_000)


def lag_of(topic: Topic, n_partitions: int) -> float:
    """Give the whole lag; more than any where a partition's is not told."""
    labels = [{"topic": topic.name, "partition": str(n)} for n in range(n_partitions)]
    if not all(is_told("epione_lag_messages", **each) for each in labels):
        return float("inf")
    return sum(counted("epione_lag_messages", **each) for each in labels)


class HeldBack(Seen):
    """A step that waits until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def __call__(self, records: Sequence[Record]) -> Done:
        await self.may.wait()
        return await super().__call__(records)


async def test_lag_grows_while_nothing_is_done_and_falls_to_nothing(
    kafka: Broker, topic: Topic
) -> None:
    step = HeldBack()
    async with KafkaLog(KafkaSettings(kafka.bootstrap, THREE), [topic]) as log:
        await log.publish(messages(topic, 30))
        async with running(log, Subscription(topic, "g", step, max_records=10)):
            await until(lambda: lag_of(topic, 3) > 0)
            await log.publish(messages(topic, 30))  # nothing of these is fetched
            await until(lambda: lag_of(topic, 3) >= 50)
            step.may.set()
            await until(lambda: lag_of(topic, 3) == 0)

        assert len(step.records) == 60
        assert counted("epione_messages_in_total", topic=topic.name) == 60
        assert counted("epione_messages_out_total", topic=topic.name) == 60
        assert not is_told("epione_lag_messages", topic=topic.name, partition="0")


async def test_a_member_without_a_partition_stands_by_and_is_ready(
    kafka: Broker, topic: Topic
) -> None:
    settings = KafkaSettings(kafka.bootstrap, ONE)
    async with KafkaLog(settings, [topic]) as log, KafkaLog(settings, [topic]) as other:
        before = other.claims.ready["partitions"]()
        subscription = Subscription(topic, "g", Seen())
        async with running(log, subscription), running(other, subscription):
            said = [f"{topic.name}: 1 partitions", f"{topic.name}: standing by"]
            await until(lambda: sorted(map(partitions_of, (log, other))) == sorted(said))
            ready = [each.claims.ready["partitions"]().holds for each in (log, other)]
            alive = [each.claims.alive["reading"]().holds for each in (log, other)]

    assert before == (False, "it does not read yet")
    assert ready == alive == [True, True]


def partitions_of(log: KafkaLog) -> str:
    return log.claims.ready["partitions"]().said.partition(",")[0]


async def test_partitions_that_are_not_taken_over_yet_are_said_to_be_missing(
    kafka: Broker, topic: Topic
) -> None:
    may = asyncio.Event()

    async def take_over(_: int, _committed: int) -> int:
        await may.wait()
        return 0

    async with KafkaLog(KafkaSettings(kafka.bootstrap, THREE), [topic]) as log:
        ready = log.claims.ready["partitions"]
        async with running(log, Subscription(topic, "g", Seen(), take_over=take_over)):
            await until(lambda: "taking over 3 of 3" in ready().said)
            await until(lambda: log.claims.ready["kafka"]().holds)  # it is not Kafka that is late
            while_waiting = ready().holds
            may.set()
            await until(lambda: ready().holds)

    assert not while_waiting


async def test_a_loop_that_stopped_shows_although_kafka_answers(
    kafka: Broker, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async with (
        KafkaLog(KafkaSettings(kafka.bootstrap, ONE), [topic]) as log,
        running(log, Subscription(topic, "g", Seen())),
    ):
        reading, answers = log.claims.alive["reading"], log.claims.ready["kafka"]
        await until(lambda: "turned 0 s ago" in reading().said)
        monkeypatch.setattr(AIOKafkaConsumer, "getmany", hang)

        await until(lambda: "turned 3 s ago" in reading().said)

        assert answers().holds


@asynccontextmanager
async def service(kafka: Broker, state: Faults) -> AsyncIterator[httpx.AsyncClient]:
    """Run the counting service with its door; give a client of the door."""
    port = free_port()

    @asynccontextmanager
    async def opened() -> AsyncIterator[process.Service]:
        async with AsyncExitStack() as stack:
            store = StateStore(state.url, timeout_s=2.0)
            stack.push_async_callback(store.close)
            topics = (EVENTS, COUNTS, dead_letters_of(EVENTS))
            settings = KafkaSettings(kafka.bootstrap, LAYOUT)
            log = await stack.enter_async_context(KafkaLog(settings, topics))
            watch = Watch(Part.STATE, store.ping)
            yield process.Service(
                log,
                [counting(store, log).subscription("counting")],
                beside=[watch.run],
                claims=Claims(log.claims.alive, {**log.claims.ready, "state": watch.claim}),
            )

    serving = asyncio.create_task(process.run(opened, process.Door(port=port)))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        try:
            await becomes_ready(client)
            yield client
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await serving


async def becomes_ready(client: httpx.AsyncClient, wished: bool = True) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while await is_ready(client) is not wished:  # noqa: ASYNC110 - a door tells no one
            await asyncio.sleep(0.01)


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.ConnectError:
        return False


@pytest.mark.redis
@pytest.mark.parametrize("fault", ["frozen", "killed"])
async def test_a_dead_redis_shows_within_a_second_and_so_does_its_return(
    kafka: Broker, own_redis: Faults, fault: str
) -> None:
    async with service(kafka, own_redis) as client:
        began = time.monotonic()
        befall(own_redis, fault)
        await becomes_ready(client, False)
        took_s = time.monotonic() - began
        answer = await client.get("/health/ready")
        live = await client.get("/health/live")
        metrics = (await client.get("/metrics")).text
        if fault == "killed":
            own_redis.start()
        await becomes_ready(client)

    assert took_s < 1.0
    assert list(answer.json()["why_not"]) == ["state"]
    assert live.status_code == 200
    assert 'epione_reachable{part="state"} 0.0' in metrics


def befall(state: Faults, fault: str) -> None:
    if fault == "killed":
        state.stop()
        return
    with redis.Redis.from_url(state.url) as client:
        client.execute_command("CLIENT", "PAUSE", "3000", "ALL")


@pytest.mark.redis
async def test_a_dead_kafka_makes_a_service_unready_and_leaves_it_alive(
    own_kafka: Broker, own_redis: Faults
) -> None:
    async with service(own_kafka, own_redis) as client:
        own_kafka.stop()
        await becomes_ready(client, False)
        answer = await client.get("/health/ready")
        live = await client.get("/health/live")
        own_kafka.start()
        await becomes_ready(client)

    assert "kafka" in answer.json()["why_not"]
    assert live.status_code == 200


@pytest.mark.redis
async def test_every_stage_of_a_stateful_batch_is_timed(kafka: Broker, own_redis: Faults) -> None:
    async with service(kafka, own_redis) as client:
        async with KafkaLog(KafkaSettings(kafka.bootstrap, LAYOUT), ()) as log:
            await log.publish(events(5))
        await until(lambda: times("committed") > 0)
        metrics = (await client.get("/metrics")).text

    stages = ("waited", "decoded", "read", "folded", "written", "published")
    assert [stage for stage in stages if times(stage) == 0] == []
    assert "epione_batch_messages_bucket" in metrics


def times(stage: str) -> float:
    return counted("epione_stage_seconds_count", topic=EVENTS.name, stage=stage)
