"""The AsyncAPI document: by the official schema, and by every message that the services write."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message as ProtobufMessage
from google.protobuf.message_factory import GetMessageClass
from jsonschema import Draft7Validator, FormatChecker
from tests.conftest import skip_unless_required
from tests.contract.asyncapi_schema import asyncapi_schema, why_no_asyncapi_schema
from tests.vaults import KEYS

from epione.messaging import PROTOBUF, Layout, MemoryLog, Message, Record, Topic, topics
from epione.messaging.access import GENOMICS, INFERENCE, INGESTION, USERS
from epione.messaging.security import KafkaSecurity
from epione.messaging.snapshots import Snapshots
from epione.messaging.state import StateStore
from epione.privacy import opened_records
from epione_cli.contract import document_of
from epione_cli.contract.carried import Carried, Schema, carried_by
from epione_cli.contract.document import name_of
from epione_cli.embedded_redis import embedded_redis
from epione_cli.hospital import Owner, genome_message, record_named
from epione_cli.operating.letters import dead_topics, letters, requeue
from epione_cli.replay import Clock
from epione_cli.stage import services
from epione_cli.stories import shipped_stories

DERIVED = [topic for topic in topics.ALL if carried_by(topic)[0].content_type == PROTOBUF]
EVENTS = [topic for topic in DERIVED if topic != topics.PATIENT_STATES]  # that say who wrote them
N_PARTITIONS = Layout().partitions
RUBBISH = b"\xff"
# The audit is written by who forgets or resolves a patient, which nobody does here.
WRITTEN = [topic for topic in topics.ALL if topic != topics.AUDIT]
by_name = pytest.mark.parametrize("topic", WRITTEN, ids=lambda topic: topic.name)

Log = Mapping[str, Sequence[Record]]  # by topic


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    if reason := why_no_asyncapi_schema():
        skip_unless_required("asyncapi", reason)
    return Draft7Validator(asyncapi_schema())


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """What stands on every topic once a shipped person, and rubbish, went through the services."""
    log = asyncio.run(played(tmp_path_factory.mktemp("genomes")))
    sent = {topic.name for topic in topics.CONSUMED}  # there the rubbish is as it was sent
    return {
        name: [each for each in records if name not in sent or each.value != RUBBISH]
        for name, records in log.items()
    }


async def played(folder: Path) -> Log:
    story, *_ = shipped_stories()
    rubbish = [Message(topic, b"nobody", RUBBISH) for topic in topics.CONSUMED]
    clock = Clock(story.deliveries[-1].at)
    log = MemoryLog(now_ms=clock.now_ms)
    with embedded_redis() as redis_url:
        async with services(log, KEYS, story.rules, redis_url, clock.now_ms, story.life) as running:
            await log.publish([each for sent in story.deliveries for each in sent.messages])
            await log.publish([*rubbish, manifest(folder)])
            await asyncio.wait_for(log.settled(len(running.reading)), 60)
            await operated(log, redis_url)
            opened = partial(opened_records, log, running.vault)
            return {t.name: [record async for record in opened(t)] for t in topics.ALL}


async def operated(log: MemoryLog, redis_url: str) -> None:
    """Do what an operator does: a snapshot, and the dead letters once more."""
    store = StateStore(redis_url)
    snapshots = Snapshots(store, log, topics.PATIENT_STATES)
    for partition in range(N_PARTITIONS):
        await snapshots.take(partition, N_PARTITIONS, per_s=1e6, on_progress=lambda _: None)
    await store.close()
    dead = [letter async for letter in letters(log, dead_topics(""))]
    await requeue(log, dead)


def manifest(folder: Path) -> Message:
    """Send a genome that is too large to go with its message; nobody is allowed to fetch it."""
    vcf = folder / "large.vcf"
    vcf.write_bytes(b"##fileformat=VCFv4.2\n" * 20_000)
    return genome_message(vcf, Owner(record_named("urn:oid:2.999.7.1|1"), "S1"))


@pytest.mark.parametrize(
    "security",
    [KafkaSecurity(), KafkaSecurity(user="reader", password="x")],
    ids=["in plain text", "as a user"],
)
def test_the_document_is_asyncapi_3(official: Draft7Validator, security: KafkaSecurity) -> None:
    document = document_of("one:9092, two:9092", Layout(), security)

    assert [fault.message for fault in official.iter_errors(document)] == []


def test_the_official_schema_refuses_what_is_not(official: Draft7Validator) -> None:
    document = document_of("one:9092", Layout(), KafkaSecurity())

    assert not official.is_valid({**document, "channels": {"x": {"address": 7}}})


@by_name
def test_every_message_is_one_that_is_described(topic: Topic, log: Log) -> None:
    assert log[topic.name]
    assert [record for record in log[topic.name] if not described(record, topic)] == []


def described(record: Record, topic: Topic) -> Sequence[Carried]:
    """Give the descriptions by which the record's key, headers and JSON are as they should be."""
    return [carried for carried in carried_by(topic) if fits(record, carried)]


def fits(record: Record, carried: Carried) -> bool:
    headers = {name: value.decode() for name, value in record.headers}
    said: Schema = {
        "type": "object",
        "required": carried.required,
        "properties": dict(carried.headers),
    }
    parts: list[tuple[Schema, object]] = [(said, headers)]
    parts.append((carried.key, (record.key or b"").decode()))
    if headers.get("content-type", "").endswith("json"):
        parts.append((carried.payload, json.loads(record.value or b"")))
    return all(is_valid(schema, part) for schema, part in parts)


def is_valid(schema: Schema, part: object) -> bool:
    return Draft7Validator(schema, format_checker=FormatChecker()).is_valid(part)


@pytest.mark.parametrize("topic", DERIVED, ids=lambda topic: topic.name)
def test_a_reader_needs_nothing_but_the_documents_protobuf(
    topic: Topic, log: Log, tmp_path: Path
) -> None:
    carried = carried_by(topic)[0]
    kind = compiled(cast(str, carried.payload["schema"]), carried.name, tmp_path)
    records = [record for record in log[topic.name] if fits(record, carried)]

    read = [kind.FromString(record.value or b"") for record in records]

    assert [message for message in read if not message.ByteSize() or has_unknown(message)] == []


def compiled(text: str, name: str, folder: Path) -> type[ProtobufMessage]:
    """Compile a .proto text that stands alone, and give one of its messages."""
    (folder / "read.proto").write_text(text)
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", "--include_imports"]
    done = subprocess.run(
        [*protoc, "--descriptor_set_out=/dev/stdout", "read.proto"],
        check=True,
        stdout=subprocess.PIPE,
    )
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(done.stdout).file:
        pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(name))


def has_unknown(message: ProtobufMessage) -> bool:
    """Say whether the message holds fields that its text does not name."""
    before = message.ByteSize()
    message.DiscardUnknownFields()
    return message.ByteSize() != before


def test_who_writes_is_who_is_said_to_write(log: Log) -> None:
    written = {
        (name_of(user), topic.name)
        for topic in topics.ALL
        for record in log[topic.name]
        for user in USERS
        if dict(record.headers).get("ce_source") == f"/epione/{name_of(user)}".encode()
    }

    assert written == {
        (name_of(user), topic.name)
        for user in (INGESTION, GENOMICS, INFERENCE)
        for topic in user.writes
        if topic in EVENTS
    }
