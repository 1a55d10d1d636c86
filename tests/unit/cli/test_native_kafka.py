"""The broker of one's own, without starting one."""

import secrets
import socket
from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione_cli import native_kafka
from epione_cli.native_kafka import (
    FIRST_PORT,
    NativeKafka,
    fetch,
    free_port,
    missing_for_native_kafka,
)


def test_free_ports_are_free_and_given_to_no_connection() -> None:
    first = free_port(3)

    assert 1024 < first < 32_768 - 3
    for port in range(first, first + 3):
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))


def test_a_port_that_is_taken_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as server:
        taken = free_port()
        server.bind(("127.0.0.1", taken))
        drawn = iter(port - FIRST_PORT for port in (taken - 1, taken, taken + 1))
        monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))

        assert free_port(2) == taken + 1


def test_the_address_is_known_before_the_start(tmp_path: Path) -> None:
    assert NativeKafka(tmp_path, port=9092).bootstrap == "127.0.0.1:9092"


def test_jars_that_are_there_are_not_fetched(tmp_path: Path) -> None:
    jars = tmp_path / f"kafka-{native_kafka.RELEASE}"
    jars.mkdir()

    assert fetch(tmp_path) == jars


def test_without_maven_fetching_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Misconfigured, match="mvn"):
        fetch(tmp_path / "cache")


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert missing_for_native_kafka() == "java and mvn"


def test_stopping_what_does_not_run_is_nothing(tmp_path: Path) -> None:
    NativeKafka(tmp_path).stop()
