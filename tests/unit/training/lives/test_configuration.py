"""Settings from files and the command line: the later wins, and what is none is named."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione_training.lives.batches import Reading
from epione_training.lives.configuration import Said, SaidOfReading, as_toml, configured
from epione_training.lives.training import Schedule

WHOLE = Schedule(
    minutes=2.5,
    rate=3e-4,
    least=0.1,
    warm_up=0.05,
    decay=0.0,
    average=0.99,
    patience=3,
    seed=7,
    reading=Reading(size=16, longest=128),
)


def file(folder: Path, text: str) -> Path:
    (folder / "run.toml").write_text(text)
    return folder / "run.toml"


def test_what_is_not_said_is_as_it_is_without_a_file(tmp_path: Path) -> None:
    configuration = file(tmp_path, 'size = "2M"\nrate = 1\n[reading]\nsize = 8\n')

    assert configured([configuration], {"seed": None}) == (
        "2M",
        Schedule(steps=4_000, rate=1, reading=Reading(size=8)),
    )
    assert configured([], {}) == ("", Schedule(steps=4_000))


def test_the_command_line_wins_over_files_and_a_file_over_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "kept.toml").write_text(as_toml("8M", WHOLE))
    configuration = file(tmp_path, "seed = 8\n[reading]\nlongest = 64\n")

    size, schedule = configured([tmp_path / "kept.toml", configuration], {"size": "2M", "seed": 9})

    assert size == "2M"
    assert schedule == replace(WHOLE, seed=9, reading=replace(WHOLE.reading, longest=64))


def test_who_says_when_a_run_ends_says_so_alone(tmp_path: Path) -> None:
    configuration = file(tmp_path, "steps = 100\n")

    _, schedule = configured([configuration], {"minutes": 1.5})

    assert (schedule.steps, schedule.minutes) == (None, 1.5)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    written = file(tmp_path, as_toml("0.5M", WHOLE))

    assert configured([written], {}) == ("0.5M", WHOLE)


def test_everything_can_be_said() -> None:
    assert {*Said.model_fields} == {"size", *(each.name for each in fields(Schedule))}
    assert {*SaidOfReading.model_fields} == {each.name for each in fields(Reading)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("rat = 1.0", "rat = 1.0: no setting has this name", id="an unknown name"),
        pytest.param(
            "[reading]\ngenome = [1]", "reading.genome = .*no setting", id="an unknown one inside"
        ),
        pytest.param('rate = "fast"', "rate = 'fast': Input should be a valid number", id="text"),
        pytest.param("seed = 1.5", "seed = 1.5: Input should be a valid integer", id="a part"),
        pytest.param("steps = true", "steps = True: Input should be a valid integer", id="a truth"),
        pytest.param("rate = nan", "rate = nan: Input should be", id="no number"),
        pytest.param("steps = 0", "steps = 0: Input should be greater than 0", id="no steps"),
        pytest.param("average = 1.0", "average = 1.0: .* less than 1", id="nothing is learned"),
        pytest.param("reading = 3", "reading = 3: Input should be a valid dict", id="no table"),
        pytest.param('size = "3M"', "size = '3M': .*none of 0.5M, 2M", id="no size"),
        pytest.param("steps = 1\nminutes = 1", "steps are given, or minutes", id="two ends"),
        pytest.param("rate = 1\nrate = 2", "is no configuration: Cannot overwrite", id="twice"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=rf"run\.toml.*{says}"):
        configured([file(tmp_path, text)], {})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"none\.toml is no configuration"):
        configured([tmp_path / "none.toml"], {})
