"""A cohort is known by what is there, and opened for training."""

import os
from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.cohorts.told_lives import MANY, is_equal, mapped
from tests.unit.training.lives.worlds import world, write_delphi

from epione.errors import MalformedCohort
from epione_training.cohorts.meds_writing import write_meds
from epione_training.cohorts.sources import opened_cohort, rows_of, source_in


def test_rows_are_opened_where_they_are(tmp_path: Path) -> None:
    own = mapped(MANY, tmp_path / "rows")

    with opened_cohort(tmp_path / "rows") as cohort:
        assert is_equal(cohort, own)


def test_meds_becomes_rows_in_the_vocabulary_that_is_asked_for(tmp_path: Path) -> None:
    own = mapped(MANY, tmp_path / "rows", at_least=10)
    write_meds(MANY, tmp_path / "meds")

    with (
        opened_cohort(tmp_path / "meds") as anew,
        opened_cohort(tmp_path / "meds", own.vocabulary) as like,
    ):
        assert is_equal(anew, own)
        assert is_equal(like, own)


def test_delphis_folder_has_no_splits(tmp_path: Path) -> None:
    write_delphi(world(50), tmp_path)

    with opened_cohort(tmp_path) as cohort:
        assert cohort.splits is None
        assert len(cohort.judging) == 50


def test_a_delphi_binary_is_opened_with_its_labels(tmp_path: Path) -> None:
    binary = write_delphi(world(50), tmp_path).rename(tmp_path / "held.bin")

    with opened_cohort(binary, labels=tmp_path / "labels.csv") as cohort:
        assert np.array_equal(cohort.tokens, world(50).tokens)


def test_rows_in_another_vocabulary_are_refused(tmp_path: Path) -> None:
    mapped(MANY, tmp_path / "rows")

    with (
        pytest.raises(MalformedCohort, match="names other tokens than those of the model"),
        opened_cohort(tmp_path / "rows", world(3).vocabulary),
    ):
        pass


def test_rows_that_were_made_are_taken_again_while_the_files_stay_what_they_are(
    tmp_path: Path,
) -> None:
    write_meds(MANY, tmp_path / "meds")
    made = rows_of(tmp_path / "meds", tmp_path / "model")
    (made / "untouched").touch()

    again = rows_of(tmp_path / "meds", tmp_path / "model")
    shard = next((tmp_path / "meds").rglob("data/**/*.parquet"))
    os.utime(shard, ns=(0, 0))
    changed = rows_of(tmp_path / "meds", tmp_path / "model")

    assert again == made
    assert (again / "untouched").exists()
    assert changed != made
    with opened_cohort(made) as one, opened_cohort(changed) as other:
        assert is_equal(one, other)


def test_rows_that_were_not_made_to_the_end_are_made_anew(tmp_path: Path) -> None:
    write_meds(MANY, tmp_path / "meds")
    made = rows_of(tmp_path / "meds", tmp_path / "model")
    (made / "cohort.json").unlink()
    (made / "tokens.npy").write_bytes(b"cut off")

    again = rows_of(tmp_path / "meds", tmp_path / "model")

    with opened_cohort(again) as cohort:
        assert len(cohort) == 40


def test_what_is_rows_already_is_made_of_nothing(tmp_path: Path) -> None:
    write_delphi(world(50), tmp_path)

    assert rows_of(tmp_path, tmp_path / "model") == tmp_path
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("place", ["nowhere", ".", "notes.txt"])
def test_what_is_no_cohort_is_told_what_would_be_one(tmp_path: Path, place: str) -> None:
    (tmp_path / "notes.txt").write_text("none")

    with pytest.raises(MalformedCohort, match=r"is no cohort: neither ours .*PERSON\.csv"):
        source_in(tmp_path / place)
