"""A Kafka of one's own for `epione up`: it keeps its log, and the secrets that name and seal."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from epione.errors import Misconfigured
from epione_cli.native_kafka import NativeKafka, missing_for_native_kafka
from epione_cli.settings import NATIVE_PORT


@contextmanager
def own_kafka(home: Path | None) -> Iterator[Mapping[str, str]]:
    """Run a broker on the loopback address; give the settings by which the services find it.

    Raises:
        Misconfigured: Java or Maven is missing, or it does not start.
    """
    if missing := missing_for_native_kafka():
        raise Misconfigured(f"a Kafka of one's own needs {missing}")
    home = home or default_home()
    home.mkdir(parents=True, exist_ok=True)
    broker = NativeKafka(home / "kafka", port=NATIVE_PORT)
    broker.start()
    try:
        yield {
            "EPIONE_KAFKA": broker.bootstrap,
            "EPIONE_REPLICATION": "1",
            "EPIONE_MIN_IN_SYNC": "1",
            "EPIONE_SECRET": os.environ.get("EPIONE_SECRET") or kept_secret(home / "secret"),
            "EPIONE_VAULT": os.environ.get("EPIONE_VAULT") or kept_secret(home / "vault"),
        }
    finally:
        broker.stop()


def default_home() -> Path:
    data = os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")
    return Path(data) / "epione"


def new_secret() -> str:
    return secrets.token_hex(32)


def kept_secret(file: Path, make: Callable[[], str] = new_secret) -> str:
    """Give the secret of a file, made at the first time; only its owner can read it."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(make())
    return file.read_text().strip()
