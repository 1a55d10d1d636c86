"""A cohort is known by what is there, and opened for training."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.training.cohorts.told_lives import MANY, is_equal, mapped
from tests.unit.training.lives.worlds import world, write_delphi

from epione.errors import MalformedCohort
from epione_training.cohorts.meds_writing import write_meds
from epione_training.cohorts.sources import opened_cohort, source_in


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


@pytest.mark.parametrize("place", ["nowhere", ".", "notes.txt"])
def test_what_is_no_cohort_is_told_what_would_be_one(tmp_path: Path, place: str) -> None:
    (tmp_path / "notes.txt").write_text("none")

    with pytest.raises(MalformedCohort, match=r"is no cohort: neither ours .*PERSON\.csv"):
        source_in(tmp_path / place)
