"""Inference while the Redis of state is dead, hangs or is full, as an operator sees it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import redis
from tests.conftest import running_kafka
from tests.end_to_end.supervisor import Replica
from tests.real_parts import Broker, Faults
from tests.unit.medicine.patients import SBP
from tests.vaults import SECRET as VAULT
from tests.vaults import records_on

from epione.messaging import Layout, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.wire import plan_from_wire
from epione_cli.native_kafka import free_port
from epione_inference.messages import time_message, told_message

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
PATIENTS = [f"{n:032x}" for n in range(20)]
DAY_MS = 86_400_000

DEADLINE_S = 120.0
REPORTED_WITHIN_S = 1.0
RESUMED_WITHIN_S = 10.0
STOPPED_WITHIN_S = 20.0  # of the 30 that Kubernetes gives


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


class Service:
    """The inference process, its log lines, its door, and what it publishes."""

    def __init__(self, broker: Broker, state: Faults, log: KafkaLog, lines: Path) -> None:
        self._port, self._lines, self._log = free_port(), lines, log
        environment = {
            "EPIONE_KAFKA": broker.bootstrap,
            "EPIONE_STATE": state.url,
            "EPIONE_VAULT": VAULT,
            "EPIONE_OPS_PORT": str(self._port),
            "EPIONE_REPLICATION": "1",
            "EPIONE_MIN_IN_SYNC": "1",
        }
        self.process = Replica("epione_inference.app", environment, lines)
        self._n_days = 0

    async def measured(self) -> None:
        """State a blood pressure of each patient: of whom nothing is stated, nothing is planned."""
        facts = [replace(SBP, tenant="north", patient=patient, origin="") for patient in PATIENTS]
        await self._log.publish([told_message(fact) for fact in facts])

    async def a_day_passes(self) -> None:
        """Tell each patient's log, so that each is to have a new plan."""
        self._n_days += 1
        at_ms = int(time.time() * 1000) + self._n_days * DAY_MS
        await self._log.publish([time_message(f"north/{each}", at_ms) for each in PATIENTS])

    async def planned(self) -> None:
        """Wait until the last day's plans are there."""
        ends = await self._ends()
        await becoming(lambda: self._reached(ends))

    async def says(self, text: str) -> None:
        """Wait for a line of the log."""
        await becoming(lambda: _true_of(text in self._lines.read_text()))

    async def lives(self) -> bool:
        async with httpx.AsyncClient(timeout=REPORTED_WITHIN_S) as client:
            answer = await client.get(f"http://127.0.0.1:{self._port}/health/live")
        return answer.status_code == 200

    async def _ends(self) -> dict[bytes | None, int]:
        return {each.key: each.offset async for each in self._log.read(topics.PATIENT_EVENTS)}

    async def _reached(self, ends: dict[bytes | None, int]) -> bool:
        plans = {
            each.key: plan_from_wire(each.value)[1].offset
            for each in await records_on(self._log, topics.PATIENT_PLANS)
        }
        return all(plans.get(key, -1) >= end for key, end in ends.items())


async def becoming(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await holds():  # noqa: ASYNC110 - neither a topic nor a file signals anything
            await asyncio.sleep(0.05)


async def _true_of(value: bool) -> bool:
    return value


@asynccontextmanager
async def serving(broker: Broker, state: Faults, home: Path) -> AsyncIterator[Service]:
    """Run the service, its first plans published."""
    async with KafkaLog(KafkaSettings(broker.bootstrap, LAYOUT)) as log:
        service = Service(broker, state, log, home / "inference.log")
        service.process.start()
        try:
            await service.measured()
            await service.a_day_passes()
            await service.planned()
            yield service
        finally:
            await asyncio.to_thread(service.process.stop)


def kill(state: Faults) -> Callable[[], None]:
    state.snapshot()
    state.stop()
    return state.start


def hang(state: Faults) -> Callable[[], None]:
    state.hang()
    return state.wake


def fill(state: Faults) -> Callable[[], None]:
    _allow(state, "1")
    return lambda: _allow(state, "0")


def _allow(state: Faults, n_bytes: str) -> None:
    with redis.Redis.from_url(state.url) as client:
        client.config_set("maxmemory", n_bytes)


@pytest.mark.parametrize(
    ("befall", "line"),
    [
        pytest.param(kill, "the Redis of state does not answer", id="killed"),
        pytest.param(hang, "the Redis of state does not answer", id="hangs, connections open"),
        pytest.param(fill, "the Redis of state: OutOfMemoryError", id="full, and evicts nothing"),
    ],
)
async def test_a_redis_away_is_reported_blocks_nothing_and_is_gone_on_with_when_it_is_back(
    broker: Broker,
    own_redis: Faults,
    tmp_path: Path,
    befall: Callable[[Faults], Callable[[], None]],
    line: str,
) -> None:
    async with serving(broker, own_redis, tmp_path) as service:
        put_right = await asyncio.to_thread(befall, own_redis)
        began = time.monotonic()
        await service.a_day_passes()
        await service.says(line)
        reported_s = time.monotonic() - began
        await asyncio.sleep(3)
        lives = await service.lives()
        await asyncio.to_thread(put_right)
        began = time.monotonic()
        await service.planned()
        resumed_s = time.monotonic() - began

    assert lives
    assert reported_s < REPORTED_WITHIN_S
    assert resumed_s < RESUMED_WITHIN_S
    assert service.process.exits == [0]


async def test_who_is_told_to_stop_while_redis_hangs_stops_in_time(
    broker: Broker, own_redis: Faults, tmp_path: Path
) -> None:
    async with serving(broker, own_redis, tmp_path) as service:
        own_redis.hang()
        await service.a_day_passes()
        await service.says("the Redis of state does not answer")
        began = time.monotonic()
        status = await asyncio.to_thread(service.process.stop)
        took_s = time.monotonic() - began
        own_redis.wake()

    assert status == 0
    assert took_s < STOPPED_WITHIN_S
