"""The operator's commands as processes, beside running services, on a real Kafka and Redis."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.end_to_end.command import EPIONE, environment, epione
from tests.end_to_end.supervisor import Replica
from tests.integration.test_replay import assert_each_said_once, newest_plans, said
from tests.real_parts import Broker, Faults
from tests.unit.timeline.records import event, order, person, reading
from tests.vaults import SECRET as VAULT
from tests.vaults import records_on

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Layout, Message, dead_letters_of, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.namespaces import Namespaces, Standing
from epione.messaging.state import StateStore
from epione.timeline import Observation, PatientEvent, SourceVersion, codes
from epione.wire import event_from_wire
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.messages import told_message
from epione_inference.single import plans_of

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
PARTITIONS = range(LAYOUT.partitions)
N_PATIENTS, N_ROUNDS = 60, 20
DEADLINE_S = 120
SECRET = "0123456789abcdef" * 2


class Stage:
    """A Kafka, a Redis, and services as processes."""

    def __init__(self, broker: Broker, redis: Faults, log: KafkaLog, home: Path) -> None:
        self.redis, self.log, self._home = redis, log, home
        self.store = StateStore(redis.url)
        self.namespaces = Namespaces(self.store)
        self.settings = {
            "EPIONE_KAFKA": broker.bootstrap,
            "EPIONE_STATE": redis.url,
            "EPIONE_SECRET": SECRET,
            "EPIONE_VAULT": VAULT,
            "EPIONE_TENANT": "north",
            "EPIONE_REPLICATION": "1",
            "EPIONE_MIN_IN_SYNC": "1",
        }
        self.replicas: list[Replica] = []

    def start(self, service: str) -> Path:
        """Start a service; give the file of its log lines."""
        lines = self._home / f"{service}.log"
        replica = Replica(f"epione_{service}.app", environment(self.settings), lines)
        self.replicas.append(replica)
        replica.start()
        return lines

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Begin a command."""
        return subprocess.Popen([*EPIONE, *arguments], env=environment(self.settings))

    async def run(self, *arguments: str | Path, **settings: str) -> str:
        """Run a command to its end, which is a good one."""
        ran = await asyncio.to_thread(epione, *arguments, **self.settings, **settings)
        assert ran.status == 0, ran.err
        return ran.out

    async def standings(self) -> list[Standing]:
        return await self.namespaces.standings(PARTITIONS)

    async def is_folded(self) -> bool:
        ends = await self.log.offsets_at(topics.PATIENT_EVENTS, 1 << 62)
        helds = {partition: await self.store.held(partition) for partition in ends}
        return all(
            (helds[partition].applied or 0) == end and not helds[partition].outbox
            for partition, end in ends.items()
        )


@pytest.fixture
async def stage(own_kafka: Broker, own_redis: Faults, tmp_path: Path) -> AsyncIterator[Stage]:
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        stage = Stage(own_kafka, own_redis, log, tmp_path)
        yield stage
        await asyncio.gather(*(asyncio.to_thread(each.stop) for each in stage.replicas))
        await stage.store.close()


async def until_folded(stage: Stage) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await stage.is_folded():  # noqa: ASYNC110 - other processes signal nothing
            await asyncio.sleep(0.1)


def beginnings() -> list[PatientEvent]:
    return [
        each
        for n in range(N_PATIENTS)
        for each in (
            event(person(f"19{50 + n % 40}-02-03"), "who", patient=f"p-{n}"),
            event(order("309362"), "order", patient=f"p-{n}"),
        )
    ]


def pressures(round_: int) -> list[PatientEvent]:
    """Correct every patient's pressure once more."""
    return [
        replace(
            event(reading(codes.SYSTOLIC, 100 + (round_ * 7 + n) % 90), "sbp", patient=f"p-{n}"),
            version=SourceVersion(round_),
            delivery_id=f"sbp@{round_}",
        )
        for n in range(N_PATIENTS)
    ]


async def publish(log: KafkaLog, events: list[PatientEvent]) -> None:
    await log.publish([told_message(each) for each in events])


