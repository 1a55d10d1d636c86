"""What the delivery rules cost: our steps against a bare loop, and one message at a time.

make bench            or: pytest tests/benchmarks/test_step.py -s
EPIONE_BENCH_ROUNDS; EPIONE_BENCH_SINGLE, how many messages go one at a time.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from tests.benchmarks.stage import size
from tests.real_parts import Broker

from epione.messaging import (
    Again,
    Done,
    Layout,
    Message,
    Record,
    Step,
    Subscription,
    Topic,
    answering,
    headers_of,
    serve,
)
from epione.messaging.folding import Folded, Folding
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.partition import partition_of
from epione.messaging.publishing import MAX_BATCH_BYTES
from epione.messaging.state import StateStore
from epione.v1.patient_event_pb2 import PatientEvent
from epione_cli.native_kafka import NativeKafka

N_EVENTS, N_PATIENTS, EVENT_BYTES = 30_000, 10_000, 306
LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
ROUNDS, N_SINGLE = size("ROUNDS", 3), size("SINGLE", 300)
LINGER = "group.coordinator.append.linger.ms"
BARS = {"bare": 1.0, "answering": 0.8, "folding": 0.5}  # of the bare loop
EVENTS, ANSWERS = Topic("bench.events.v1"), Topic("bench.answers.v1")

Run = Callable[[KafkaLog], Awaitable[float]]  # one reading of all events: seconds
NewLoop = Callable[[], asyncio.AbstractEventLoop]
LOOPS: tuple[NewLoop, ...] = (asyncio.new_event_loop, uvloop.new_event_loop)


def event_of(patient: int) -> bytes:
    """Give a protobuf event of 306 bytes."""
    event = PatientEvent(tenant="north", patient=f"{patient:032x}", origin="x")
    event.delivery_id = "hospital.fhir.v1/3/123456/0"
    event.origin = "x" * (EVENT_BYTES - event.ByteSize() + 1)
    event.origin = event.origin[: len(event.origin) - (event.ByteSize() - EVENT_BYTES)]
    return event.SerializeToString()


def answer(value: bytes) -> tuple[bytes, str]:
    """The work of every way that is measured: decode, change, encode."""
    event = PatientEvent.FromString(value)
    event.tenant = "south"
    return event.SerializeToString(), event.delivery_id


def headers(delivery_id: str) -> tuple[tuple[str, bytes], ...]:
    return headers_of(event_id=delivery_id, source="/epione/bench", kind="epione.v1.PatientEvent")


async def bare(bootstrap: str, max_records: int) -> float:
    """aiokafka alone: getmany, send_batch per partition, explicit commit."""
    consumer = AIOKafkaConsumer(
        EVENTS.name,
        bootstrap_servers=bootstrap,
        group_id=uuid.uuid4().hex,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, max_batch_size=MAX_BATCH_BYTES
    )
    async with consumer, producer:
        began, n = 0.0, 0
        while n < N_EVENTS:
            polled = await consumer.getmany(timeout_ms=200, max_records=max_records)
            began = began or (time.perf_counter() if polled else 0.0)
            n += await bare_batch(consumer, producer, polled)
        return time.perf_counter() - began


async def bare_batch(
    consumer: AIOKafkaConsumer,
    producer: AIOKafkaProducer,
    polled: Mapping[TopicPartition, Sequence[ConsumerRecord]],
) -> int:
    sending = []
    batches: dict[int, BatchBuilder] = {}

    async def send(partition: int) -> None:
        batch = batches.pop(partition)
        sending.append(await producer.send_batch(batch, ANSWERS.name, partition=partition))

    for records in polled.values():
        for record in records:
            value, delivery_id = answer(record.value)
            partition = partition_of(record.key, LAYOUT.partitions)
            said = list(headers(delivery_id))
            batch = batches.setdefault(partition, producer.create_batch())
            while batch.append(key=record.key, value=value, timestamp=None, headers=said) is None:
                await send(partition)
                batch = batches.setdefault(partition, producer.create_batch())
    for partition in list(batches):
        await send(partition)
    await asyncio.gather(*sending)
    if polled:
        await consumer.commit({tp: records[-1].offset + 1 for tp, records in polled.items()})
    return sum(map(len, polled.values()))


class Timed:
    """A step that says when all events have gone through it."""

    def __init__(self, step: Step, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._step, self._n, self._now_s = step, 0, now_s
        self.began = self.ended = 0.0
        self.done = asyncio.Event()

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        self.began = self.began or self._now_s()
        outcome = await self._step(records)
        self._n += len(records) if isinstance(outcome, Done) else 0
        if self._n >= N_EVENTS:
            self.ended = self._now_s()
            self.done.set()
        return outcome


async def stateless(log: KafkaLog, max_records: int) -> float:
    """The answering step."""

    def answered(record: Record) -> list[Message]:
        value, delivery_id = answer(record.value or b"")
        return [Message(ANSWERS, record.key or b"", value, headers(delivery_id))]

    timed = Timed(answering(answered, log, EVENTS, stage="bench"))
    await serve(log, [Subscription(EVENTS, uuid.uuid4().hex, timed, max_records)], stop=timed.done)
    return timed.ended - timed.began


async def stateful(log: KafkaLog, redis_url: str, max_records: int) -> float:
    """The folding step: a state of about 310 bytes for each patient, one output an event."""

    async def fold(events: Sequence[tuple[Record, bytes]], states: Mapping[str, bytes]) -> Folded:
        new: dict[str, bytes] = {}
        outputs = []
        for record, _ in events:
            key = (record.key or b"").decode()
            count = int((new.get(key) or states.get(key) or b"0").partition(b" ")[0])
            value, delivery_id = answer(record.value or b"")
            new[key] = b"%d %s" % (count + 1, value)
            outputs.append(Message(ANSWERS, record.key or b"", value, headers(delivery_id)))
        return Folded(new, outputs)

    store = StateStore(redis_url, namespace=uuid.uuid4().hex)
    folding = Folding(
        lambda record: record.value or b"",
        fold,
        store,
        log,
        EVENTS,
        stage="bench",
        on_overtaken=lambda keys: [],
    )
    timed = Timed(folding)
    subscription = Subscription(
        EVENTS, uuid.uuid4().hex, timed, max_records, folding.take_over, folding.let_go
    )
    await serve(log, [subscription], stop=timed.done)
    await store.close()
    return timed.ended - timed.began


@pytest.mark.parametrize("max_records", [500, 2000])
@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__module__)
def test_steps_against_a_bare_loop(
    kafka: Broker, redis_url: str, max_records: int, loop: NewLoop
) -> None:
    ways: dict[str, Run] = {
        "bare": lambda _: bare(kafka.bootstrap, max_records),
        "answering": lambda log: stateless(log, max_records),
        "folding": lambda log: stateful(log, redis_url, max_records),
    }

    with asyncio.Runner(loop_factory=loop) as runner:
        seconds = runner.run(measured(kafka.bootstrap, ways))

    report(f"{loop.__module__}, batches of {max_records}", seconds)
    assert {name for name in ways if ratio_of(seconds, name) < BARS[name]} == set()


@pytest.mark.parametrize(
    ("linger", "bar"),
    [
        pytest.param("", 100, id="the coordinator's linger at its default"),
        pytest.param(f"{LINGER}=0", 50, id="the coordinator without linger"),
    ],
)
async def test_batches_against_one_message_at_a_time(tmp_path: Path, linger: str, bar: int) -> None:
    with native_kafka_with(tmp_path, linger) as broker:
        ways: dict[str, Run] = {
            "answering": lambda log: stateless(log, 500),
            "one at a time": lambda _: one_at_a_time(broker.bootstrap),
        }
        seconds = await measured(broker.bootstrap, ways)

    one, batch = (
        N_SINGLE / median(seconds["one at a time"]),
        N_EVENTS / median(seconds["answering"]),
    )
    print(f"\n{linger or f'{LINGER} at its default'}, {ROUNDS} rounds: one at a time {one:,.0f}/s,")
    print(f"  batches of 500 {batch:,.0f}/s, {batch / one:,.0f}x; goal {bar}x")
    assert batch / one >= bar


@contextmanager
def native_kafka_with(home: Path, setting: str) -> Iterator[NativeKafka]:
    """Run a broker with one more setting of its server."""
    broker = NativeKafka(home)
    broker.start()
    try:
        if setting:
            broker.stop()
            with (home / "server.properties").open("a") as settings:
                settings.write(f"{setting}\n")
            broker.start()
        yield broker
    finally:
        broker.kill()


async def one_at_a_time(bootstrap: str) -> float:
    """FastStream as its tutorial has it, with the same guarantees: publish, wait, commit, wait."""
    kafka = KafkaBroker(bootstrap, acks="all", enable_idempotence=True, logger=None)
    done, n, began = asyncio.Event(), 0, 0.0
    subscriber = kafka.subscriber(
        EVENTS.name,
        group_id=uuid.uuid4().hex,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
    )

    @subscriber
    async def on_event(message: KafkaMessage) -> None:
        nonlocal n, began
        began, raw = began or time.perf_counter(), message.raw_message
        assert isinstance(raw, ConsumerRecord)
        value, delivery_id = answer(message.body)
        said = {name: text.decode() for name, text in headers(delivery_id)}
        await kafka.publish(value, ANSWERS.name, key=raw.key, headers=said)
        position = {TopicPartition(raw.topic, raw.partition): raw.offset + 1}
        assert subscriber.consumer is not None
        await subscriber.consumer.commit(position)
        n += 1
        if n == N_SINGLE:
            done.set()

    async with kafka:
        await kafka.start()
        await done.wait()
        return time.perf_counter() - began


async def measured(bootstrap: str, ways: Mapping[str, Run]) -> Mapping[str, list[float]]:
    """Let the ways take turns; give the seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    async with KafkaLog(KafkaSettings(bootstrap, LAYOUT), (EVENTS, ANSWERS)) as log:
        await fill(log)
        for _ in range(ROUNDS):
            for name, run in ways.items():
                seconds[name].append(await run(log))
    return seconds


async def fill(log: KafkaLog) -> None:
    if [record async for record in log.read(EVENTS, key=b"north/0")]:
        return
    for start in range(0, N_EVENTS, 5_000):
        patients = [n % N_PATIENTS for n in range(start, start + 5_000)]
        await log.publish(
            [Message(EVENTS, b"north/%d" % p, event_of(p), headers(f"d/{p}")) for p in patients]
        )


def report(what: str, seconds: Mapping[str, list[float]]) -> None:
    print(f"\n{what}, {N_EVENTS:,} events of {EVENT_BYTES} B, {ROUNDS} rounds")
    for name, each in seconds.items():
        rate, ratios = N_EVENTS / median(each), ratios_of(seconds, name)
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}; bar {BARS[name]}"
        print(f"  {name:10} {rate:8,.0f}/s  {ratio_of(seconds, name):.2f}x bare ({spread})")


def ratio_of(seconds: Mapping[str, list[float]], name: str) -> float:
    return median(ratios_of(seconds, name))


def ratios_of(seconds: Mapping[str, list[float]], name: str) -> list[float]:
    """Give each round's rate as a share of the bare loop's in the same round."""
    return [bare / own for bare, own in zip(seconds["bare"], seconds[name], strict=True)]
