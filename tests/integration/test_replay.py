"""A replay beside the live service: what differs is told once, and nothing else is."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.integration.test_inference import publish, records_of
from tests.real_parts import Faults
from tests.running import DEADLINE_S, running
from tests.unit.inference.test_handler import HISTORY
from tests.unit.medicine.patients import POOR, OneGuideline, genome
from tests.unit.timeline.records import event, order, person, reading
from tests.vaults import records_on, vault_on

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import Circumstances, DrugAdvice, NoAdvice
from epione.messaging import Layout, MemoryLog, Message, Record, Stream, topics
from epione.messaging.dead_letter import FLOOD
from epione.messaging.due import DueTimes
from epione.messaging.folding import Folded
from epione.messaging.namespaces import Namespaces
from epione.messaging.snapshots import Snapshots
from epione.messaging.state import Position, StateStore
from epione.timeline import Code, GeneCall, PatientEvent, SourceVersion, codes
from epione.wire import Change, Changed, plan_from_wire, recommendation_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.app import GROUP, folding_of
from epione_inference.handler import Inference
from epione_inference.messages import due_message
from epione_inference.replay import Replay, replay
from epione_inference.single import plans_of
from epione_inference.states import with_ids

pytestmark = pytest.mark.redis

PARTITIONS = range(3)
PATIENTS = [f"p-{n}" for n in range(30)]


class Reworded(OneGuideline):
    """A later release, which says of clopidogrel something else."""

    def answers_for(
        self, drug: Code, calls: Mapping[str, GeneCall], circumstances: Circumstances
    ) -> Sequence[DrugAdvice | NoAdvice]:
        answers = super().answers_for(drug, calls, circumstances)
        if drug.display != "clopidogrel":
            return answers
        return [
            replace(each, action=f"{each.action} (reworded)")
            if isinstance(each, DrugAdvice)
            else each
            for each in answers
        ]


class Failing:
    """Folds one batch, and then the process ends, as it were."""

    def __init__(self, inference: Inference) -> None:
        self._inference, self._n = inference, 0

    async def __call__(
        self, events: Sequence[tuple[Record, PatientEvent]], states: Mapping[str, bytes]
    ) -> Folded:
        self._n += 1
        if self._n > 1:
            raise MemoryError
        return await self._inference(events, states)


@pytest.fixture
def answers() -> Iterator[PreventAnswers]:
    answers = PreventAnswers(None)
    yield answers
    answers.close()


@pytest.fixture
def now(answers: PreventAnswers) -> Inference:
    return Inference(answers, OneGuideline())


@pytest.fixture
def later(answers: PreventAnswers) -> Inference:
    return Inference(answers, Reworded())


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=3))


@pytest.fixture
async def live(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url)
    yield store
    await store.close()


@pytest.fixture
async def new(own_redis: Faults) -> AsyncIterator[StateStore]:
    store = StateStore(own_redis.url, namespace="new")
    yield store
    await store.close()


def story(n: int) -> list[PatientEvent]:
    """Give one patient's events; of every third a genome that clopidogrel is not for."""
    patient = f"p-{n}"
    genomes = [event(genome(POOR), "genome", patient=patient)] if n % 3 == 0 else []
    return [
        event(person("1960-02-03"), "who", patient=patient),
        event(reading(codes.SYSTOLIC, 130 + n), "sbp", patient=patient),
        event(order("309362"), "order", patient=patient),
        *genomes,
    ]


EVENTS = [each for n in range(len(PATIENTS)) for each in story(n)]


@asynccontextmanager
async def serving(log: MemoryLog, live: StateStore, inference: Inference) -> AsyncIterator[None]:
    """The live service: it folds, tells what is due, and restores what was lost."""
    restore = Snapshots(live, log, topics.PATIENT_STATES).load
    folding = folding_of(inference, live, log, vault_on(log), restore)
    due = DueTimes(folding, live, due_message, now_ms=lambda: 1_000, every_s=0.02)
    telling = asyncio.create_task(due.run())
    async with running(log, folding.subscription(GROUP, 7)):
        yield
        await until_folded(log, live)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def until_folded(log: MemoryLog, live: StateStore) -> None:
    """Wait until all of the log is folded, all of it is published, and nothing is to be told."""
    async with asyncio.timeout(DEADLINE_S):
        while not await is_folded(log, live):  # noqa: ASYNC110 - Redis signals nobody
            await asyncio.sleep(0.02)


