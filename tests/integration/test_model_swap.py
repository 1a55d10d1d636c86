"""Another version of a model while messages flow: none is lost, each answer says its version."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.end_to_end.supervisor import Replica
from tests.real_parts import Broker, Faults
from tests.running import running
from tests.unit.inference.candidates import point, version_in
from tests.unit.medicine.patients import COMPLETE, NOW, SBP
from tests.unit.timeline.records import reading
from tests.vaults import KEYS, SECRET, records_on

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Layout, Record, topics
from epione.messaging.folding import Folding
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.privacy import Vault, opened_vault
from epione.timeline import PatientEvent, SourceVersion, codes, time_reached
from epione.wire import Changed, plan_from_wire, recommendation_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.app import GROUP, folding_of
from epione_inference.handler import Inference
from epione_inference.messages import told_message

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

LAYOUT = Layout(partitions=3, replication=1, min_in_sync=1)
N_PATIENTS, N_ROUNDS = 20, 12
OLD, NEW = "2024-02.1", "2024-02.2"
SETTLED_WITHIN_S = 120.0


@pytest.fixture
def pointer(tmp_path: Path) -> Path:
    """A link to the old version; the new one, whose risks are half, lies beside it."""
    version_in(tmp_path, NEW, scale=0.5)
    point(tmp_path / "current", version_in(tmp_path, OLD))
    return tmp_path / "current"


@pytest.fixture
async def log(own_kafka: Broker) -> AsyncIterator[KafkaLog]:
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        yield log


def known(patient: str) -> list[PatientEvent]:
    """Give everything that PREVENT asks, and the day."""
    events = [*COMPLETE, time_reached("north", "p-1", NOW)]
    return [replace(each, patient=patient, origin="") for each in events]


def round_of(n: int) -> list[PatientEvent]:
    """Give one more pressure of every patient, each time another."""
    return [
        replace(
            SBP,
            patient=f"p-{patient}",
            version=SourceVersion(2 + n),
            delivery_id=f"sbp-{patient}@{2 + n}",
            body=reading(codes.SYSTOLIC, 100 + n * 3 + patient),
        )
        for patient in range(N_PATIENTS)
    ]


async def publish(log: KafkaLog, events: Sequence[PatientEvent]) -> None:
    await log.publish([told_message(each) for each in events])


async def ends_of(log: KafkaLog) -> dict[str, int]:
    """Give the offset of the last event of every patient."""
    return {
        (record.key or b"").decode(): record.offset
        async for record in log.read(topics.PATIENT_EVENTS)
    }


async def settled(log: KafkaLog) -> None:
    """Wait until every patient's plan is up to the last event; a time that comes is one, too."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while await reached(log) != await ends_of(log):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.2)


async def reached(log: KafkaLog) -> dict[str, int]:
    found: dict[str, int] = {}
    for record in await records_on(log, topics.PATIENT_PLANS):
        key, offset = (record.key or b"").decode(), plan_from_wire(record.value)[1].offset
        found[key] = max(offset, found.get(key, -1))
    return found


async def risks_said(log: KafkaLog) -> list[Changed]:
    """Give every change of a computed risk."""
    changes = [
        recommendation_from_wire(record.value)
        for record in await records_on(log, topics.RECOMMENDATIONS)
    ]
    return [each for each in changes if "prevent" in each.recommendation.versions]


def versions_from(changes: Sequence[Changed], ends: Mapping[str, int]) -> set[str]:
    """Give the versions by which those risks were answered that events past `ends` changed."""
    return {
        each.recommendation.versions["prevent"]
        for each in changes
        if each.revision.offset > ends[f"{each.tenant}/{each.patient}"]
    }


async def said_by_name(log: KafkaLog) -> dict[bytes, set[bytes]]:
    """Give what was said under each message id: more than one thing is one too many."""
    said: dict[bytes, set[bytes]] = defaultdict(set)
    for topic in (topics.RECOMMENDATIONS, topics.PATIENT_PLANS):
        for record in await records_on(log, topic):
            said[id_of(record)].add(record.value or b"")
    return said


