"""What only a real Kafka does: topics that differ, brokers that are away, logs that were cut."""

import asyncio
import struct
import uuid
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.record.util import calc_crc32c
from tests.real_parts import Broker, restart
from tests.running import Seen, messages, running, until

from epione.errors import BrokerDown, Misconfigured, Rejected
from epione.messaging import (
    Done,
    Layout,
    Message,
    Patience,
    Record,
    Subscription,
    Topic,
    answering,
    dead_letters_of,
    serve,
)
from epione.messaging.kafka import KafkaLog, KafkaSettings

pytestmark = pytest.mark.kafka

ALONE = Layout(partitions=3, replication=1, min_in_sync=1)
QUICK = Patience(first_s=0.05, longest_s=0.5)


@pytest.fixture
def topic() -> Topic:
    return Topic(f"test.{uuid.uuid4().hex}.v1", retention_ms=86_400_000)


async def test_another_partition_count_is_refused(kafka: Broker, topic: Topic) -> None:
    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]):
        pass

    told = KafkaSettings(kafka.bootstrap, Layout(partitions=6, replication=1, min_in_sync=1))
    with pytest.raises(Misconfigured, match=f"{topic.name} has 3 partitions, not 6"):
        async with KafkaLog(told, [topic]):
            pass


async def test_a_missing_topic_that_may_not_be_created_is_refused(
    kafka: Broker, topic: Topic
) -> None:
    settings = KafkaSettings(kafka.bootstrap, ALONE, create_topics=False)

    with pytest.raises(Misconfigured, match=f"missing: {topic.name}"):
        async with KafkaLog(settings, [topic]):
            pass


async def test_more_replicas_than_brokers_are_refused(kafka: Broker, topic: Topic) -> None:
    settings = KafkaSettings(kafka.bootstrap, Layout(3, replication=3, min_in_sync=2))

    with pytest.raises(Misconfigured, match="replication"):
        async with KafkaLog(settings, [topic]):
            pass


async def test_the_longest_message_that_a_topic_takes_has_a_dead_letter(
    kafka: Broker, topic: Topic
) -> None:
    dead, overhead = dead_letters_of(topic), 200

    def refuse(_: Record) -> list[Message]:
        raise Rejected("a reason " * 100)

    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic, dead]) as log:
        longest = bytes(topic.max_bytes - overhead)
        await log.publish([Message(topic, b"key", longest)])
        step = answering(refuse, log, topic, stage="test", patience=QUICK)
        async with running(log, Subscription(topic, "g", step)):
            ((_, value),) = await _at_least(log, dead, 1)

    assert value == longest


async def test_brokers_that_are_away_at_the_start_are_waited_for(
    own_kafka: Broker, topic: Topic, caplog: pytest.LogCaptureFixture
) -> None:
    own_kafka.stop()
    log = KafkaLog(KafkaSettings(own_kafka.bootstrap, ALONE), [topic])

    entering = asyncio.create_task(log.__aenter__())
    await until(lambda: "waiting for Kafka" in caplog.text)
    await asyncio.to_thread(own_kafka.start)
    await entering
    await log.publish(messages(topic, 1))
    await log.__aexit__(None, None, None)

    assert own_kafka.bootstrap in caplog.text


async def test_a_broker_that_goes_and_comes_back_costs_no_record(
    own_kafka: Broker, topic: Topic
) -> None:
    settings = KafkaSettings(own_kafka.bootstrap, ALONE, publish_timeout_s=3.0)
    answers = Topic(f"{topic.name}.answers")

    def echo(record: Record) -> list[Message]:
        return [Message(answers, record.key or b"", record.value or b"")]

    async with KafkaLog(settings, [topic, answers]) as log:
        await log.publish(messages(topic, 5_000))
        step = answering(echo, log, topic, stage="test", patience=QUICK)
        async with running(log, Subscription(topic, "g", step, max_records=50)):
            await asyncio.to_thread(restart, own_kafka)
            echoed = await _at_least(log, answers, 5_000)

    assert {value for _, value in echoed} == {b"%d" % i for i in range(5_000)}
    assert dict(echoed)[b"key-1"] == b"4999"


async def test_publishing_to_a_broker_that_is_down_says_so(own_kafka: Broker, topic: Topic) -> None:
    settings = KafkaSettings(own_kafka.bootstrap, ALONE, publish_timeout_s=2.0)
    async with KafkaLog(settings, [topic]) as log:
        await log.publish(messages(topic, 1))
        own_kafka.kill()

        with pytest.raises(BrokerDown):
            await log.publish(messages(topic, 1))


async def test_an_offset_that_the_log_no_longer_has_is_read_from_its_beginning(
    kafka: Broker, topic: Topic
) -> None:
    seen = Seen()

    async def from_the_start(partition: int, committed: int) -> int:
        return 0

    one = Layout(partitions=1, replication=1, min_in_sync=1)
    async with KafkaLog(KafkaSettings(kafka.bootstrap, one), [topic]) as log:
        await log.publish(messages(topic, 10))
        await _cut(kafka, topic, before=4)
        async with running(log, Subscription(topic, "g", seen, take_over=from_the_start)):
            await until(lambda: len(seen.records) >= 6)

    assert [record.offset for record in seen.records] == [4, 5, 6, 7, 8, 9]


async def test_a_large_batch_is_published_in_several(kafka: Broker, topic: Topic) -> None:
    large = [Message(topic, b"a", b"%06d" % i + b"x" * 100_000) for i in range(40)]

    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]) as log:
        await log.publish(large)
        read = [record.value async for record in log.read(topic, key=b"a")]

    assert read == [message.value for message in large]


