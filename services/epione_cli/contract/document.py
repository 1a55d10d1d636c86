"""The AsyncAPI 3 document, from the table of topics.

FastStream's generator reads its own parsers' types, of which ours have none, and knows no
`schemaFormat`: so it is written from what the services themselves are made of.

Source: AsyncAPI 3.0.0, and its Kafka bindings 0.5.0 (asyncapi.com).
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from epione.messaging import Layout, Topic, topics
from epione.settings import listed
from epione_cli.contract.carried import Carried, Schema, carried_by
from epione_cli.contract.flows import SERVICES, Service

ABOUT = """\
Hospitals publish the events they already emit; Epione answers, for each patient, what should be
done differently and why. Every message is a CloudEvent in Kafka's binary mode: its attributes are
headers `ce_*`, its data is the value. Delivery is at least once: `ce_source` and `ce_id` name an
event. Not a medical device."""
BINDING = "0.5.0"


def document_of(bootstrap: str, layout: Layout) -> Schema:
    """Describe every topic, what it carries, and who reads and writes it.

    Args:
        bootstrap: Brokers, host:port, separated by commas.
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
        "servers": dict(_servers(bootstrap)),
        "channels": {topic.name: _channel(topic, layout) for topic in topics.ALL},
        "operations": {name: operation for each in SERVICES for name, operation in _flows(each)},
        "components": {
            "messages": {
                carried.name: _message(carried)
                for topic in topics.ALL
                for carried in carried_by(topic)
            }
        },
    }


def _servers(bootstrap: str) -> Iterator[tuple[str, Schema]]:
    for number, host in enumerate(listed(bootstrap)):
        yield f"kafka-{number}", {"host": host, "protocol": "kafka"}


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


def _flows(service: Service) -> Iterator[tuple[str, Schema]]:
    for action, flowing in (("receive", service.receives), ("send", service.sends)):
        for topic in flowing:
            operation = _operation(service, action, topic)
            if action == "receive":
                group = {"type": "string", "const": service.group}
                operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": BINDING}}
            yield f"{service.name}.{action}.{topic.name}", operation


def _operation(service: Service, action: str, topic: Topic) -> Schema:
    channel = f"#/channels/{topic.name}"
    messages: Sequence[Schema] = [
        {"$ref": f"{channel}/messages/{carried.name}"} for carried in carried_by(topic)
    ]
    return {
        "action": action,
        "channel": {"$ref": channel},
        "tags": [{"name": service.name, "description": service.about}],
        "messages": messages,
    }
