"""A cohort as mapped arrays: written once, in rows; refused where it is not whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.cohorts.told_lives import (
    DIED,
    FEMALE,
    MANY,
    SICK,
    glucose,
    mapped,
    names_in,
    source,
    told,
)

from epione.errors import MalformedCohort, Misconfigured
from epione.timeline.tokens import Entry, NoLife
from epione_training.cohorts.mapped import map_lives, read_mapped, vocabulary_in
from epione_training.lives.cohort import Split


def test_lives_are_rows_that_are_mapped(tmp_path: Path) -> None:
    cohort = mapped(source(told(7, FEMALE, SICK, DIED), told(8, SICK)), tmp_path / "c")

    assert isinstance(cohort.tokens, np.memmap)
    assert cohort.patients.tolist() == [7, 8]
    assert list(names_in(cohort)) == [
        [(18_000, "Female"), (18_000, "SNOMED/44054006"), (20_000, "DEATH")],
        [(18_000, "SNOMED/44054006")],
    ]


def test_splits_that_a_source_gives_decide_who_learns_tunes_and_judges(tmp_path: Path) -> None:
    lives = [told(n, SICK, split=Split(n % 3)) for n in range(9)]

    cohort = mapped(source(*lives), tmp_path / "c")
    learned, tuning = cohort.split()

    assert learned.patients[learned.chosen].tolist() == [0, 3, 6]
    assert tuning.patients[tuning.chosen].tolist() == [1, 4, 7]
    assert cohort.patients[cohort.judging.chosen].tolist() == [2, 5, 8]


def test_without_splits_a_hash_holds_back_and_no_one_is_in_two_parts(tmp_path: Path) -> None:
    lives = [told(n, SICK, split=None) for n in range(300)]

    cohort = mapped(source(*lives), tmp_path / "c")
    learned, tuning = cohort.split(10, byte=1)
    parts = [cohort.patients[part.chosen].tolist() for part in (learned, tuning, cohort.judging)]

    assert sorted(n for part in parts for n in part) == list(range(300))
    assert {15, 22} <= set(parts[2])
    assert all(len(part) > 10 for part in parts)


def test_a_model_is_judged_in_its_own_vocabulary(tmp_path: Path) -> None:
    own = mapped(MANY, tmp_path / "own").vocabulary

    remainder = map_lives(source(told(1, SICK, Entry(5, "X/1"))), tmp_path / "c", like=own)

    assert vocabulary_in(tmp_path / "c") == own
    assert remainder.entries.total() == 1


def test_what_is_left_out_is_told_in_the_folder(tmp_path: Path) -> None:
    rare = Entry(5, "X/1")
    lives = [told(n, SICK) for n in range(5)]

    map_lives(
        source(*lives, told(9, SICK, rare, rare), NoLife.NO_BIRTH_DATE, told(8, FEMALE)),
        tmp_path / "c",
        at_least=2,
    )

    about = json.loads((tmp_path / "c" / "cohort.json").read_text())
    assert about["people_left_out"] == {"an empty history": 1, "no birth date": 1}
    assert about["entries_left_out"] == {
        "a code that the vocabulary does not know": {"entries": 2, "most": {"X/1": 2}}
    }


def test_a_subject_that_is_told_of_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="it would leak"):
        map_lives(source(told(7, SICK), told(8, SICK), told(7, DIED)), tmp_path / "c")

    with pytest.raises(MalformedCohort, match="holds no cohort"):
        read_mapped(tmp_path / "c")


def test_a_cohort_without_lives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="no life is told of"):
        map_lives(source(NoLife.EMPTY), tmp_path / "c")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(Misconfigured, match="is not empty"):
        map_lives(MANY, tmp_path)


def test_a_number_of_64_bits_with_a_sign_comes_back(tmp_path: Path) -> None:
    cohort = mapped(source(told(-5, SICK)), tmp_path / "c")

    assert cohort.patients.astype(np.int64).tolist() == [-5]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("tokens", "ages_days is of another length", id="rows"),
        pytest.param("patients", "splits, starts is of another length", id="lives"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, name: str, says: str) -> None:
    mapped(source(told(7, SICK), told(8, glucose(3, 80))), tmp_path / "c")
    file = tmp_path / "c" / f"{name}.npy"
    np.save(file, np.load(file)[:-1])

    with pytest.raises(MalformedCohort, match=says):
        read_mapped(tmp_path / "c")


def test_another_format_is_refused(tmp_path: Path) -> None:
    mapped(MANY, tmp_path / "c")
    (tmp_path / "c" / "cohort.json").write_text('{"format": 99}')

    with pytest.raises(MalformedCohort, match="another format than 1"):
        read_mapped(tmp_path / "c")


def test_a_folder_without_a_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="holds no vocabulary"):
        vocabulary_in(tmp_path)
