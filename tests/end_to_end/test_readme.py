"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest
from tests.end_to_end.command import ROOT, epione

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^\$ (.+)$", "\n".join(BLOCKS), re.MULTILINE)
EPIONE = [
    command.partition(" #")[0].partition(".venv/bin/epione ")[2]
    for command in COMMANDS
    if ".venv/bin/epione " in command
]
MADE = re.findall(r"\bmake ([a-z]+)", README)
DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d \w+ \d{4}:")


def words(text: str) -> str:
    """Give the words alone, without tables' lines, and with every date alike."""
    return " ".join(DATE.sub("DATE", text).split())


def test_the_output_of_the_demonstration_is_real() -> None:
    shown = next(block for block in BLOCKS if block.startswith("$ make demo")).split("…\n")[1:]

    ran = words(epione("demo").out)

    assert [excerpt for excerpt in shown if words(excerpt) not in ran] == []


@pytest.mark.parametrize("target", sorted(set(MADE)))
def test_what_is_made_is_in_the_makefile(target: str) -> None:
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", EPIONE)
def test_a_command_takes_the_options_that_are_shown(command: str) -> None:
    name, *arguments = command.split()

    help_text = epione(name, "--help").out

    options = [argument for argument in arguments if argument.startswith("--")]
    assert help_text
    assert [option for option in options if option not in help_text] == []


@pytest.mark.parametrize("place", re.findall(r"^\| `([a-z_0-9/]+/)`", README, re.MULTILINE))
def test_every_place_on_the_map_is_there(place: str) -> None:
    assert Path(ROOT / place).is_dir()
