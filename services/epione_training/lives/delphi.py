"""Reads the binary of Delphi's cohorts: rows of patient, age in days and token, in uint32.

A folder holds `train.bin` and `labels.csv`. The tokens of the file are the lines of labels.csv less
one, for its first line names the padding. A life is known until its last row; where nothing
happened until then, that is "No event". Source: gerstung-lab/Delphi (Shmatko et al. 2025,
Nature 647:248, doi:10.1038/s41586-025-09529-3), `utils.py`.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from epione.errors import MalformedCohort
from epione.timeline.vocabulary import PADDING, Kind, Vocabulary
from epione_training.lives.cohort import Cohort

ROW = 3
BINARY, LABELS = "train.bin", "labels.csv"
KINDS = {
    "Padding": Kind.PADDING,
    "No event": Kind.NO_EVENT,
    Vocabulary.FEMALE: Kind.SEX,
    Vocabulary.MALE: Kind.SEX,
    "Death": Kind.DEATH,
    "DEATH": Kind.DEATH,
}
LIFESTYLES = ("BMI_", "Smoking_", "Alcohol_")
GENOME, LIFESTYLE = "Genome: ", "Lifestyle: "  # our own marks, before a name: no part of it
OLDEST_DAYS = 45_656  # 125 years


def read_delphi(binary: Path, labels: Path) -> Cohort:
    """Map a file's lives.

    Raises:
        MalformedCohort: A file cannot be read, or a row contradicts the labels or another row.
    """
    vocabulary = vocabulary_of(labels)
    try:
        rows = np.memmap(binary, dtype=np.uint32, mode="r")
    except (OSError, ValueError) as fault:
        raise MalformedCohort(f"{binary} cannot be read as rows of uint32: {fault}") from fault
    if len(rows) % ROW:
        raise MalformedCohort(f"{binary} ends within a row of {ROW} numbers")
    patients, ages, tokens = np.asarray(rows).reshape(-1, ROW).T
    begins = np.flatnonzero(np.concatenate([[True], patients[1:] != patients[:-1]]))
    tokens = tokens + np.uint32(1)
    refuse_malformed(patients, ages, tokens, begins, vocabulary)
    return Cohort(
        vocabulary,
        patients[begins].astype(np.uint64),
        np.append(begins, len(patients)),
        ages,
        tokens,
        np.arange(len(begins)),
    )


def vocabulary_of(labels: Path) -> Vocabulary:
    """Read the tokens' names, one a line.

    Raises:
        MalformedCohort: The file cannot be read, or does not begin as such a file does.
    """
    try:
        names = tuple(labels.read_text(encoding="utf-8").splitlines())
        return vocabulary_from(names)
    except (OSError, ValueError) as fault:
        raise MalformedCohort(f"{labels} does not name tokens: {fault}") from fault


def vocabulary_from(marked: tuple[str, ...]) -> Vocabulary:
    """Give each name its kind.

    Raises:
        ValueError: They do not begin as a vocabulary does, or a name is there twice.
    """
    names = tuple(name.removeprefix(GENOME).removeprefix(LIFESTYLE) for name in marked)
    return Vocabulary(names, tuple(_kind_of(name) for name in marked))


def refuse_malformed(
    patients: npt.NDArray[np.uint32],
    ages: npt.NDArray[np.uint32],
    tokens: npt.NDArray[np.uint32],
    begins: npt.NDArray[np.int64],
    vocabulary: Vocabulary,
) -> None:
    """Refuse rows that no cohort may hold; rows are named by number, and never a patient.

    Raises:
        MalformedCohort: See each message.
    """
    same = patients[1:] == patients[:-1]
    death = vocabulary.death
    rules = (
        (tokens >= len(vocabulary), "has a token that the labels do not name"),
        (tokens == PADDING, "has padding, which is not written"),
        (ages > OLDEST_DAYS, f"is older than {OLDEST_DAYS} days"),
        (np.append(False, same & (ages[1:] < ages[:-1])), "is earlier than the row before it"),
        (np.append(False, same & (tokens[:-1] == death)), "comes after death"),
    )
    for wrong, reason in rules:
        if wrong.any():
            raise MalformedCohort(f"row {int(np.argmax(wrong))} {reason}")
    if len(np.unique(patients[begins])) != len(begins):
        raise MalformedCohort("the rows of a patient do not follow each other")


def _kind_of(marked: str) -> Kind:
    if marked.startswith(GENOME):
        return Kind.GENOME
    is_lifestyle = marked.startswith((LIFESTYLE, *LIFESTYLES))
    return KINDS.get(marked) or (Kind.LIFESTYLE if is_lifestyle else Kind.EVENT)
