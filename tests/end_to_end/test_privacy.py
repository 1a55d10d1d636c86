"""Who the test patients are is told by nothing that leaves ingestion, but to who may ask."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from tests.collector import collecting
from tests.conftest import running_kafka, running_redis
from tests.end_to_end.command import EPIONE, Ran, environment, epione
from tests.end_to_end.identifiers import identifiers_of
from tests.end_to_end.settling import settled_on
from tests.end_to_end.test_operations import Running, post, wait_until_ready
from tests.real_parts import Faults
from tests.running import Seen
from tests.vaults import KEYS, SECRET

from epione.identity import MedicalRecord, keys_of, patient_key, pseudonym
from epione.messaging import Layout, Record, Subscription, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.privacy import keys_on, opened_vault
from epione_cli.native_kafka import free_port
from epione_cli.patients import Story, stories
from epione_cli.patients.fhir import ASSIGNER

pytestmark = [pytest.mark.kafka, pytest.mark.redis]

IDENTITY, NEXT = "0123456789abcdef" * 2, "the next secret of the vault that is long enough"
DEADLINE_S = 120
RAW = {topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME}
READ = {
    "ingestion": RAW,
    "genomics": {topics.GENOME_SAMPLES},
    "inference": {topics.PATIENT_EVENTS},
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Services that have been sent all that there is of the synthetic people."""

    running: Running
    redis: Faults
    told: tuple[Story, ...]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.running.settings['EPIONE_HTTP_PORT']}"

    @property
    def token(self) -> str:
        home = Path(self.running.settings["XDG_DATA_HOME"])
        return (home / "epione" / "token").read_text()

    def run(self, *arguments: str, **settings: str) -> Ran:
        return epione(*arguments, **{**self.running.settings, **settings})

    def log(self) -> KafkaLog:
        bootstrap = self.running.settings["EPIONE_KAFKA"]
        return KafkaLog(KafkaSettings(bootstrap, Layout(), create_topics=False))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("privacy")
    with (
        running_kafka(home / "kafka") as kafka,
        running_redis(home) as redis,
        collecting() as collector,
        (home / "lines.log").open("wb") as lines,
    ):
        settings = {
            "EPIONE_KAFKA": kafka.bootstrap,
            "EPIONE_STATE": redis.url,
            "EPIONE_SECRET": IDENTITY,
            "EPIONE_VAULT": SECRET,
            "EPIONE_VAULT_OLD": NEXT,
            "EPIONE_REPLICATION": "1",
            "EPIONE_MIN_IN_SYNC": "1",
            "EPIONE_HTTP_PORT": str(free_port()),
            "EPIONE_TRACE_SAMPLE": "1",
            "EPIONE_TRACES": collector.address,
            "XDG_DATA_HOME": str(home / "data"),
        }
        ops_port = free_port(3)
        up = [*EPIONE, "up", "--ops-port", str(ops_port)]
        with subprocess.Popen(
            up, env=environment(settings), stdout=subprocess.DEVNULL, stderr=lines
        ) as process:
            running = Running(settings, ops_port, collector, home / "lines.log")
            try:
                for port in running.ports.values():
                    wait_until_ready(port)
                yield sent(Stage(running, redis, stories(datetime.now(UTC))))
            finally:
                process.terminate()
                process.wait(DEADLINE_S)


def sent(stage: Stage) -> Stage:
    """Post everything, and rubbish that names someone; wait until it is done."""
    for story in stage.told:
        for number, each in enumerate(story.sent):
            trace_id = f"{hash((story.name, number)) & (1 << 128) - 1 or 1:032x}"
            post(stage.running, str(each.kind), each.content, trace_id, each.person.medical_record)
    asyncio.run(settle(stage))
    return stage


async def settle(stage: Stage) -> None:
    reading = [
        Subscription(topic, f"epione.{name}", Seen())
        for name, read in READ.items()
        for topic in read
    ]
    await settled_on(stage.running.settings["EPIONE_KAFKA"], reading)()


def key_of(story: Story) -> str:
    record = MedicalRecord(f"urn:oid:{ASSIGNER}", story.sent[0].person.medical_record)
    return patient_key("default", pseudonym(keys_of(IDENTITY), "default", record))


# ── what is said of them ──


async def said_on_topics(stage: Stage) -> list[str]:
    """Give everything of every derived topic, opened; of raw dead letters their headers alone."""
    async with stage.log() as log, opened_vault(log, KEYS) as vault:
        raw_dead = {topics.dead_letters_of(topic).name for topic in RAW}
        derived = [topic for topic in topics.ALL if topic not in RAW]
        records = [record for topic in derived async for record in log.read(topic)]
        opened = await vault.opened(records)
    assert all(isinstance(each, Record) for each in opened)
    plain = [each for each in opened if isinstance(each, Record)]
    return [text_of(each, with_value=each.topic not in raw_dead) for each in plain]


def text_of(record: Record, *, with_value: bool) -> str:
    parts = [value for _, value in record.headers]
    parts += [record.key or b"", record.value or b""] if with_value else []
    return b"\n".join(parts).decode("latin-1")


async def said_in_redis(stage: Stage) -> list[str]:
    """Give every key and every value of Redis, states opened."""
    said: list[bytes] = []
    async with stage.log() as log, opened_vault(log, KEYS) as vault:
        with Redis.from_url(stage.redis.url) as client:
            for name in client.scan_iter():
                said += [name, client.dump(name) or b""]
                if name.endswith(b":states"):
                    sealed = {key.decode(): state for key, state in client.hgetall(name).items()}
                    said += (await vault.opened_states(sealed)).values()
    return [each.decode("latin-1") for each in said]