@asynccontextmanager
async def traffic(log: KafkaLog) -> AsyncIterator[None]:
    """Go on publishing while the block runs."""

    async def go_on() -> None:
        for round_ in range(N_ROUNDS, 10_000):
            await publish(log, pressures(round_))
            await asyncio.sleep(1)

    going = asyncio.create_task(go_on())
    yield
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)


async def undisturbed(log: KafkaLog) -> Mapping[str, bytes]:
    """Fold the log in one process."""
    answers = PreventAnswers(None)
    records = await records_on(log, topics.PATIENT_EVENTS)
    try:
        return await plans_of(records, Inference(answers, Guidelines()))
    finally:
        answers.close()


async def test_a_replay_that_is_killed_goes_on_and_becomes_live_while_messages_flow(
    stage: Stage,
) -> None:
    await publish(stage.log, [*beginnings(), *(e for n in range(N_ROUNDS) for e in pressures(n))])
    stage.start("inference")
    await until_folded(stage)

    async with traffic(stage.log):
        killed = stage.begin("replay", "--into", "anew")
        while not any(each.namespace == "anew" for each in await stage.standings()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        killed.kill()
        killed.wait()
        still_live = {each.namespace for each in await stage.standings() if each.is_live}
        replayed = await stage.run("replay", "--into", "anew", "--drop-old")
        moved = await stage.standings()
        await asyncio.sleep(1)
    await until_folded(stage)

    assert still_live == {"live"}
    assert "anew is live; the plans of 0 patients differ" in replayed
    assert {each.namespace for each in moved} == {"anew"}
    assert all(each.is_live for each in moved)
    assert_each_said_once(await said(stage.log))
    assert await newest_plans(stage.log) == await undisturbed(stage.log)


async def test_a_lost_state_is_made_again_from_the_snapshot_and_the_log_after_it(
    stage: Stage,
) -> None:
    await publish(stage.log, [*beginnings(), *(e for n in range(N_ROUNDS) for e in pressures(n))])
    lines = stage.start("inference")
    await until_folded(stage)
    before = sum((await stage.log.offsets_at(topics.PATIENT_PLANS, 1 << 62)).values())
    await stage.run("snapshot", "--rate", "1000000")

    stage.redis.flush()
    await publish(stage.log, pressures(N_ROUNDS))
    await until_folded(stage)

    after = sum((await stage.log.offsets_at(topics.PATIENT_PLANS, 1 << 62)).values())
    assert lines.read_text().count("is restored up to") == LAYOUT.partitions
    assert after - before <= 2 * N_PATIENTS  # the tail alone, and not the whole log again
    assert await newest_plans(stage.log) == await undisturbed(stage.log)


def dead(key: bytes, value: bytes, reason: bytes, offset: int) -> Message:
    headers = (
        ("content-type", b"application/fhir+json"),
        ("epione_dead_reason", reason),
        ("epione_dead_stage", b"ingestion"),
        ("epione_dead_attempts", b"1"),
        ("epione_dead_topic", topics.HOSPITAL_FHIR.name.encode()),
        ("epione_dead_partition", b"0"),
        ("epione_dead_offset", str(offset).encode()),
    )
    return Message(dead_letters_of(topics.HOSPITAL_FHIR), key, value, headers)


async def test_dead_letters_are_listed_shown_and_sent_again_once(stage: Stage) -> None:
    await stage.log.publish(
        [
            dead(b"k", b"secret name", b"MalformedEvent: $.entry must be a list", 7),
            dead(b"k", b"another", b"UnknownPatient: no identifier", 8),
        ]
    )
    place = {
        record.value: record
        async for record in stage.log.read(dead_letters_of(topics.HOSPITAL_FHIR))
    }[b"secret name"]
    named = f"{place.topic}/{place.partition}/{place.offset}"

    listed = await stage.run("dead-letters", "list", "--json")
    table = await stage.run("dead-letters", "list")
    shown = await stage.run("dead-letters", "show", named)
    held = await stage.run("dead-letters", "show", named, "--value")
    dry = await stage.run("dead-letters", "requeue", "--all", "--dry-run")
    once = await stage.run("dead-letters", "requeue", named)
    twice = await stage.run("dead-letters", "requeue", "--all")
    by_kind = ("--topic", topics.HOSPITAL_FHIR.name, "--reason", "MalformedEvent", "--again")
    again = await stage.run("dead-letters", "requeue", *by_kind)

    lines = [json.loads(line) for line in listed.splitlines()]
    assert {line["kind"] for line in lines} == {"MalformedEvent", "UnknownPatient"}
    assert "MalformedEvent" in table
    assert "secret name" not in listed + table + shown
    assert "$.entry must be a list" in shown
    assert held.endswith("secret name")
    assert named in dry
    assert (once, twice, again) == ("1 sent again\n",) * 3
    sent = [record async for record in stage.log.read(topics.HOSPITAL_FHIR)]
    assert sorted((r.value or b"", r.key, r.headers[0]) for r in sent) == [
        (b"another", b"k", ("content-type", b"application/fhir+json")),
        (b"secret name", b"k", ("content-type", b"application/fhir+json")),
        (b"secret name", b"k", ("content-type", b"application/fhir+json")),
    ]
    assert {tuple(name for name, _ in r.headers) for r in sent} == {
        ("content-type", "epione_requeues", "epione_logged_ms")
    }


LOCAL = {
    "resourceType": "Observation",
    "id": "o-1",
    "status": "final",
    "subject": {"reference": "Patient/p-1"},
    "meta": {"lastUpdated": "2026-03-01T08:00:00Z", "versionId": "1"},
    "code": {"coding": [{"system": "http://lab.example/codes", "code": "CHOL"}]},
    "valueQuantity": {"value": 5, "unit": "mmol/L"},
}


async def test_a_raw_topic_that_is_read_again_by_other_maps_counts_as_it_is_read_now(
    stage: Stage, tmp_path: Path
) -> None:
    headers = (("content-type", b"application/fhir+json"), ("ce_source", b"http://fhir.example"))
    sent = Message(topics.HOSPITAL_FHIR, b"k", json.dumps(LOCAL).encode(), headers)
    rubbish = Message(topics.HOSPITAL_FHIR, b"k", b"rubbish", headers)
    await stage.log.publish([sent, rubbish])
    maps = tmp_path / "maps.csv"
    maps.write_text(
        "system,code,system,code\nhttp://lab.example/codes,CHOL,http://loinc.org,2093-3\n"
    )

    first = await stage.run("replay", "--topic", "hospital.fhir.v1")
    again = await stage.run("replay", "--topic", "hospital.fhir.v1", EPIONE_MAPS=str(maps))
    late = await stage.run("replay", "--topic", "hospital.fhir.v1", "--from", "2100-01-01")

    read = [
        event_from_wire(record.value)
        for record in await records_on(stage.log, topics.PATIENT_EVENTS)
    ]
    unmapped, mapped = read
    assert "1 to patient.events.v1" in first
    assert "1 cannot be read" in first
    assert "1 to patient.events.v1" in again
    assert late == ""
    assert [record async for record in stage.log.read(dead_letters_of(topics.HOSPITAL_FHIR))] == []
    assert (unmapped.entity_id, unmapped.version) == (mapped.entity_id, mapped.version)
    assert 0 < unmapped.reading < mapped.reading
    assert isinstance(mapped.body, Observation)
    assert mapped.body.code.code == "2093-3"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ["--from", "2026-01-01"], "a plan rests on all of its patient's log", id="half a log"
        ),
        pytest.param(
            ["--topic", "hospital.fhir.v1", "--into", "x"], "has states", id="raw into states"
        ),
        pytest.param(["--topic", "audit.v1"], "cannot be replayed", id="no such topic"),
        pytest.param(["--no-switch", "--drop-old"], "nothing is old", id="nothing to drop"),
    ],
)
def test_a_replay_that_makes_no_sense_is_refused(arguments: list[str], says: str) -> None:
    ran = epione("replay", *arguments)

    assert ran.status in (1, 2)
    assert says in " ".join(ran.err.split())
