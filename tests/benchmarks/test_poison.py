"""What poison and passing faults cost: the same stream with and without, in the same run.

1 % of the records can never be read; of the calls to Kafka and Redis, and of the genomes that are
asked of a store, 2 % fail once: before, or after the work was done. Every record is accounted for.

make bench            or: pytest tests/benchmarks/test_poison.py -s
"""

import asyncio
import random
import statistics
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

from tests.real_parts import Broker

from epione.errors import BrokerDown, GenomeStoreDown, MalformedEvent, StateDown
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
    dead_letters_of,
    serve,
)
from epione.messaging.dead_letter import ORIGIN_OFFSET, ORIGIN_PARTITION
from epione.messaging.folding import Folded, Folding
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import Position, StateStore

N, N_KEYS = 30_000, 3_000
N_GENOMES, GENOME_S = 1_000, 0.01  # a small one takes 20 ms
POISONED, FAILING = 0.01, 0.02
ROUNDS = 5
BAR = 0.9  # of the clean stream
LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
POISON, GOOD = b"\xff", b"x" * 300
CLEAN, FOUL = Topic("bench.clean.v1"), Topic("bench.foul.v1")
GENOMES, FOUL_GENOMES = Topic("bench.genomes.v1"), Topic("bench.foul.genomes.v1")
ANSWERS = Topic("bench.poison.answers.v1")
SOURCES = (CLEAN, FOUL, GENOMES, FOUL_GENOMES)
TOPICS = (*SOURCES, *map(dead_letters_of, SOURCES), ANSWERS)


class Failures:
    """Says of a call whether it fails, and whether before or after its work."""

    def __init__(self, share: float) -> None:
        self._share, self._chance = share, random.Random(8)

    def drawn(self) -> str:
        fails = self._chance.random() < self._share
        return self._chance.choice(("before", "after")) if fails else ""


class FailingLog:
    """A log that does not take messages now and then, or does and does not say so."""

    def __init__(self, log: KafkaLog, failures: Failures) -> None:
        self._log, self._failures = log, failures

    async def publish(self, messages: Sequence[Message]) -> None:
        fails = self._failures.drawn()
        if fails != "before":
            await self._log.publish(messages)
        if fails:
            raise BrokerDown(fails)

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        return self._log.read(topic, key=key, follow=follow)


class FailingStore(StateStore):
    """A Redis that does not answer now and then, or has written and does not say so."""

    def __init__(self, url: str, failures: Failures) -> None:
        super().__init__(url, namespace=uuid.uuid4().hex)
        self._failures = failures

    async def apply(
        self,
        partition: int,
        *,
        start: Position,
        next_offset: int | None,
        states: Mapping[str, bytes],
        due: Mapping[str, int],
        outbox: bytes,
    ) -> bool:
        fails = self._failures.drawn()
        written = fails != "before" and await super().apply(
            partition,
            start=start,
            next_offset=next_offset,
            states=states,
            due=due,
            outbox=outbox,
        )
        if fails:
            raise StateDown(fails)
        return written


class Timed:
    """A step that says when every record has gone through it."""

    def __init__(self, step: Step, n: int) -> None:
        self._step, self._n_left = step, n
        self.began = self.ended = 0.0
        self.done = asyncio.Event()

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        self.began = self.began or time.perf_counter()
        outcome = await self._step(records)
        self._n_left -= len(records) if isinstance(outcome, Done) else 0
        if self._n_left <= 0:
            self.ended = time.perf_counter()
            self.done.set()
        return outcome


def decode(record: Record) -> bytes:
    if record.value == POISON:
        raise MalformedEvent("poison")
    return b"%s/%d/%d" % (record.topic.encode(), record.partition, record.offset)


def answer(record: Record) -> list[Message]:
    return [Message(ANSWERS, record.key or b"", decode(record))]


async def fold(events: Sequence[tuple[Record, bytes]], states: Mapping[str, bytes]) -> Folded:
    outputs = [Message(ANSWERS, record.key or b"", said) for record, said in events]
    return Folded({(record.key or b"").decode(): GOOD for record, _ in events}, outputs)


def reading_genomes(failures: Failures) -> Callable[[Record], list[Message]]:
    """Read genomes of a store that does not answer now and then."""

    def read(record: Record) -> list[Message]:
        if failures.drawn():
            raise GenomeStoreDown("503")
        time.sleep(GENOME_S)
        return answer(record)

    return read


