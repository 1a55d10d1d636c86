"""Tells what a cohort is by what is there, and opens it for training."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from epione_training.lives.planted import planted_version


def source_in(place: Path) -> Source:
    """Give the lives of a folder or file: ours, Delphi's, MEDS, OMOP or Synthea's.

    Raises:
        MalformedCohort: It is none of them.
    """
    return replace(_source_in(place), planted=planted_version(place))


def _source_in(place: Path) -> Source:
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


def rows_of(place: Path, within: Path) -> Path:
    """Give where a cohort's rows are: as they came, or as they are made within a folder and kept.

    What was made before is taken again while the source's files keep their names, sizes and times
    of change, by a hash of which it is named; what a run that was cut off made is made anew.

    Raises:
        MalformedCohort: It is no cohort, or contradicts itself.
    """
    if _whole(place) is not None:
        return place
    source = source_in(place)
    rows = within / f"rows-{_state_of(place)}"
    if not (rows / ABOUT).exists():
        shutil.rmtree(rows, ignore_errors=True)
        map_lives(source, rows)
    return rows


def _state_of(place: Path) -> str:
    """Give a hash of names, sizes and times of change of a file, or of a folder's files."""
    state = hashlib.sha256()
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        about = file.stat()
        state.update(f"{file.relative_to(place)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return state.hexdigest()[:16]


def _whole(place: Path) -> tuple[str, Cohort] | None:
    """Give a cohort that is rows already, and whose form it has."""
    if (place / ABOUT).exists():
        return "Epione", read_mapped(place)
    if (place / BINARY).exists() or (place / LABELS).exists():
        return "Delphi", read_delphi(place / BINARY, place / LABELS)
    return None
