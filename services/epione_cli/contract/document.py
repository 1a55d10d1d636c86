"""The AsyncAPI 3 document, from the table of topics.

FastStream's generator reads its own parsers' types, of which ours have none, and knows no
`schemaFormat`: so it is written from what the services themselves are made of.

Source: AsyncAPI 3.0.0, and its Kafka bindings 0.5.0 (asyncapi.com).
"""

from collections.abc import Iterator
from importlib.metadata import version

from epione.messaging import Layout, Topic, topics
from epione.messaging.access import USERS, Access
from epione.messaging.security import KafkaSecurity, Mechanism
from epione.settings import listed
from epione_cli.contract.carried import Carried, Schema, carried_by

ABOUT = """\
Hospitals publish the events they already emit; Epione answers, for each patient, what should be
done differently and why. Every message is a CloudEvent in Kafka's binary mode: its attributes are
headers `ce_*`, its data is the value. Delivery is at least once: `ce_source` and `ce_id` name an
event. Not a medical device."""
BINDING = "0.5.0"
SCHEMES: dict[str, Schema] = {
    "certificate": {"type": "X509", "description": "A certificate that the brokers know"},
    Mechanism.PLAIN.value: {"type": "plain"},
    Mechanism.SCRAM_SHA_256.value: {"type": "scramSha256"},
    Mechanism.SCRAM_SHA_512.value: {"type": "scramSha512"},
}


def document_of(bootstrap: str, layout: Layout, security: KafkaSecurity) -> Schema:
    """Describe every topic, what it carries, and who reads and writes it.

    Args:
        bootstrap: Brokers, host:port, separated by commas.
        layout: Of every topic.
        security: How the brokers are spoken to; of it nothing secret is told.
    """
    return {
        "asyncapi": "3.0.0",
        "id": "urn:epione",
        "info": {
            "title": "Epione",
            "version": version("epione"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "servers": dict(_servers(bootstrap, security)),
        "channels": {topic.name: _channel(topic, layout) for topic in topics.ALL},
        "operations": {name: operation for user in USERS for name, operation in _flows(user)},
        "components": {
            "messages": {
                carried.name: _message(carried)
                for topic in topics.ALL
                for carried in carried_by(topic)
            },
            "securitySchemes": SCHEMES,
        },
    }


def _servers(bootstrap: str, security: KafkaSecurity) -> Iterator[tuple[str, Schema]]:
    asked = (
        [security.mechanism.value] if security.user else ["certificate"] if security.cert else []
    )
    for number, host in enumerate(listed(bootstrap)):
        server: Schema = {
            "host": host,
            "protocol": "kafka" if security.is_open else "kafka-secure",
            "security": [{"$ref": f"#/components/securitySchemes/{scheme}"} for scheme in asked],
        }
        yield f"kafka-{number}", server


def _channel(topic: Topic, layout: Layout) -> Schema:
    return {
        "address": topic.name,
        "messages": {
            carried.name: {"$ref": f"#/components/messages/{carried.name}"}
            for carried in carried_by(topic)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": layout.partitions,
                "replicas": layout.replication,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_bytes,
                    "min.insync.replicas": layout.min_in_sync,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _message(carried: Carried) -> Schema:
    return {
        "name": carried.name,
        "summary": carried.summary,
        "contentType": carried.content_type,
        "headers": {
            "type": "object",
            "required": list(carried.required),
            "properties": dict(carried.headers),
        },
        "payload": carried.payload,
        "bindings": {"kafka": {"key": carried.key, "bindingVersion": BINDING}},
    }


def name_of(user: Access) -> str:
    """Give a user's name without what all of them begin with: "ingestion"."""
    return user.user.removeprefix("epione-")


def _flows(user: Access) -> Iterator[tuple[str, Schema]]:
    for action, flowing in (("receive", user.reads), ("send", user.writes)):
        for topic in topics.ALL:
            if topic in flowing:
                yield f"{name_of(user)}.{action}.{topic.name}", _operation(user, action, topic)


def _operation(user: Access, action: str, topic: Topic) -> Schema:
    channel = f"#/channels/{topic.name}"
    operation: Schema = {
        "action": action,
        "channel": {"$ref": channel},
        "tags": [{"name": name_of(user)}],
        "messages": [
            {"$ref": f"{channel}/messages/{carried.name}"} for carried in carried_by(topic)
        ],
    }
    if user.group and action == "receive":
        group = {"type": "string", "const": user.group}
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
    return operation