async def is_folded(log: MemoryLog, live: StateStore) -> bool:
    ends = await log.offsets_at(topics.PATIENT_EVENTS, 1 << 62)
    for partition, end in ends.items():
        held = await live.held(partition)
        due = await live.due(partition, 1_000, 1)
        if (held.applied or 0) != end or held.outbox or due:
            return False
    return True


async def said(log: Stream) -> list[Changed]:
    records = await records_on(log, topics.RECOMMENDATIONS)
    return [recommendation_from_wire(record.value) for record in records]


async def n_plans(log: MemoryLog) -> int:
    return len(await records_on(log, topics.PATIENT_PLANS))


async def newest_plans(log: Stream) -> dict[str, bytes]:
    newest: dict[str, Record] = {}
    for record in await records_on(log, topics.PATIENT_PLANS):
        key = (record.key or b"").decode()
        before = newest.get(key)
        if before is None or revision_of(record) >= revision_of(before):
            newest[key] = record
    return {key: record.value or b"" for key, record in newest.items()}


def revision_of(record: Record) -> tuple[int, int]:
    revision = plan_from_wire(record.value)[1]
    return revision.epoch, revision.offset


def assert_each_said_once(changes: Sequence[Changed]) -> None:
    """What is added was not there; what is superseded or retracted is what was said last."""
    standing: dict[tuple[str, str], str] = {}
    for changed in changes:
        subject = (changed.patient, changed.recommendation.key)
        assert standing.get(subject, "") == changed.replaces
        assert changed.recommendation.id != changed.replaces
        standing[subject] = changed.recommendation.id


async def test_a_replay_by_the_same_release_tells_nothing(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference
) -> None:
    await publish(log, [*EVENTS, *HISTORY])
    async with serving(log, live, now):
        pass
    before = await n_plans(log), len(await said(log))

    n_told = await replay(Replay(now, log, vault_on(log), live, new, "new"), PARTITIONS)
    async with serving(log, live, now):
        pass

    assert n_told == 0
    assert (await n_plans(log), len(await said(log))) == before
    assert {(await live.held(n)).position.namespace for n in PARTITIONS} == {"new"}


async def test_a_replay_by_a_later_release_tells_what_differs(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference, later: Inference
) -> None:
    await publish(log, EVENTS)
    async with serving(log, live, now):
        pass
    before = len(await said(log))

    async with serving(log, live, later):
        n_told = await replay(Replay(later, log, vault_on(log), live, new, "new"), PARTITIONS)
    changes = await said(log)
    told = [each for each in changes if "(reworded)" in each.recommendation.action]

    assert n_told == 10
    assert {each.patient for each in told} == {f"p-{n}" for n in range(0, 30, 3)}
    assert {each.change for each in told} == {Change.SUPERSEDED}
    assert len(changes) == before + len(told)
    assert_each_said_once(changes)
    assert await newest_plans(log) == await plans_of(await records_of(log), later)


async def test_a_replay_that_was_killed_goes_on(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference, later: Inference
) -> None:
    await publish(log, EVENTS)
    async with serving(log, live, now):
        pass
    with pytest.raises(MemoryError):
        await replay(Replay(Failing(later), log, vault_on(log), live, new, "new"), PARTITIONS)

    async with serving(log, live, later):
        n_told = await replay(Replay(later, log, vault_on(log), live, new, "new"), PARTITIONS)

    assert n_told == 10
    assert_each_said_once(await said(log))
    assert await newest_plans(log) == await plans_of(await records_of(log), later)


async def test_a_replay_that_was_killed_between_two_partitions_goes_on(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference, later: Inference
) -> None:
    await publish(log, EVENTS)
    async with serving(log, live, now):
        pass
    killed = Replay(later, log, vault_on(log), live, new, "new")
    await killed.catch_up(0)
    await killed.switch(0)

    async with serving(log, live, later):
        await replay(Replay(later, log, vault_on(log), live, new, "new"), PARTITIONS)

    assert_each_said_once(await said(log))
    assert await newest_plans(log) == await plans_of(await records_of(log), later)


