"""Topics as Kafka has them: wait for the brokers, create what is missing, refuse what differs."""

import logging
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from epione.errors import BrokerDown, Misconfigured
from epione.messaging.client import Client, fault_of, refuse_misconfigured
from epione.messaging.patience import Patience, patiently
from epione.messaging.topics import Layout, Topic

HIDDEN = TopicAuthorizationFailedError.errno

_log = logging.getLogger(__name__)


async def set_up_topics(
    client: Client,
    topics: Iterable[Topic],
    layout: Layout,
    *,
    needed: Collection[Topic] = (),
    create: bool,
) -> None:
    """Wait for the brokers, for as long as it takes; then see to it that the topics are as told.

    A topic that this user may not see is left alone, unless it is needed.

    Raises:
        Misconfigured: A topic has another partition count, or is missing and may not be created;
            or the brokers do not let us in, or do not show what is needed.
    """

    async def attempt(_n: int) -> None:
        async with admin_of(client) as admin:
            missing = await _missing(admin, topics, layout, needed)
            if missing and not create:
                raise Misconfigured(f"topics are missing: {', '.join(t.name for t in missing)}")
            await _create(admin, missing, layout)
            if missing and await _missing(admin, topics, layout, needed):
                raise BrokerDown("topics are still being created")

    what = f"waiting for Kafka at {client.bootstrap}"
    await patiently(attempt, Patience(within_s=float("inf")), what)


@asynccontextmanager
async def admin_of(client: Client) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client.

    Raises:
        BrokerDown: No broker answers.
        Misconfigured: The brokers do not let us in.
    """
    admin = AIOKafkaAdminClient(**client.arguments)
    try:
        await admin.start()
        yield admin
    except KafkaConnectionError as fault:
        await refuse_misconfigured(client)
        raise fault_of(fault) from fault
    except KafkaError as fault:
        raise fault_of(fault) from fault
    finally:
        await admin.close()


async def _missing(
    admin: AIOKafkaAdminClient,
    topics: Iterable[Topic],
    layout: Layout,
    needed: Collection[Topic],
) -> list[Topic]:
    """Give the topics that are not there; refuse one that is there with other partitions."""
    described = await admin.describe_topics([topic.name for topic in topics])
    found = {each["topic"]: len(each["partitions"]) for each in described if not each["error_code"]}
    hidden = {each["topic"] for each in described if each["error_code"] == HIDDEN}
    if lacking := sorted(topic.name for topic in needed if topic.name in hidden):
        raise Misconfigured(f"Kafka hides from this user: {', '.join(lacking)}")
    for name, partitions in found.items():
        if partitions != layout.partitions:
            raise Misconfigured(
                f"topic {name} has {partitions} partitions, not {layout.partitions}: "
                "set EPIONE_PARTITIONS to what it has, or lay the topics out anew"
            )
    return [topic for topic in topics if topic.name not in found.keys() | hidden]


async def _create(admin: AIOKafkaAdminClient, topics: Iterable[Topic], layout: Layout) -> None:
    wanted = [
        NewTopic(t.name, layout.partitions, layout.replication, topic_configs=_settings(t, layout))
        for t in topics
    ]
    if not wanted:
        return
    response = await admin.create_topics(wanted)
    for name, code, message in response.topic_errors:
        fault = for_code(code)
        if code and fault is not TopicAlreadyExistsError:
            raise Misconfigured(f"topic {name} cannot be created: {fault.__name__}: {message}")
        _log.info("topic %s is there", name)


def _settings(topic: Topic, layout: Layout) -> dict[str, str]:
    return {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": str(topic.retention_ms),
        "min.insync.replicas": str(layout.min_in_sync),
        "max.message.bytes": str(topic.max_bytes),
        "message.timestamp.type": "LogAppendTime",  # when the log took it, whatever clock sent it
        **dict(topic.extra),
    }
