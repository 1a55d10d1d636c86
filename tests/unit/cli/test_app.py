import sys

import pytest

from epione.errors import MalformedEvent, Misconfigured
from epione_cli import app


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["epione", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "up",
        "publish",
        "plan",
        "watch",
        "why-not",
        "unmapped",
        "genome",
        "drugs",
        "asyncapi",
        "replay",
        "snapshot",
        "namespaces",
        "dead-letters",
        "knowledge",
        "risk",
    ],
)
def test_help_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(monkeypatch, "--help") == 0
    assert f" {command} " in capsys.readouterr().out


def test_the_version_is_that_of_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == "epione 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["nothing"], "No such command 'nothing'", id="no such command"),
        pytest.param(["plan"], "Missing argument", id="an argument too few"),
        pytest.param(["plan", "p", "--when"], "No such option", id="no such option"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        pytest.param(MalformedEvent("file 1 is not JSON"), 2, id="the file is at fault"),
        pytest.param(Misconfigured("no Java"), 1, id="the machine is at fault"),
    ],
)
def test_an_error_of_ours_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: Exception,
    status: int,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(app, "app", fail)

    assert run(monkeypatch) == status
    assert capsys.readouterr().err == f"epione: {fault}\n"
