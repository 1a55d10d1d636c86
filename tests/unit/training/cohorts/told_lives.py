"""Small lives to write cohorts of."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from epione.timeline.tokens import DEATH, Entry, NoLife
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.mapped import map_lives, read_mapped
from epione_training.cohorts.told import Source, Told
from epione_training.lives.cohort import Cohort, Split

FEMALE = Entry(None, "Female", Kind.SEX)
POOR = Entry(None, "CYP2C19/Poor Metabolizer", Kind.GENOME)
SICK = Entry(18_000, "SNOMED/44054006")
DIED = Entry(20_000, DEATH, Kind.DEATH)


def glucose(age_days: float, value: float, unit: str = "mg/dL") -> Entry:
    return Entry(age_days, "LOINC/2339-0", value=value, unit=unit)


def told(subject: int, *entries: Entry, split: Split | None = Split.TRAIN) -> Told:
    return Told(subject, entries, split)


def source(*lives: Told | NoLife) -> Source:
    return Source("test", lambda: iter(lives))


# Forty people, of whom the later have more glucose; one in four has died.
MANY = source(
    *(
        told(n, FEMALE, POOR, SICK, glucose(18_100, 60 + n), *([DIED] if n % 4 == 0 else []))
        for n in range(40)
    )
)


def mapped(lives: Source, folder: Path, at_least: int = 1) -> Cohort:
    map_lives(lives, folder, at_least)
    return read_mapped(folder)


def is_equal(one: Cohort, other: Cohort) -> bool:
    arrays = ("patients", "splits", "starts", "ages_days", "tokens")
    return one.vocabulary == other.vocabulary and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays
    )


def names_in(cohort: Cohort) -> Iterable[list[tuple[float, str]]]:
    """Give each life by age and name."""
    for life in cohort:
        ages = life.ages_days.tolist()
        yield [(a, cohort.vocabulary.names[t]) for a, t in zip(ages, life.tokens, strict=True)]