async def answered(log: KafkaLog, topic: Topic, share: float) -> float:
    failing = FailingLog(log, Failures(share))
    return await _timed(log, topic, answering(answer, failing, topic, stage="bench"), N, 500)


async def genomes_read(log: KafkaLog, topic: Topic, share: float) -> float:
    read = reading_genomes(Failures(share))
    step = answering(read, log, topic, stage="bench", in_thread=True)
    return await _timed(log, topic, step, N_GENOMES, 5)


async def folded(log: KafkaLog, redis_url: str, topic: Topic, share: float) -> float:
    failures = Failures(share)
    store = FailingStore(redis_url, failures)
    folding = Folding(
        decode,
        fold,
        store,
        FailingLog(log, failures),
        topic,
        stage="bench",
        on_overtaken=lambda keys: [],
    )
    timed = Timed(folding, N)
    group = uuid.uuid4().hex
    subscription = Subscription(topic, group, timed, 500, folding.take_over, folding.let_go)
    await serve(log, [subscription], stop=timed.done)
    await store.close()
    return timed.ended - timed.began


async def _timed(log: KafkaLog, topic: Topic, step: Step, n: int, max_records: int) -> float:
    timed = Timed(step, n)
    await serve(log, [Subscription(topic, uuid.uuid4().hex, timed, max_records)], stop=timed.done)
    return timed.ended - timed.began


async def test_poison_and_passing_faults(kafka: Broker, redis_url: str) -> None:
    async with KafkaLog(KafkaSettings(kafka.bootstrap, LAYOUT), TOPICS) as log:
        for topic, n in zip(SOURCES, (N, N, N_GENOMES, N_GENOMES), strict=True):
            await fill(log, topic, n)
        ratios = {
            "answering": await compared(lambda *way: answered(log, *way), CLEAN, FOUL),
            "folding": await compared(lambda *way: folded(log, redis_url, *way), CLEAN, FOUL),
            "genomes": await compared(lambda *way: genomes_read(log, *way), GENOMES, FOUL_GENOMES),
        }
        report(ratios)
        unaccounted = {topic.name: await missing(log, topic) for topic in (FOUL, FOUL_GENOMES)}

    assert unaccounted == {FOUL.name: set(), FOUL_GENOMES.name: set()}
    assert {name for name, each in ratios.items() if statistics.median(each) < BAR} == set()


async def compared(
    run: Callable[[Topic, float], Awaitable[float]], clean: Topic, foul: Topic
) -> list[float]:
    """Give the foul stream's rate as a share of the clean one's, round by round."""
    return [await run(clean, 0.0) / await run(foul, FAILING) for _ in range(ROUNDS)]


async def fill(log: KafkaLog, topic: Topic, n: int) -> None:
    chance = random.Random(8)
    share = POISONED if topic in (FOUL, FOUL_GENOMES) else 0.0
    for start in range(0, n, 5_000):
        values = [POISON if chance.random() < share else GOOD for _ in range(min(n, 5_000))]
        await log.publish(
            [
                Message(topic, b"north/%d" % ((start + i) % N_KEYS), value)
                for i, value in enumerate(values)
            ]
        )


async def missing(log: KafkaLog, topic: Topic) -> set[str]:
    """Give what is neither answered nor a dead letter, or is wrongly the one or the other."""
    good: set[str] = set()
    bad: set[str] = set()
    async for record in log.read(topic):
        place = f"{record.topic}/{record.partition}/{record.offset}"
        (bad if record.value == POISON else good).add(place)
    told = {(record.value or b"").decode() async for record in log.read(ANSWERS)}
    dead = set()
    async for letter in log.read(dead_letters_of(topic)):
        said = {name: text.decode() for name, text in letter.headers}
        dead.add(f"{topic.name}/{said[ORIGIN_PARTITION]}/{said[ORIGIN_OFFSET]}")
    of_topic = {place for place in told if place.startswith(f"{topic.name}/")}
    return (good ^ of_topic) | (bad ^ dead)


def report(ratios: Mapping[str, list[float]]) -> None:
    print(f"\n{POISONED:.0%} poison, {FAILING:.0%} of calls fail once, {ROUNDS} rounds")
    for name, each in ratios.items():
        spread = f"{min(each):.2f} to {max(each):.2f}; bar {BAR}"
        print(f"  {name:10} {statistics.median(each):.2f}x the clean stream ({spread})")