def said_to_operators(stage: Stage) -> list[str]:
    """Give log lines, metrics and spans."""
    spans = [span.said for span in stage.running.collector.spans]
    assert spans
    return [stage.running.lines.read_text(), stage.running.metrics(), *spans]


def identifiers(story: Story) -> set[str]:
    """Give what names a person directly; dates may stay (45 CFR 164.514(e))."""
    bundles = [json.loads(each.content) for each in story.sent if each.kind == "fhir"]
    person = story.sent[0].person
    found = {text for bundle in bundles for text in identifiers_of(bundle)}
    found |= {person.family, person.given, person.medical_record}
    return {each for each in found if not re.fullmatch(r"\d{4}-?\d\d-?\d\d", each)}


@pytest.mark.parametrize("place", ["topics", "Redis", "logs, metrics and traces"])
def test_no_direct_identifier_of_a_test_patient_is_anywhere(stage: Stage, place: str) -> None:
    said = {
        "topics": lambda: asyncio.run(said_on_topics(stage)),
        "Redis": lambda: asyncio.run(said_in_redis(stage)),
        "logs, metrics and traces": lambda: said_to_operators(stage),
    }[place]()
    text = "\n".join(said)

    searched = {each for story in stage.told for each in identifiers(story)}
    words = r"(?<![^\W_]){}(?![^\W_])"
    found = [each for each in searched if re.search(words.format(re.escape(each)), text)]

    assert len(searched) > 20
    assert len(text) > 10_000
    assert found == []


def test_nothing_of_the_derived_topics_can_be_read_without_the_vault(stage: Stage) -> None:
    async def raw_bytes() -> bytes:
        async with stage.log() as log:
            sealed = [topic for topic in topics.ALL if topic.sealed]
            return b"".join([r.value or b"" for t in sealed async for r in log.read(t)])

    said = asyncio.run(raw_bytes())

    assert len(said) > 10_000
    assert [each for each in (b"CYP2C19", b"8480-6", b"default", b"19") if each * 3 in said] == []
    assert not re.search(rb"CYP2C19|clopidogrel|\d{4}-\d\d-\d\d|http://loinc", said)


# ── who may know ──


def test_who_may_know_whose_a_plan_is_is_told_and_it_is_audited(stage: Stage) -> None:
    story = stage.told[0]
    asked = ("resolve", key_of(story), "--address", stage.address, "--json")
    pseudonymous = key_of(story).rpartition("/")[2]

    answer = stage.run(*asked, "--reason", "to call her", EPIONE_TOKEN=stage.token)
    refused = stage.run(*asked, "--reason", "curious", EPIONE_TOKEN="guessed")
    audit = stage.run("audit", "--patient", pseudonymous)

    assert json.loads(answer.out)["number"] == story.sent[0].person.medical_record
    assert (refused.status, refused.out) == (1, "")
    assert "the token is not known" in refused.err
    assert "to call her" in audit.out
    assert story.sent[0].person.medical_record not in audit.out


def test_who_is_forgotten_is_known_to_nothing_any_more(stage: Stage) -> None:
    story, other = stage.told[1], stage.told[0]
    record = f"urn:oid:{ASSIGNER}|{story.sent[0].person.medical_record}"
    assert stage.run("plan", record).status == 0

    ran = stage.run("forget", record, "--reason", "asked for it", "--by", "ada", "--yes")
    asyncio.run(settle(stage))
    plan = stage.run("plan", record)
    resolved = stage.run(
        *("resolve", key_of(story), "--reason", "why not", "--address", stage.address),
        EPIONE_TOKEN=stage.token,
    )
    audit = stage.run("audit", "--json")

    assert ran.status == 0, ran.err
    assert f"forgotten: {key_of(story)}" in ran.out
    assert "cannot erase" in ran.out
    assert (plan.status, plan.err) == (2, "epione: the stream knows no such patient\n")
    assert "nothing is known of such a patient" in resolved.err
    outcomes = [json.loads(line) for line in audit.lines]
    assert [e["outcome"] for e in outcomes if e["who"] == "ada"] == ["begun", "done"]
    assert stage.run("plan", f"urn:oid:{ASSIGNER}|{other.sent[0].person.medical_record}").out
    assert asyncio.run(standing_keys(stage, story)) == []


async def standing_keys(stage: Stage, story: Story) -> list[bytes]:
    async with stage.log() as log:
        wrapped = (await keys_on(log)).wrapped
    assert wrapped
    return [name for name in wrapped if name.startswith(key_of(story).encode())]


def test_the_vaults_secret_can_be_changed_while_everything_runs(stage: Stage) -> None:
    record = f"urn:oid:{ASSIGNER}|{stage.told[0].sent[0].person.medical_record}"

    rekeyed = stage.run("vault", "rekey", EPIONE_VAULT=NEXT, EPIONE_VAULT_OLD=SECRET)
    by_the_new = stage.run("plan", record, EPIONE_VAULT=NEXT, EPIONE_VAULT_OLD="")
    by_the_old = stage.run("plan", record, EPIONE_VAULT=SECRET, EPIONE_VAULT_OLD="")

    assert re.fullmatch(r"[1-9]\d* keys wrapped anew\n", rekeyed.out)
    assert by_the_new.status == 0
    assert (by_the_old.status, by_the_old.out) == (1, "")
    assert "EPIONE_VAULT" in by_the_old.err
