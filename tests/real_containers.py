"""The same parts in containers, by testcontainers."""

import time
from typing import Any

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from epione_cli.native_kafka import READY, SOON, free_port
from tests.real_parts import KAFKA_IMAGE, REDIS_IMAGE, START_TIMEOUT_S, wait_for_redis


class ContainerKafka:
    """Apache's image, reached on a port of the loopback address."""

    def __init__(self) -> None:
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self._container = (
            DockerContainer(KAFKA_IMAGE)
            .with_bind_ports(9092, port)
            .with_envs(
                KAFKA_NODE_ID="1",
                KAFKA_PROCESS_ROLES="broker,controller",
                KAFKA_LISTENERS="PLAINTEXT://:9092,CONTROLLER://:9093",
                KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://{self.bootstrap}",
                KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
                KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
                KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
                KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
                KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
                KAFKA_HEAP_OPTS=" ".join(("-Xmx512m", *SOON)),
            )
            .waiting_for(LogMessageWaitStrategy(READY))
        )
        self._created = False

    def start(self) -> None:
        if not self._created:
            self._container.start()
            self._created = True
            return
        starts = self._starts()
        self._wrapped().start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._starts() == starts and time.monotonic() < deadline:
            time.sleep(0.1)

    def stop(self) -> None:
        self._wrapped().stop()

    def kill(self) -> None:
        self._wrapped().kill()

    def remove(self) -> None:
        self._container.stop()

    def _starts(self) -> int:
        return b"".join(self._container.get_logs()).count(READY.encode())

    def _wrapped(self) -> Any:  # docker's own class; its stubs are not complete
        return self._container.get_wrapped_container()


class ContainerRedis:
    """The image of Redis, which keeps /data between kills."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._container = (
            DockerContainer(REDIS_IMAGE).with_bind_ports(6379, port).with_command(["--save", ""])
        )
        self._created = False

    def start(self) -> None:
        if self._created:
            self._wrapped().start()
        else:
            self._container.start()
            self._created = True
        wait_for_redis(self.url)

    def kill(self) -> None:
        self._wrapped().kill()

    def freeze(self) -> None:
        self._wrapped().pause()

    def wake(self) -> None:
        self._wrapped().unpause()

    def remove(self) -> None:
        self._container.stop()

    def _wrapped(self) -> Any:
        return self._container.get_wrapped_container()
