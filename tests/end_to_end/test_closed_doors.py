"""Kafka with its doors shut: each user does what it needs, and whoever tries more is refused."""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.certificates import Authority
from tests.conftest import skip_unless_required
from tests.end_to_end.command import environment, epione
from tests.real_parts import Faults, why_no_native_kafka
from tests.running import Seen
from tests.secured_kafka import ADMIN, STRANGER, SecuredKafka, secured_kafka
from tests.vaults import SECRET as VAULT

from epione.errors import Misconfigured
from epione.messaging import Layout, Message, Subscription, Topic, topics
from epione.messaging.access import (
    GENOMICS,
    HOSPITAL,
    INFERENCE,
    INGESTION,
    READER,
    USERS,
    Access,
)
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.security import KafkaSecurity, Mechanism
from epione_cli.patients import stories
from epione_cli.patients.fhir import ASSIGNER

pytestmark = [
    pytest.mark.kafka,
    # aiokafka closes a connection without waiting for TLS to say good-bye; the loop ends before.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LAYOUT = Layout(partitions=3, replication=1, min_in_sync=1)
SECRET = "0123456789abcdef" * 2
ADVICE = '"action": "acute coronary syndrome or PCI: Avoid clopidogrel'
DEADLINE_S = 240
REFUSED_WITHIN_S = 60.0
NOTHING = Access(STRANGER)
SUFFIX = {"fhir": "json", "hl7v2": "hl7", "genome": "vcf"}


@pytest.fixture(autouse=True)
def no_connection_left() -> Iterator[None]:
    """Let what aiokafka left be found here, and not by the tests of another module."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """A Kafka of closed doors, every topic there."""
    if missing := why_no_native_kafka():
        skip_unless_required("kafka", missing)
    with secured_kafka(tmp_path_factory.mktemp("closed")) as kafka:
        asyncio.run(laid_out(kafka))
        yield kafka


async def laid_out(kafka: SecuredKafka) -> None:
    async with KafkaLog(settings_of(kafka, kafka.security_of(ADMIN))):
        pass


def settings_of(kafka: SecuredKafka, security: KafkaSecurity) -> KafkaSettings:
    return KafkaSettings(kafka.bootstrap, LAYOUT, create_topics=True, security=security)


def log_as(kafka: SecuredKafka, user: str) -> KafkaLog:
    return KafkaLog(settings_of(kafka, kafka.security_of(user)))


async def enter(kafka: SecuredKafka, security: KafkaSecurity) -> None:
    """Come in, or be told why not."""
    async with asyncio.timeout(REFUSED_WITHIN_S), KafkaLog(settings_of(kafka, security)):
        pass


async def read(log: KafkaLog, topic: Topic) -> int:
    """Count what is read of a topic."""
    async with asyncio.timeout(REFUSED_WITHIN_S):
        return len([record async for record in log.read(topic)])


async def write(log: KafkaLog, topic: Topic) -> None:
    async with asyncio.timeout(REFUSED_WITHIN_S):
        await log.publish([Message(topic, b"key", b"value", ())])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"password": "guessed"}, "SaslAuthenticationFailed", id="a wrong password"),
        pytest.param({"user": "nobody"}, "SaslAuthenticationFailed", id="an unknown user"),
        pytest.param(
            {"mechanism": Mechanism.PLAIN}, "UnsupportedSaslMechanism", id="another mechanism"
        ),
        pytest.param({"ca": ""}, "EPIONE_KAFKA_CA: .*certificate", id="an unknown authority"),
        pytest.param({"user": "", "password": ""}, "EPIONE_KAFKA_USER is needed", id="no user"),
    ],
)
async def test_who_is_not_let_in_is_told_once_why(
    closed: SecuredKafka, changed: dict[str, str], reason: str
) -> None:
    security = replace(closed.security_of(GENOMICS.user), **changed)  # type: ignore[arg-type]

    with pytest.raises(Misconfigured, match=reason) as fault:
        await enter(closed, security)

    assert "guessed" not in str(fault.value)
    assert security.password == "" or security.password not in str(fault.value)


async def test_a_broker_of_another_authority_is_not_spoken_to(
    closed: SecuredKafka, tmp_path: Path
) -> None:
    theirs = replace(closed.security_of(GENOMICS.user), ca=str(Authority(tmp_path).ca))

    with pytest.raises(Misconfigured, match="EPIONE_KAFKA_CA"):
        await enter(closed, theirs)


async def test_plain_text_is_refused(closed: SecuredKafka) -> None:
    with pytest.raises(Misconfigured, match="Kafka speaks TLS: EPIONE_KAFKA_CA"):
        await enter(closed, KafkaSecurity())


async def test_a_service_that_is_not_shown_what_it_needs_does_not_start(
    closed: SecuredKafka,
) -> None:
    settings = settings_of(closed, closed.security_of(STRANGER))

    with pytest.raises(Misconfigured, match="hides from this user: genome"):
        async with KafkaLog(settings, needed=GENOMICS.topics):
            pass


async def test_each_user_reads_and_writes_what_the_table_grants(closed: SecuredKafka) -> None:
    for access in USERS:
        async with log_as(closed, access.user) as log:
            for topic in access.writes:
                await write(log, topic)

    for access in USERS:
        async with log_as(closed, access.user) as log:
            assert 0 not in [await read(log, topic) for topic in access.reads]


@pytest.mark.parametrize("access", [*USERS, NOTHING], ids=lambda access: access.user)
async def test_nobody_reads_what_the_table_does_not_grant(
    closed: SecuredKafka, access: Access
) -> None:
    async with log_as(closed, access.user) as log:
        for topic in set(topics.ALL) - access.reads:
            with pytest.raises(Misconfigured, match=r"Kafka (shows|does not let) this user"):
                await read(log, topic)


@pytest.mark.parametrize("access", [*USERS, NOTHING], ids=lambda access: access.user)
async def test_nobody_writes_what_the_table_does_not_grant(
    closed: SecuredKafka, access: Access
) -> None:
    async with log_as(closed, access.user) as log:
        for topic in set(topics.ALL) - access.writes:
            with pytest.raises(Misconfigured, match="Kafka does not let this user"):
                await write(log, topic)


@pytest.mark.parametrize(
    ("user", "group", "reason"),
    [
        pytest.param(READER.user, INFERENCE.group, "GroupAuth", id="the group of another"),
        pytest.param(GENOMICS.user, GENOMICS.group, "TopicAuth", id="the topic of another"),
    ],
)
async def test_a_service_that_may_not_read_ends_and_says_so(
    closed: SecuredKafka, user: str, group: str, reason: str
) -> None:
    subscription = Subscription(topics.PATIENT_EVENTS, group, Seen())

    with pytest.raises(Misconfigured, match=f"Kafka does not let this user .*{reason}"):
        async with asyncio.timeout(REFUSED_WITHIN_S), log_as(closed, user) as log:
            await log.consume([subscription], asyncio.Event())


@pytest.fixture
def services(closed: SecuredKafka, redis_server: Faults) -> Iterator[None]:
    """The three services, each by a name of its own."""
    redis_server.flush()
    own = {"EPIONE_STATE": redis_server.url, "EPIONE_SECRET": SECRET, "EPIONE_HTTP_PORT": "0"}
    own["EPIONE_VAULT"] = VAULT
    with ExitStack() as stack:
        for access in (INGESTION, GENOMICS, INFERENCE):
            stack.enter_context(running(access, {**variables(closed, access), **own}))
        yield


def variables(kafka: SecuredKafka, access: Access) -> dict[str, str]:
    layout = {"PARTITIONS": "3", "REPLICATION": "1", "MIN_IN_SYNC": "1"}
    told = {f"EPIONE_{name}": value for name, value in layout.items()}
    return kafka.variables_of(access.user) | told


def running(access: Access, told: dict[str, str]) -> ExitStack:
    module = access.user.replace("-", "_") + ".app"
    process = subprocess.Popen([sys.executable, "-m", module], env=environment(told))
    stack = ExitStack()
    stack.callback(process.wait, DEADLINE_S)
    stack.callback(process.terminate)
    return stack


@pytest.mark.redis
def test_from_hospital_to_plan_by_the_doors_of_each(
    services: None, closed: SecuredKafka, tmp_path: Path
) -> None:
    (amara, *_) = stories(datetime.now(UTC))
    for n, sent in enumerate(amara.sent):
        (tmp_path / f"{n}.{SUFFIX[sent.kind]}").write_bytes(sent.content)
    record = f"urn:oid:{ASSIGNER}|{amara.sent[0].person.medical_record}"
    hospital, reader = (variables(closed, access) for access in (HOSPITAL, READER))

    published = epione("publish", str(tmp_path), "--patient", record, **hospital)
    plan = plan_of(record, {**reader, "EPIONE_SECRET": SECRET, "EPIONE_VAULT": VAULT})

    assert published.status == 0, published.err
    assert ADVICE in plan


def plan_of(record: str, settings: dict[str, str]) -> str:
    """Ask for a plan until it holds the advice."""
    deadline, said = time.monotonic() + DEADLINE_S, ""
    while ADVICE not in said and time.monotonic() < deadline:
        said = epione("plan", record, "--json", **settings).out
    return said