async def test_a_header_without_a_value_is_read_as_empty(kafka: Broker, topic: Topic) -> None:
    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]) as log:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            await producer.send_and_wait(topic.name, b"v", b"a", headers=[("trace", None)])
        (record,) = [record async for record in log.read(topic)]

    assert record.headers == (("trace", b""),)


async def test_a_header_name_that_is_not_utf8_is_read_in_its_place(
    kafka: Broker, topic: Topic
) -> None:
    seen = Seen()
    one = Layout(partitions=1, replication=1, min_in_sync=1)
    values = [b"%d" % i for i in range(7)]
    async with KafkaLog(KafkaSettings(kafka.bootstrap, one), [topic]) as log:
        await _send_with_names(kafka, topic, values, bad=3)
        read = [record async for record in log.read(topic)]
        tail = log.tail(topic)
        tailed = [record async for record in tail.news()]
        await tail.close()
        async with running(log, Subscription(topic, "g", seen, max_records=2)):
            await until(lambda: len(seen.records) == 7)

    assert read == tailed == seen.records
    assert seen.values == values
    assert [name for record in read for name, _ in record.headers] == [
        *["größe"] * 3,
        "gr??e",
        *["größe"] * 3,
    ]


async def test_a_step_that_is_cancelled_by_no_one_ends_the_service(
    kafka: Broker, topic: Topic
) -> None:
    async def step(records: Sequence[Record]) -> Done:
        raise asyncio.CancelledError

    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]) as log:
        await log.publish(messages(topic, 1))
        with pytest.raises(RuntimeError, match=f"reading of {topic.name} was cancelled"):
            async with asyncio.timeout(30):
                await serve(log, [Subscription(topic, "g", step)], stop=asyncio.Event())


async def test_a_consumer_stops_while_a_fetch_waits_after_a_fault(
    own_kafka: Broker, topic: Topic
) -> None:
    """aiokafka let the cancellation of that fetch out, and its caller was cancelled."""
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, ALONE), [topic]) as log:
        await log.publish(messages(topic, 1))
        tails = [log.tail(topic) for _ in range(10)]
        for tail in tails:
            assert len([record async for record in tail.news()]) == 1
        own_kafka.kill()
        await asyncio.sleep(1)

        for tail in tails:
            await tail.close()


async def test_what_the_client_cannot_read_ends_the_service(
    kafka: Broker, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("not readable")

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", fail)
    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]) as log:
        with pytest.raises(RuntimeError, match="not readable"):
            await serve(log, [Subscription(topic, "g", Seen())], stop=asyncio.Event())


async def test_header_names_that_are_not_utf8_lose_nothing_of_many_batches(
    kafka: Broker, topic: Topic
) -> None:
    seen = Seen()
    async with KafkaLog(KafkaSettings(kafka.bootstrap, ALONE), [topic]) as log:
        for n in range(20):
            values = [b"%d" % i for i in range(n * 10, n * 10 + 10)]
            await _send_with_names(kafka, topic, values, bad=n % 11, partition=n % 3)
        async with running(log, Subscription(topic, "g", seen, max_records=7)):
            await until(lambda: len(seen.records) == 200)

    by_partition = {
        partition: [int(each.value or b"") for each in seen.records if each.partition == partition]
        for partition in range(3)
    }
    assert by_partition == {
        partition: [i for i in range(200) if i // 10 % 3 == partition] for partition in range(3)
    }


async def test_a_dead_letter_takes_a_header_name_that_is_not_utf8(
    kafka: Broker, topic: Topic
) -> None:
    def refuse(record: Record) -> list[Message]:
        raise Rejected("not readable")

    dead = dead_letters_of(topic)
    one = Layout(partitions=1, replication=1, min_in_sync=1)
    async with KafkaLog(KafkaSettings(kafka.bootstrap, one), [topic, dead]) as log:
        # As large as its topic takes, nearly all of it a name.
        name = b"\xff" * (topic.max_bytes - 1_000)
        await _send_with_names(kafka, topic, [b"0"], bad=0, bad_name=name)
        step, seen = answering(refuse, log, topic, stage="test"), Seen()
        async with running(log, Subscription(topic, "g", step), Subscription(dead, "dead", seen)):
            await until(lambda: bool(seen.records))

    (letter,) = seen.records
    assert (letter.key, letter.value) == (b"a", b"0")
    assert letter.headers[0] == ("?" * len(name), b"")


async def _at_least(log: KafkaLog, topic: Topic, n: int) -> list[tuple[bytes | None, bytes | None]]:
    read: list[tuple[bytes | None, bytes | None]] = []
    async with asyncio.timeout(60):
        async for record in log.read(topic, follow=True):
            read.append((record.key, record.value))
            if len({value for _, value in read}) == n:
                break
    return read


async def _cut(kafka: Broker, topic: Topic, before: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before)})
    await admin.close()


async def _send_with_names(
    kafka: Broker,
    topic: Topic,
    values: Sequence[bytes],
    *,
    bad: int,
    bad_name: bytes = "größe".encode("latin-1"),
    partition: int = 0,
) -> None:
    """Send one batch; a header's name is no UTF-8 in the one at `bad`, as a client in C may do."""
    stand_in = "N" * len(bad_name)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        batch = producer.create_batch()
        for n, value in enumerate(values):
            name = stand_in if n == bad else "größe"
            batch.append(key=b"a", value=value, timestamp=None, headers=[(name, b"")])
        encoded = bytearray(batch._build().replace(stand_in.encode(), bad_name))
        struct.pack_into(">I", encoded, 17, calc_crc32c(encoded[21:]))  # the batch's checksum
        batch._buffer = encoded
        await (await producer.send_batch(batch, topic.name, partition=partition))
