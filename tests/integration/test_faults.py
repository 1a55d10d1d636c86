"""Processes that are killed and frozen, a broker restarted, a Redis rolled back and emptied.

Whatever happens, the last count of each key is that of a single-process fold of the log.
"""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.counting import COUNTS, EVENTS
from tests.integration.counting_process import LAYOUT, SESSION_TIMEOUT_S, TOPICS
from tests.real_parts import Broker, Faults, restart

from epione.errors import StateDown
from epione.messaging import Message
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

N_KEYS = 500
REPOSITORY = Path(__file__).parents[2]


class Workers:
    """Two processes of the counting service, and their supervisor."""

    def __init__(self, bootstrap: str, redis_url: str, log: Path) -> None:
        self._arguments, self._log = [bootstrap, redis_url], log
        self._running = [self._start(), self._start()]
        self.exits: list[int] = []

    def signal(self, which: int, number: signal.Signals) -> None:
        self._running[which].send_signal(number)

    def restart_dead(self) -> None:
        for i, process in enumerate(self._running):
            if (code := process.poll()) is not None:
                self.exits.append(code)
                self._running[i] = self._start()

    def stop(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        self.exits += [process.wait(30) for process in self._running]

    def _start(self) -> subprocess.Popen[bytes]:
        module = "tests.integration.counting_process"
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *self._arguments], cwd=REPOSITORY, stderr=log
            )


@pytest.fixture
async def log(own_kafka: Broker) -> AsyncIterator[KafkaLog]:
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT), TOPICS) as log:
        yield log


@pytest.fixture
async def store(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url)
    yield store
    await store.close()


@contextmanager
def two_workers(own_kafka: Broker, own_redis: Faults, home: Path) -> Iterator[Workers]:
    workers = Workers(own_kafka.bootstrap, own_redis.url, home / "workers.log")
    try:
        yield workers
    finally:
        workers.stop()


async def test_every_fault_ends_in_the_fold_of_the_log(
    log: KafkaLog, store: StateStore, own_kafka: Broker, own_redis: Faults, tmp_path: Path
) -> None:
    with two_workers(own_kafka, own_redis, tmp_path) as workers:
        await publish(log, 4_000)
        workers.signal(0, signal.SIGKILL)
        await publish(log, 4_000)
        workers.restart_dead()
        workers.signal(1, signal.SIGSTOP)
        await publish(log, 4_000)
        await asyncio.sleep(SESSION_TIMEOUT_S + 3)
        workers.signal(1, signal.SIGCONT)
        own_redis.snapshot()
        await publish(log, 4_000)
        await asyncio.to_thread(restart, own_kafka)
        own_redis.roll_back()
        await publish(log, 2_000)
        workers.signal(0, signal.SIGKILL)
        own_redis.flush()
        await publish(log, 2_000)
        await all_applied(log, store, workers)

    assert await last_counts(log) == await fold_of_the_log(log)
    assert workers.exits == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]


async def publish(log: KafkaLog, n: int) -> None:
    for start in range(0, n, 200):
        await log.publish(
            [
                Message(EVENTS, b"north/%d" % (i % N_KEYS), b"event")
                for i in range(start, start + 200)
            ]
        )
        await asyncio.sleep(0.02)  # so that the faults meet batches in hand


async def all_applied(log: KafkaLog, store: StateStore, workers: Workers) -> None:
    """Wait until each partition's state stands at its end, with nothing in the outbox."""
    async with asyncio.timeout(90):
        while not await _applied(log, store):
            workers.restart_dead()
            await asyncio.sleep(0.2)


async def _applied(log: KafkaLog, store: StateStore) -> bool:
    ends: Counter[int] = Counter()
    async for record in log.read(EVENTS):
        ends[record.partition] = record.offset + 1
    try:
        held = {partition: await store.held(partition) for partition in ends}
    except StateDown:
        return False
    return all(held[p].applied == end and not held[p].outbox for p, end in ends.items())


async def last_counts(log: KafkaLog) -> dict[bytes | None, bytes | None]:
    return {record.key: record.value async for record in log.read(COUNTS)}


async def fold_of_the_log(log: KafkaLog) -> dict[bytes | None, bytes | None]:
    """Count in one process, from the beginning."""
    counts: Counter[bytes | None] = Counter()
    last: dict[bytes | None, bytes | None] = {}
    async for record in log.read(EVENTS):
        counts[record.key] += 1
        last[record.key] = b"%d@%d" % (counts[record.key], record.offset)
    return last
