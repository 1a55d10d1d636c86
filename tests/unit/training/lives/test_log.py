"""What a run tells of itself, and that nothing is told twice where it is gone on with."""

import json
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from epione_training.lives.log import EVENTS, LOG, Progress, logged

LEARNED, VALIDATED = "likelihood/learned", "likelihood/validated"


def reached(step: int, likelihood: float, validated: float | None = None) -> Progress:
    return Progress(step / 100, step, step * 2.0, likelihood, validated)


def write(into: Path, begin: int, *told: Progress) -> None:
    with logged(into, begin) as tell:
        for progress in told:
            tell(progress)


def lines_in(folder: Path) -> list[dict[str, float | None]]:
    return [json.loads(line) for line in (folder / LOG).read_text().splitlines()]


def events_in(folder: Path, name: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(folder / EVENTS))
    events.Reload()
    told = events.Scalars(name)
    return [(event.step, event.value) for event in told]


def test_progress_is_told_in_lines_and_to_tensorboard(tmp_path: Path) -> None:
    write(tmp_path, 0, reached(20, 4.0), reached(31, 3.5, validated=3.75))

    assert lines_in(tmp_path) == [
        {"done": 0.2, "step": 20, "seconds": 40, "likelihood": 4.0, "validated": None},
        {"done": 0.31, "step": 31, "seconds": 62, "likelihood": 3.5, "validated": 3.75},
    ]
    assert events_in(tmp_path, LEARNED) == [(20, 4.0), (31, 3.5)]
    assert events_in(tmp_path, VALIDATED) == [(31, 3.75)]


def test_steps_after_the_checkpoint_that_is_gone_on_from_are_told_once(tmp_path: Path) -> None:
    write(tmp_path, 0, reached(20, 4.0), reached(40, 3.0), reached(60, 2.0, validated=2.5))

    write(tmp_path, 40, reached(60, 2.25, validated=2.75), reached(80, 1.0))

    assert [line["step"] for line in lines_in(tmp_path)] == [20, 40, 60, 80]
    assert events_in(tmp_path, LEARNED) == [(20, 4.0), (40, 3.0), (60, 2.25), (80, 1.0)]
    assert events_in(tmp_path, VALIDATED) == [(60, 2.75)]


@pytest.mark.parametrize("cut", ['{"done": 0.4, "st', ""])
def test_a_line_that_was_cut_off_is_none(tmp_path: Path, cut: str) -> None:
    write(tmp_path, 0, reached(20, 4.0))
    with (tmp_path / LOG).open("a") as log:
        log.write(cut)

    write(tmp_path, 20, reached(40, 3.0))

    assert [line["step"] for line in lines_in(tmp_path)] == [20, 40]
