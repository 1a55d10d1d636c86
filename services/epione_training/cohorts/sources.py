"""Tells what a cohort is by what is there, and opens it for training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from epione.errors import MalformedCohort
from epione.medicine.ingredients import ingredient_of
from epione.timeline.vocabulary import Vocabulary
from epione_training.cohorts.mapped import ABOUT, map_lives, read_mapped
from epione_training.cohorts.meds_reading import is_meds, meds_source
from epione_training.cohorts.omop import is_omop, omop_source
from epione_training.cohorts.synthea import is_synthea, synthea_source
from epione_training.cohorts.told import Source, lives_of
from epione_training.lives.cohort import Cohort
from epione_training.lives.delphi import BINARY, LABELS, read_delphi


def source_in(place: Path) -> Source:
    """Give the lives of a folder or file: ours, Delphi's, MEDS, OMOP or Synthea's.

    Raises:
        MalformedCohort: It is none of them.
    """
    if (whole := _whole(place)) is not None:
        kind, cohort = whole
        return Source(kind, lambda: lives_of(cohort), cohort.vocabulary)
    if is_meds(place):
        return meds_source(place, ingredient_of)
    if is_synthea(place):
        return synthea_source(place, ingredient_of)
    if place.exists() and is_omop(place):
        return omop_source(place, ingredient_of)
    raise MalformedCohort(
        f"{place} is no cohort: neither ours ({ABOUT}), nor Delphi's ({BINARY}, {LABELS}), nor MEDS"
        " (data/*.parquet), nor OMOP (PERSON.csv, or a ZIP file of it), nor Synthea's events"
    )


@contextmanager
def opened_cohort(
    place: Path, like: Vocabulary | None = None, labels: Path | None = None
) -> Iterator[Cohort]:
    """Open a cohort to train on, or to judge a model of the vocabulary `like` on.

    What is not rows yet becomes rows in a temporary folder. With `labels`, the place is a binary of
    Delphi's, whose tokens they name.

    Raises:
        MalformedCohort: It is none, or is written in another vocabulary.
    """
    whole = ("Delphi", read_delphi(place, labels)) if labels else _whole(place)
    if whole is None:
        with TemporaryDirectory() as folder:
            map_lives(source_in(place), Path(folder), like=like)
            yield read_mapped(Path(folder))
        return
    if like is not None and whole[1].vocabulary != like:
        raise MalformedCohort(f"{labels or place} names other tokens than those of the model")
    yield whole[1]


def _whole(place: Path) -> tuple[str, Cohort] | None:
    """Give a cohort that is rows already, and whose form it has."""
    if (place / ABOUT).exists():
        return "Epione", read_mapped(place)
    if (place / BINARY).exists() or (place / LABELS).exists():
        return "Delphi", read_delphi(place / BINARY, place / LABELS)
    return None