def id_of(record: Record) -> bytes:
    return next(value for name, value in record.headers if name == "ce_id")


async def test_a_version_takes_over_while_messages_flow(
    log: KafkaLog, redis_url: str, pointer: Path
) -> None:
    answers, store = PreventAnswers(None, folder=pointer), StateStore(redis_url)
    async with (
        opened_vault(log, KEYS) as vault,
        running(log, folded(answers, store, log, vault).subscription(GROUP, max_records=7)),
    ):
        for patient in range(N_PATIENTS):
            await publish(log, known(f"p-{patient}"))
        await settled(log)
        flowing = asyncio.create_task(flow(log, range(N_ROUNDS)))
        await asyncio.sleep(0.2)
        point(pointer, pointer.parent / NEW)
        await answers.look()
        await flowing
        before_last = await ends_of(log)
        await publish(log, round_of(N_ROUNDS))
        await settled(log)

    changes = await risks_said(log)
    assert {each.recommendation.versions["prevent"] for each in changes} == {OLD, NEW}
    assert versions_from(changes, before_last) == {NEW}
    assert {len(each) for each in (await said_by_name(log)).values()} == {1}
    answers.close()
    await store.close()


def folded(
    answers: PreventAnswers, store: StateStore, log: KafkaLog, vault: Vault
) -> Folding[PatientEvent]:
    return folding_of(Inference(answers, Guidelines()), store, log, vault)


async def flow(log: KafkaLog, rounds: range) -> None:
    for n in rounds:
        await publish(log, round_of(n))
        await asyncio.sleep(0.05)


async def test_a_version_that_is_wrong_stops_nothing(
    log: KafkaLog, redis_url: str, pointer: Path
) -> None:
    answers, store = PreventAnswers(None, folder=pointer), StateStore(redis_url)
    (pointer.parent / NEW / "model.onnx").write_bytes(b"tampered with")
    async with (
        opened_vault(log, KEYS) as vault,
        running(log, folded(answers, store, log, vault).subscription(GROUP)),
    ):
        await publish(log, known("p-0"))
        point(pointer, pointer.parent / NEW)
        await answers.look()
        await publish(log, round_of(0)[:1])
        await settled(log)

    changes = await risks_said(log)
    assert {each.recommendation.versions["prevent"] for each in changes} == {OLD}
    answers.close()
    await store.close()


async def test_a_kill_in_the_middle_of_it_loses_and_doubles_nothing(
    log: KafkaLog, own_kafka: Broker, own_redis: Faults, pointer: Path, tmp_path: Path
) -> None:
    environment = {
        "EPIONE_KAFKA": own_kafka.bootstrap,
        "EPIONE_STATE": own_redis.url,
        "EPIONE_VAULT": SECRET,
        "EPIONE_MODELS": str(pointer),
        "EPIONE_PARTITIONS": str(LAYOUT.partitions),
        "EPIONE_REPLICATION": "1",
        "EPIONE_MIN_IN_SYNC": "1",
        "EPIONE_MAX_RECORDS": "7",
    }
    for patient in range(N_PATIENTS):
        await publish(log, known(f"p-{patient}"))
    replica = Replica("epione_inference", environment, tmp_path / "inference.log")
    replica.start()
    try:
        await settled(log)
        flowing = asyncio.create_task(flow(log, range(N_ROUNDS)))
        await asyncio.sleep(0.2)
        point(pointer, pointer.parent / NEW)
        replica.kill()
        await flowing
        await settled(log)
        before_last = await ends_of(log)
        await publish(log, round_of(N_ROUNDS))
        await settled(log)
    finally:
        await asyncio.to_thread(replica.stop)

    changes = await risks_said(log)
    assert {each.recommendation.versions["prevent"] for each in changes} == {OLD, NEW}
    assert versions_from(changes, before_last) == {NEW}
    assert {len(each) for each in (await said_by_name(log)).values()} == {1}
    assert replica.starts == 2
