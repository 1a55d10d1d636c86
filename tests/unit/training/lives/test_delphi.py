"""Delphi's binary as a cohort, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.lives.worlds import DEATH, FEMALE, MALE, A, cohort_of, life, write_delphi

from epione.errors import MalformedCohort
from epione.timeline.vocabulary import Kind
from epione_training.lives.delphi import read_delphi

TWO = [life((0, FEMALE), (900, A), (1000, DEATH)), life((0, MALE), (800, A))]


def read(folder: Path, rows: list[tuple[int, int, int]]) -> None:
    write_delphi(cohort_of(TWO), folder)
    (folder / "train.bin").write_bytes(np.array(rows, np.uint32).tobytes())
    read_delphi(folder / "train.bin", folder / "labels.csv")


def test_lives_are_read_as_they_were_written(tmp_path: Path) -> None:
    binary = write_delphi(cohort_of(TWO), tmp_path)

    cohort = read_delphi(binary, tmp_path / "labels.csv")

    assert len(cohort) == 2
    assert cohort[0].tokens.tolist() == [FEMALE, A, DEATH]
    assert cohort[1].ages_days.tolist() == [0, 800]
    assert cohort.vocabulary.kinds[DEATH] is Kind.DEATH


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        pytest.param([(7, 0, 1), (7, 5, 99)], "row 1 has a token that", id="unknown code"),
        pytest.param([(7, 0, 2**32 - 1)], "row 0 has padding", id="no code at all"),
        pytest.param([(7, 9, 1), (7, 5, 3)], "row 1 is earlier than", id="unsorted"),
        pytest.param(
            [(7, 0, 1), (7, 5, 6), (7, 6, 3)], "row 2 comes after death", id="after death"
        ),
        pytest.param([(7, 0, 1), (7, 99_999, 3)], "row 1 is older than 45656", id="in the future"),
        pytest.param([(7, 0, 1), (8, 0, 1), (7, 5, 3)], "do not follow each other", id="scattered"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    tmp_path: Path, rows: list[tuple[int, int, int]], reason: str
) -> None:
    with pytest.raises(MalformedCohort, match=reason):
        read(tmp_path, rows)


def test_a_file_that_ends_within_a_row_is_refused(tmp_path: Path) -> None:
    binary = write_delphi(cohort_of(TWO), tmp_path)
    binary.write_bytes(binary.read_bytes()[:-4])

    with pytest.raises(MalformedCohort, match="ends within a row"):
        read_delphi(binary, tmp_path / "labels.csv")


@pytest.mark.parametrize("missing", ["train.bin", "labels.csv"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    write_delphi(cohort_of(TWO), tmp_path)
    (tmp_path / missing).unlink()

    with pytest.raises(MalformedCohort, match=missing):
        read_delphi(tmp_path / "train.bin", tmp_path / "labels.csv")


@pytest.mark.reference
def test_the_simulated_lives_are_read(reference_data: Path) -> None:
    """7,143 lives, 3,639 of them of women, and 1,903 deaths: none of them early, none twice."""
    folder = reference_data / "timeline" / "delphi_simulated"

    cohort = read_delphi(folder / "train.bin", folder / "labels.csv")
    by_name = cohort.vocabulary.by_name

    assert len(cohort) == 7_143
    assert cohort.counts[by_name["Female"]] == 3_639
    assert cohort.counts[by_name["Death"]] == 1_903
    assert cohort.once[by_name["Death"]]
