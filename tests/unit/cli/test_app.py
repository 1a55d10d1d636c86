import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epione.errors import MalformedEvent, Misconfigured
from epione_cli import app


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["epione", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("command", app.COMMANDS)
def test_help_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(monkeypatch, "--help") == 0
    assert f" {command} " in capsys.readouterr().out


@pytest.mark.parametrize("command", app.COMMANDS)
def test_a_command_that_is_imported_alone_says_the_same(command: str) -> None:
    alone, among_all = (
        CliRunner().invoke(line, [command, "--help"])
        for line in (app.command_line([command]), app.command_line())
    )

    assert (alone.exit_code, alone.output) == (0, among_all.output)


def test_a_genome_is_read_without_what_a_stream_needs(tmp_path: Path) -> None:
    """What it imports is most of the time that it takes."""
    run = "import sys; from epione_cli.app import main\ntry: main()\nfinally: print(*sys.modules)"
    command = [sys.executable, "-c", run, "genome", str(tmp_path / "no.vcf"), "--json"]

    ran = subprocess.run(command, check=True, capture_output=True, text=True)

    error, imported = ran.stdout.splitlines()
    assert "cannot be opened" in error
    assert "epione_genomics.indexed" in imported.split()
    of_streams = {"epione_ingestion", "epione_cli.settings", "aiokafka", "google.protobuf", "rich"}
    assert of_streams.isdisjoint(imported.split())


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

    monkeypatch.setattr(app, "command_line", fail)

    assert run(monkeypatch) == status
    assert capsys.readouterr().err == f"epione: {fault}\n"