async def test_the_namespaces_change_while_messages_flow(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference, later: Inference
) -> None:
    await publish(log, EVENTS)
    async with serving(log, live, now):
        pass

    async with serving(log, live, later):
        traffic = asyncio.create_task(corrections(log))
        await replay(Replay(later, log, vault_on(log), live, new, "new"), PARTITIONS)
        await traffic

    assert {(await live.held(n)).position.namespace for n in PARTITIONS} == {"new"}
    assert_each_said_once(await said(log))
    assert await newest_plans(log) == await plans_of(await records_of(log), later)


async def corrections(log: MemoryLog) -> None:
    """Correct every patient's pressure, again and again."""
    for version in range(2, 40):
        for n, patient in enumerate(PATIENTS):
            pressure = event(reading(codes.SYSTOLIC, 100 + version + n), "sbp", patient=patient)
            at = f"sbp@{version}"
            await publish(log, [replace(pressure, version=SourceVersion(version), delivery_id=at)])
        await asyncio.sleep(0.02)


async def test_what_no_event_speaks_for_any_more_is_retracted(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference
) -> None:
    await publish(log, [event(reading(codes.SYSTOLIC, 130), "sbp", patient="p-1")])
    async with serving(log, live, now):
        pass
    (partition,) = {record.partition for record in await records_of(log)}
    held = await live.held(partition)
    said_before = {"drug/clopidogrel/CPIC": "an id"}
    await live.apply(
        partition,
        start=held.position,
        next_offset=held.applied,
        states={"north/p-9": with_ids(None, said_before)},
        due={},
        outbox=b"",
    )

    n_told = await replay(Replay(now, log, vault_on(log), live, new, "new"), PARTITIONS)

    assert n_told == 1
    assert await new.due(partition, 1_000, 9) == [("north/p-9", 1)]
    _, states = await new.states_of(partition, ["north/p-9"])
    opened = await vault_on(log).opened_states(states)
    assert opened == {"north/p-9": with_ids(None, said_before)}


async def test_without_a_switch_the_live_namespace_stays(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference
) -> None:
    await publish(log, EVENTS)
    async with serving(log, live, now):
        pass

    told = await replay(Replay(now, log, vault_on(log), live, new, "new"), PARTITIONS, switch=False)

    standings = await Namespaces(live).standings(PARTITIONS)
    by_name = {
        name: [(each.applied, each.n_keys) for each in standings if each.namespace == name]
        for name in ("live", "new")
    }
    assert told is None
    assert by_name["new"] == by_name["live"]
    assert {each.namespace for each in standings if each.is_live} == {"live"}


async def test_states_of_another_log_are_not_replayed(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference
) -> None:
    await live.apply(0, start=Position(None), next_offset=10, states={}, due={}, outbox=b"")

    with pytest.raises(Misconfigured, match="another log"):
        await replay(Replay(now, log, vault_on(log), live, new, "new"), [0])


async def test_events_that_cannot_be_read_stop_no_replay_however_many(
    log: MemoryLog, live: StateStore, new: StateStore, now: Inference
) -> None:
    await log.publish([Message(topics.PATIENT_EVENTS, b"a", b"\xff") for _ in range(FLOOD)])
    (partition,) = {record.partition async for record in log.read(topics.PATIENT_EVENTS)}
    await live.apply(
        partition, start=Position(None), next_offset=FLOOD, states={}, due={}, outbox=b""
    )

    n_told = await replay(Replay(now, log, vault_on(log), live, new, "new"), [partition])

    assert n_told == 0


async def test_a_snapshot_taken_while_messages_flow_restores_to_the_same_plans(
    log: MemoryLog, live: StateStore, now: Inference, own_redis: Faults
) -> None:
    """What it holds is of different offsets, each at or after the one that it says."""
    await publish(log, [*EVENTS, *HISTORY])
    async with serving(log, live, now):
        await until_folded(log, live)
        traffic = asyncio.create_task(corrections(log))
        for partition in PARTITIONS:
            await Snapshots(live, log, topics.PATIENT_STATES).take(
                partition, len(PARTITIONS), per_s=30, on_progress=lambda n: None
            )
        await traffic
    states = [record async for record in log.read(topics.PATIENT_STATES)]
    own_redis.flush()

    async with serving(log, live, now):
        pass

    assert len({dict(record.headers).get("epione_position") for record in states}) > 2
    assert await newest_plans(log) == await plans_of(await records_of(log), now)
