"""What it costs to be seen: the cheapest step with and without metrics and traces, in turns.

make bench            or: pytest tests/benchmarks/test_telemetry.py -s
"""

import statistics
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

import pytest
from tests.benchmarks.test_step import (
    ANSWERS,
    LAYOUT,
    N_EVENTS,
    N_PATIENTS,
    Timed,
    answer,
    event_of,
    headers,
)
from tests.collector import collecting
from tests.real_parts import Broker

from epione.messaging import Message, Record, Step, Subscription, Topic, answering, serve
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.standing import Standing
from epione.messaging.trace import begins, own_context
from epione.messaging.tracing import Tracing
from epione.operations import Span, spans_to

TRACED = Topic("bench.traced.v1")
SAMPLED = 0.01  # the default
BATCHES_OF = 500
WARM_UP_ROUNDS, ROUNDS = 1, 5
BAR = 1.05  # of the processor's time without
MOST_ADDED_US = 1.5

Run = Callable[[], Awaitable[float]]  # one reading of all events: seconds of the processor


def answered(record: Record) -> list[Message]:
    value, delivery_id = answer(record.value or b"")
    return [Message(ANSWERS, record.key or b"", value, headers(delivery_id))]


async def read_all(log: KafkaLog, tracing: Tracing | None) -> float:
    """Give the processor's time of this process, its threads included."""

    timed = Timed(answering(answered, log, TRACED, stage="bench"), time.process_time)
    reading = Subscription(TRACED, uuid.uuid4().hex, timed, BATCHES_OF)
    await serve(log, [tracing.of(reading) if tracing else reading], stop=timed.done)
    return timed.ended - timed.began


@contextmanager
def unseen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measure nothing until the block ends."""
    with monkeypatch.context() as patch:
        patch.setattr("epione.messaging.laps.Laps.done", lambda *_: None)
        for name in ("begun", "ended"):
            patch.setattr(f"epione.messaging.standing.Standing.{name}", lambda *_: None)
        patch.setattr("epione.messaging.publishing.count_published", lambda *_: None)
        yield


def collect(tell: Connection) -> None:
    """Take spans, in a process of its own, until told to end."""
    with collecting() as collector:
        tell.send(collector.address)
        tell.recv()


@contextmanager
def collector() -> Iterator[str]:
    """Give the address of a collector whose work is not counted."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=collect, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


async def test_being_seen_costs_at_most_a_twentieth(
    kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def without() -> float:
        with unseen(monkeypatch):
            return await read_all(log, None)

    settings = KafkaSettings(kafka.bootstrap, LAYOUT)
    with collector() as address, spans_to(address, "bench") as spans:
        assert spans is not None
        tracing = Tracing("bench", spans, SAMPLED)
        async with KafkaLog(settings, (TRACED, ANSWERS)) as log:
            await fill(log)
            ways: dict[str, Run] = {
                "nothing": without,
                "metrics": lambda: read_all(log, None),
                "and traces": lambda: read_all(log, tracing),
            }
            seconds: dict[str, list[float]] = {name: [] for name in ways}
            for n in range(WARM_UP_ROUNDS + ROUNDS):
                for name in in_turn(list(ways), n):
                    seconds[name].append(await ways[name]())
    measured = {name: each[WARM_UP_ROUNDS:] for name, each in seconds.items()}
    report(measured)
    assert cost_of(measured, "and traces") <= BAR


def in_turn(names: list[str], n: int) -> list[str]:
    """Give the names with another one first each time."""
    first = n % len(names)
    return names[first:] + names[:first]


class Taking:
    """A log that takes everything at once."""

    async def publish(self, messages: Sequence[Message]) -> None:
        return

    async def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        raise NotImplementedError
        yield


class Forgetting:
    """A place for spans that keeps none: to send them is another thread's work."""

    def tell(self, span: Span) -> None:
        return


async def test_being_seen_adds_little_to_the_step_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without a broker, whose client's time hides ours: the least of many batches."""
    batch = [record_of(n) for n in range(BATCHES_OF)]
    standing = Standing(TRACED.name)
    step = answering(answered, Taking(), TRACED, stage="bench")
    tracing = Tracing("bench", Forgetting(), SAMPLED)
    traced_step = tracing.of(Subscription(TRACED, "bench", step)).step

    async def timed(step: Step) -> float:
        began_s = time.thread_time()
        standing.begun(batch)
        standing.ended(batch, await step(batch))
        return (time.thread_time() - began_s) / BATCHES_OF

    seconds: dict[str, list[float]] = {"nothing": [], "metrics": [], "and traces": []}
    for _ in range(300):
        with unseen(monkeypatch):
            seconds["nothing"].append(await timed(step))
        seconds["metrics"].append(await timed(step))
        seconds["and traces"].append(await timed(traced_step))
    least = {name: min(each) * 1e6 for name, each in seconds.items()}
    print("\nthe step alone, µs an event:", {name: f"{us:.2f}" for name, us in least.items()})
    assert least["and traces"] - least["nothing"] < MOST_ADDED_US


async def fill(log: KafkaLog) -> None:
    """Publish events of which one in a hundred is traced."""
    for start in range(0, N_EVENTS, 5_000):
        await log.publish([traced(n) for n in range(start, start + 5_000)])


def traced(n: int) -> Message:
    patient = n % N_PATIENTS
    said = headers(f"d/{n}")
    record = Record("bench.raw.v1", 0, n, None, None, (), 0)
    if begins(record, SAMPLED):
        said = (*said, own_context(record, "bench", None).header)
    return Message(TRACED, b"north/%d" % patient, event_of(patient), said)


def record_of(n: int) -> Record:
    message = traced(n)
    return Record(TRACED.name, 0, n, message.key, message.value, message.headers, 0)


def report(seconds: Mapping[str, list[float]]) -> None:
    print(f"\nbatches of {BATCHES_OF}, {N_EVENTS} events, {SAMPLED:.0%} traced, {ROUNDS} rounds")
    for name, each in seconds.items():
        us, ratios = statistics.median(each) / N_EVENTS * 1e6, ratios_of(seconds, name)
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"  {name:10} {us:5.1f} µs an event  {cost_of(seconds, name):.3f}x ({spread})")


def cost_of(seconds: Mapping[str, list[float]], name: str) -> float:
    return statistics.median(ratios_of(seconds, name))


def ratios_of(seconds: Mapping[str, list[float]], name: str) -> list[float]:
    """Give each round's processor time as a multiple of the same round's without."""
    return [own / none for own, none in zip(seconds[name], seconds["nothing"], strict=True)]
