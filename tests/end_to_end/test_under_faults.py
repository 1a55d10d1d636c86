"""The stream under faults: at the end stands what one undisturbed process makes of the log."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.end_to_end.supervisor import Replica
from tests.end_to_end.traffic import traffic
from tests.real_parts import Broker, Faults, restart

from epione.errors import Rejected
from epione.identity import keys_of
from epione.medicine.pharmacogenomics import Cpic
from epione.messaging import Layout, Record, topics
from epione.messaging.dead_letter import ORIGIN_OFFSET, ORIGIN_PARTITION, ORIGIN_TOPIC
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.topics import dead_letters_of
from epione.wire import Revision, event_from_wire, plan_from_wire, sample_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.single import plans_of
from epione_ingestion import Rules, translate

SECRET = "a secret of the tests, long enough"
N_PATIENTS, N_ROUNDS = 500, 7
N_EVENTS = 20_000
LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
GRACEFUL = (0, -signal.SIGTERM)  # the latter where it was still starting, and held nothing
PAST_THE_SESSION_S = 14  # the session time-out is 10 s
DEADLINE_S = 240
PACE = 20  # messages at a time
RAW = (topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, to be broken on purpose."""

    broker: Broker
    redis: Faults
    start: Callable[[str], Replica]
    log: KafkaLog


@pytest.fixture
async def stage(own_kafka: Broker, own_redis: Faults, tmp_path: Path) -> AsyncIterator[Stage]:
    environment = {
        "EPIONE_KAFKA": own_kafka.bootstrap,
        "EPIONE_STATE": own_redis.url,
        "EPIONE_CACHE": own_redis.url.removesuffix("/0") + "/1",
        "EPIONE_SECRET": SECRET,
        "EPIONE_HTTP_PORT": "0",
        "EPIONE_REPLICATION": "1",
        "EPIONE_MIN_IN_SYNC": "1",
    }
    replicas: list[Replica] = []

    def start(service: str) -> Replica:
        module = f"epione_{service}.app"
        replica = Replica(module, environment, tmp_path / f"{service}-{len(replicas)}.log")
        replicas.append(replica)
        replica.start()
        return replica

    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        yield Stage(own_kafka, own_redis, start, log)
        await asyncio.gather(*(asyncio.to_thread(replica.stop) for replica in replicas))


@pytest.mark.kafka
@pytest.mark.redis
async def test_after_every_fault_the_plans_are_those_of_one_undisturbed_process(
    stage: Stage,
) -> None:
    stage.start("ingestion")
    stage.start("genomics")
    stage.start("inference")
    stage.start("inference")
    async with publishing(stage.log):
        await befall(stage)

    records = await settled(stage.log)

    assert len({record.value for record in records}) >= N_EVENTS
    assert await current_plans(stage.log) == await undisturbed(records)


@asynccontextmanager
async def publishing(log: KafkaLog) -> AsyncIterator[None]:
    """Publish all of the traffic while the block runs, and on until it is all out."""

    async def publish() -> None:
        messages = list(traffic(N_PATIENTS, N_ROUNDS, seed=7))
        for start in range(0, len(messages), PACE):
            await log.publish(messages[start : start + PACE])
            await asyncio.sleep(0.2)

    task = asyncio.create_task(publish())
    yield
    await task


async def befall(stage: Stage) -> None:
    """Every fault in turn, while messages flow."""
    await asyncio.sleep(5)
    victim, sleeper = stage.start("inference"), stage.start("inference")
    await asyncio.sleep(4)
    stage.redis.snapshot()
    sleeper.freeze()
    await asyncio.sleep(3)
    victim.kill()
    await asyncio.sleep(PAST_THE_SESSION_S)
    sleeper.wake()
    await asyncio.sleep(3)
    await asyncio.to_thread(stage.redis.roll_back)
    await asyncio.sleep(3)
    assert await asyncio.to_thread(victim.stop) in GRACEFUL
    await asyncio.to_thread(restart, stage.broker)
    await asyncio.sleep(5)
    stage.redis.flush()
    await asyncio.sleep(2)
    sleeper.kill()


async def settled(log: KafkaLog) -> list[Record]:
    """Wait until every input is accounted for and every plan is up to its log; give the log."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            records = [record async for record in log.read(topics.PATIENT_EVENTS)]
            ends = {text_of(record): record.offset for record in records}
            plans = await current_plans(log)
            reached = {key: plan_from_wire(plan)[1].offset for key, plan in plans.items()}
            if reached == ends and not await unaccounted(log, records):
                return records
            await asyncio.sleep(3)


async def unaccounted(log: KafkaLog, events: list[Record]) -> list[str]:
    """Give the inputs that are neither on a patient's log, nor a dead letter, nor counted."""
    known = {(event.key, event.value) for event in events}
    genomes = {event_from_wire(event.value).delivery_id for event in events}
    dead = {origin async for origin in dead_letters(log)}
    rules = Rules(keys_of(SECRET))
    found = []
    for topic in RAW:
        async for record in log.read(topic):
            if not is_accounted_for(record, rules, known, dead):
                found.append(place_of(record))
    async for record in log.read(topics.GENOME_SAMPLES):
        delivery = sample_from_wire(record.value).delivery_id
        if delivery not in genomes and place_of(record) not in dead:
            found.append(delivery)
    return found


def is_accounted_for(
    record: Record, rules: Rules, known: Set[tuple[bytes | None, bytes | None]], dead: Set[str]
) -> bool:
    try:
        answer = translate(record, rules)
    except Rejected:
        return place_of(record) in dead
    on_log = all(
        (message.key, message.value) in known
        for message in answer.messages
        if message.topic == topics.PATIENT_EVENTS
    )
    refused = answer.refusal is None or place_of(record) in dead
    return on_log and refused and bool(answer.messages or answer.refusal or answer.unused)


async def dead_letters(log: KafkaLog) -> AsyncIterator[str]:
    """Give the origin of every dead letter."""
    for topic in topics.CONSUMED:
        async for letter in log.read(dead_letters_of(topic)):
            said = {name: value.decode(errors="replace") for name, value in letter.headers}
            yield "/".join(said[name] for name in (ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET))


async def current_plans(log: KafkaLog) -> Mapping[str, bytes]:
    """Read the compacted topic as a reader does: a lower revision is dropped."""
    current: dict[str, tuple[Revision, bytes]] = {}
    async for record in log.read(topics.PATIENT_PLANS):
        assert record.value is not None
        revision = plan_from_wire(record.value)[1]
        key = text_of(record)
        if key not in current or revision >= current[key][0]:
            current[key] = (revision, record.value)
    return {key: value for key, (_, value) in current.items()}


async def undisturbed(records: list[Record]) -> Mapping[str, bytes]:
    """Fold the log in one process, without a cache."""
    answers = PreventAnswers(None)
    try:
        return await plans_of(records, Inference(answers, Cpic()))
    finally:
        answers.close()


def place_of(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def text_of(record: Record) -> str:
    assert record.key is not None
    return record.key.decode()
