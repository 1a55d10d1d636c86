"""Both logs, by one port: each contract test runs on the in-memory log and on a real Kafka."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from epione.messaging import Layout, MemoryLog, Stream, Topic, dead_letters_of
from epione.messaging.kafka import KafkaLog, KafkaSettings

LAYOUT = Layout(partitions=3, replication=1, min_in_sync=1)

# Opens a connection to the one log of the test; each is another process's.
Connect = Callable[[], AbstractAsyncContextManager[Stream]]


@pytest.fixture
def topic() -> Topic:
    return Topic(f"test.{uuid.uuid4().hex}.v1")


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def connect(request: pytest.FixtureRequest, topic: Topic) -> Connect:
    if request.param == "memory":
        return in_memory()
    bootstrap = request.getfixturevalue("kafka").bootstrap
    settings = KafkaSettings(bootstrap, LAYOUT, session_timeout_s=6.0)
    return lambda: KafkaLog(settings, (topic, dead_letters_of(topic)))


def in_memory() -> Connect:
    log = MemoryLog(LAYOUT)

    @asynccontextmanager
    async def connect() -> AsyncIterator[Stream]:
        yield log

    return connect


@pytest.fixture
async def log(connect: Connect) -> AsyncIterator[Stream]:
    async with connect() as connected:
        yield connected
