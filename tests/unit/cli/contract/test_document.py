"""The document: every topic, and nothing that is not there."""

import json
from collections.abc import Iterator

import pytest

from epione.messaging import Layout, topics
from epione.messaging.security import KafkaSecurity
from epione_cli.contract import document_of, yaml_of
from epione_cli.contract.carried import Schema

LAYOUT = Layout(partitions=12, replication=3, min_in_sync=2)


@pytest.fixture(scope="module")
def document() -> Schema:
    return document_of("one:9092, two:9092", LAYOUT, KafkaSecurity())


def at(document: object, pointer: str) -> object:
    """Follow a JSON pointer."""
    for name in pointer.removeprefix("#/").split("/"):
        assert isinstance(document, dict)
        document = document[name]
    return document


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_topic_is_a_channel(document: Schema) -> None:
    channels = at(document, "#/channels")

    assert isinstance(channels, dict)
    assert list(channels) == [topic.name for topic in topics.ALL]


def test_every_broker_is_a_server(document: Schema) -> None:
    hosts = [at(document, f"#/servers/kafka-{n}/host") for n in (0, 1)]

    assert hosts == ["one:9092", "two:9092"]


def test_every_reference_leads_somewhere(document: Schema) -> None:
    assert {at(document, reference) is not None for reference in references(document)} == {True}


def test_a_channel_says_how_its_topic_is_laid_out(document: Schema) -> None:
    kafka = at(document, "#/channels/patient.plans.v1/bindings/kafka")

    assert kafka == {
        "topic": "patient.plans.v1",
        "partitions": 12,
        "replicas": 3,
        "topicConfiguration": {
            "cleanup.policy": ["compact"],
            "retention.ms": -1,
            "max.message.bytes": topics.PATIENT_PLANS.max_bytes,
            "min.insync.replicas": 2,
        },
        "bindingVersion": "0.5.0",
    }


def test_a_consumer_names_its_group(document: Schema) -> None:
    operation = "#/operations/inference.receive.patient.events.v1"

    assert at(document, f"{operation}/action") == "receive"
    assert at(document, f"{operation}/bindings/kafka/groupId/const") == "epione.inference"


def test_what_cannot_be_used_is_sent_to_the_dead_letters(document: Schema) -> None:
    operation = at(document, "#/operations/genomics.send.genome.samples.v1.dead.v1")

    assert isinstance(operation, dict)
    assert operation["channel"] == {"$ref": "#/channels/genome.samples.v1.dead.v1"}


@pytest.mark.parametrize(
    ("security", "protocol", "scheme"),
    [
        pytest.param(KafkaSecurity(), "kafka", None, id="in plain text"),
        pytest.param(KafkaSecurity(ca="ca.pem"), "kafka-secure", None, id="TLS alone"),
        pytest.param(
            KafkaSecurity(cert="c.pem", key="k.pem"), "kafka-secure", "X509", id="a certificate"
        ),
        pytest.param(
            KafkaSecurity(user="reader", password="x"), "kafka-secure", "scramSha512", id="a user"
        ),
    ],
)
def test_a_server_says_how_it_is_spoken_to(
    security: KafkaSecurity, protocol: str, scheme: str | None
) -> None:
    document = document_of("one:9092", LAYOUT, security)

    server = at(document, "#/servers/kafka-0")
    assert isinstance(server, dict)
    asked = [at(document, f"{each['$ref']}/type") for each in server["security"]]
    assert (server["protocol"], asked) == (protocol, [scheme] if scheme else [])


def test_protobuf_stands_in_yaml_as_it_is(document: Schema) -> None:
    lines = [line.strip() for line in yaml_of(document).splitlines()]

    assert 'syntax = "proto3";' in lines


def test_the_document_is_json(document: Schema) -> None:
    assert json.loads(json.dumps(document)) == document
