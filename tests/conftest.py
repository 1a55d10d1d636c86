"""Fixtures of the whole suite: the outside reference data, a real Kafka, a real Redis.

What is not there is skipped with its reason; EPIONE_REQUIRE=reference,kafka,redis makes such a
skip a failure (CI). EPIONE_TEST_KAFKA and EPIONE_TEST_REDIS choose container, native or auto.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from epione_cli.native_kafka import SOON
from tests.real_parts import (
    KAFKA_IMAGE,
    REDIS_IMAGE,
    Broker,
    Faults,
    NativeRedis,
    native_kafka,
    why_no_containers,
    why_no_native_kafka,
    why_no_native_redis,
)
from tests.real_parts import (
    redis_server as native_redis_server,
)
from tests.vaults import SECRET as VAULT

REPOSITORY = Path(__file__).parents[1]

os.environ["EPIONE_VAULT"] = VAULT  # of every service that a test starts: they read one another


def pytest_report_header() -> str:
    """Say which Redis the tests would start themselves, and why no Kafka."""
    no_kafka = why_no_native_kafka()
    kafka = f"no Kafka natively ({no_kafka})" if no_kafka else "Kafka natively by Java"
    return f"real parts: {kafka}; Redis natively by {native_redis_server() or 'none'}"


def skip_unless_required(part: str, reason: str) -> None:
    """Skip the test for want of `part`; fail it where EPIONE_REQUIRE names the part."""
    if part in os.environ.get("EPIONE_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required: {reason}")
    pytest.skip(f"{part} is not here: {reason}")


def chosen_way(part: str, variable: str, no_container: str, no_native: str) -> str:
    """Choose "container" or "native" for `part`, or skip with the reason why neither goes."""
    way = os.environ.get(variable, "auto")
    if way in ("container", "auto") and not no_container:
        return "container"
    if way in ("native", "auto") and not no_native:
        return "native"
    asked = {"container": no_container, "native": no_native}
    skip_unless_required(part, asked.get(way, f"{no_container}; {no_native}"))
    return ""


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of outside reference data (EPIONE_REFERENCE_DATA)."""
    folder = Path(os.environ.get("EPIONE_REFERENCE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        skip_unless_required("reference", f"{folder} is not a folder")
    return folder


@contextmanager
def running_kafka(home: Path, java: Sequence[str] = SOON) -> Iterator[Broker]:
    way = chosen_way(
        "kafka", "EPIONE_TEST_KAFKA", why_no_containers(KAFKA_IMAGE), why_no_native_kafka()
    )
    if way == "container":
        from tests.real_containers import ContainerKafka

        container = ContainerKafka()
        container.start()
        try:
            yield container
        finally:
            container.remove()
        return
    broker = native_kafka(home, java)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="session")
def kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """One Kafka for the whole session: tests name topics and groups of their own.

    Where something is measured, Java compiles all that it may.
    """
    measures = any("benchmarks" in item.path.parts for item in request.session.items)
    with running_kafka(tmp_path_factory.mktemp("kafka"), () if measures else SOON) as broker:
        yield broker


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Broker]:
    """A Kafka for this test alone, to be stopped and restarted."""
    with running_kafka(tmp_path / "kafka") as broker:
        yield broker


@contextmanager
def running_redis(home: Path) -> Iterator[Faults]:
    way = chosen_way(
        "redis", "EPIONE_TEST_REDIS", why_no_containers(REDIS_IMAGE), why_no_native_redis()
    )
    end: Callable[[], None]
    if way == "container":
        from tests.real_containers import ContainerRedis

        container = ContainerRedis()
        container.start()
        faults, end = Faults(container), container.remove
    else:
        process = NativeRedis(home)
        process.start()
        faults, end = Faults(process), process.kill
    try:
        yield faults
    finally:
        end()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    """One Redis for the whole session."""
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Faults) -> str:
    """The session's Redis, emptied."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Faults]:
    """A Redis for this test alone, to be stopped, emptied and rolled back."""
    with running_redis(tmp_path) as server:
        yield server
