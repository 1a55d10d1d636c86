"""The service on a log and a real Redis: its plans are those of one process, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.real_parts import Faults
from tests.running import DEADLINE_S, running
from tests.unit.inference.test_handler import HISTORY
from tests.unit.timeline.records import unmerge
from tests.vaults import records_on, vault_on

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Layout, MemoryLog, Record, topics
from epione.messaging.state import StateStore
from epione.timeline import PatientEvent
from epione.wire import plan_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.app import GROUP, folding_of
from epione_inference.handler import Inference
from epione_inference.messages import recompute_messages, told_message
from epione_inference.single import plans_of

pytestmark = pytest.mark.redis

N_PARTITIONS = 3
APART = [*HISTORY, *unmerge("p-0", "p-1")]


@pytest.fixture
def answers() -> Iterator[PreventAnswers]:
    answers = PreventAnswers(None)
    yield answers
    answers.close()


@pytest.fixture
def inference(answers: PreventAnswers) -> Inference:
    return Inference(answers, Guidelines(), epoch=1)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=N_PARTITIONS))


@pytest.fixture
async def store(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url)
    yield store
    await store.close()


async def publish(log: MemoryLog, events: list[PatientEvent]) -> None:
    await log.publish([told_message(each) for each in events])


async def records_of(log: MemoryLog) -> list[Record]:
    return await records_on(log, topics.PATIENT_EVENTS)


async def plans_on(log: MemoryLog) -> dict[str, bytes]:
    """Give what stands on the compacted topic."""
    records = await records_on(log, topics.PATIENT_PLANS)
    return {(record.key or b"").decode(): record.value or b"" for record in records}


async def is_folded(log: MemoryLog, store: StateStore) -> bool:
    held = [await store.held(partition) for partition in range(N_PARTITIONS)]
    ends = {record.partition: record.offset + 1 for record in await records_of(log)}
    return not any(each.outbox for each in held) and all(
        (each.applied or 0) == ends.get(partition, 0) for partition, each in enumerate(held)
    )


async def serve_until_folded(
    log: MemoryLog, store: StateStore, inference: Inference, max_records: int = 500
) -> None:
    """Serve until every event of the log, those told to survivors included, is folded."""
    folding = folding_of(inference, store, log, vault_on(log))
    async with running(log, folding.subscription(GROUP, max_records)), asyncio.timeout(DEADLINE_S):
        while not await is_folded(log, store):  # noqa: ASYNC110 - Redis signals nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("max_records", [1, 4, 500])
@pytest.mark.parametrize("events", [HISTORY, APART], ids=["merged", "and apart again"])
async def test_the_services_plans_are_those_of_one_process(
    log: MemoryLog,
    store: StateStore,
    inference: Inference,
    events: list[PatientEvent],
    max_records: int,
) -> None:
    await publish(log, events)

    await serve_until_folded(log, store, inference, max_records)

    assert await plans_on(log) == await plans_of(await records_of(log), inference)


async def test_an_emptied_state_is_made_again_from_the_log(
    log: MemoryLog, store: StateStore, inference: Inference, own_redis: Faults
) -> None:
    await publish(log, HISTORY)
    await serve_until_folded(log, store, inference)
    own_redis.flush()

    await serve_until_folded(log, store, inference)

    assert await plans_on(log) == await plans_of(await records_of(log), inference)


async def test_asking_again_publishes_the_plan_as_it_was_but_for_its_revision(
    log: MemoryLog, store: StateStore, inference: Inference
) -> None:
    await publish(log, HISTORY)
    await serve_until_folded(log, store, inference)
    before, _ = plan_from_wire((await plans_on(log))["north/p-1"])

    await log.publish(recompute_messages(["north/p-1"]))
    await serve_until_folded(log, store, inference)

    after, _ = plan_from_wire((await plans_on(log))["north/p-1"])
    assert after == before
