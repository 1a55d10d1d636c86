"""The command `epione asyncapi`."""

import json
from pathlib import Path

import pytest
import yaml

from epione_cli.asyncapi import Format, asyncapi


def printed(capsys: pytest.CaptureFixture[str], form: Format) -> str:
    asyncapi(form)
    return capsys.readouterr().out


def test_yaml_and_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    as_json = json.loads(printed(capsys, Format.JSON))

    assert yaml.safe_load(printed(capsys, Format.YAML)) == as_json


def test_the_settings_say_where_the_brokers_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "kafka.example:9093")
    monkeypatch.setenv("EPIONE_PARTITIONS", "24")

    said = printed(capsys, Format.JSON)

    assert '"host": "kafka.example:9093"' in said
    assert '"partitions": 24' in said


def test_no_secret_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPIONE_SECRET", "0123456789abcdef" * 2)

    assert "0123456789abcdef" not in printed(capsys, Format.JSON)


def test_it_goes_to_a_file_where_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncapi(Format.HTML, tmp_path / "topics.html")

    assert (tmp_path / "topics.html").read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""
