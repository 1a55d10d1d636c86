"""A cohort: many people's lives as rows of age and token, in memory or mapped from files."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from epione.timeline.vocabulary import Kind, Vocabulary

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HELD_BACK = 10  # one patient in ten


LEARNED_FROM = "the lives are those that the model learned from, and do not judge it: take others"


class Split(IntEnum):
    """The part that a life has in a cohort; MEDS names them so."""

    TRAIN = 0  # learned from
    TUNING = 1  # chooses the best weights
    HELD_OUT = 2  # judges


@dataclass(frozen=True)
class Life:
    """One person's tokens by age; of one day, what is not predicted comes first."""

    ages_days: Floats  # (n,), ascending, from birth
    tokens: Ints  # (n,)


@dataclass(frozen=True)
class Cohort:
    """Lives that follow each other in rows; `chosen` are those of them that are meant.

    `patients`, `splits` and `starts` have an entry a life, and `starts` one more for the end.
    """

    vocabulary: Vocabulary
    patients: npt.NDArray[np.uint64]
    starts: Ints
    ages_days: npt.NDArray[np.uint32]  # (n_rows,)
    tokens: npt.NDArray[np.uint32]  # (n_rows,)
    chosen: Ints
    splits: npt.NDArray[np.uint8] | None = None  # by `Split`, where the cohort comes with them
    left_out: tuple[int, ...] = ()  # tokens that no life is read with

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, n: int) -> Life:
        rows = slice(self.starts[self.chosen[n]], self.starts[self.chosen[n] + 1])
        ages, tokens = self.ages_days[rows], self.tokens[rows]
        if self.left_out:
            kept = ~np.isin(tokens, self.left_out)
            ages, tokens = ages[kept], tokens[kept]
        return Life(ages.astype(np.float64), tokens.astype(np.int64))

    def __iter__(self) -> Iterator[Life]:
        return (self[n] for n in range(len(self)))

    @cached_property
    def lengths(self) -> Ints:
        """Give the tokens of each chosen life."""
        if self.left_out:
            return np.array([len(life.tokens) for life in self], np.int64)
        return self.starts[self.chosen + 1] - self.starts[self.chosen]

    @cached_property
    def counts(self) -> Ints:
        """Give how often each token is there: (n_tokens,)."""
        n = len(self.vocabulary)
        return sum((np.bincount(life.tokens, minlength=n) for life in self), np.zeros(n, np.int64))

    @property
    def n_events(self) -> int:
        """Give how many tokens are predicted ones."""
        return int(self.counts[list(self.vocabulary.predicted)].sum())

    @cached_property
    def once(self) -> npt.NDArray[np.bool_]:
        """Say of each predicted token whether no life holds it twice: (n_tokens,)."""
        found = np.isin(np.arange(len(self.vocabulary)), self.vocabulary.predicted)
        for life in self:
            found[np.flatnonzero(np.bincount(life.tokens) > 1)] = False
        return found

    def where(self, meant: npt.NDArray[np.bool_]) -> "Cohort":
        """Give some of the chosen lives: `meant` has an entry for each."""
        return replace(self, chosen=self.chosen[meant])

    def strided(self, most: int) -> "Cohort":
        """Give at most so many lives, evenly from the first to the last."""
        n = min(len(self), most)
        return replace(self, chosen=self.chosen[np.arange(n) * len(self) // max(n, 1)])

    def without(self, tokens: Iterable[int]) -> "Cohort":
        """Give the same lives without some tokens; of none may nothing be left."""
        return replace(self, left_out=(*self.left_out, *tokens))

    def without_genome(self) -> "Cohort":
        """Give the same lives without what tells of a genome."""
        genome = self.vocabulary.of_kind(Kind.GENOME)
        return self.without(genome) if genome else self

    def split(self, every: int = HELD_BACK, byte: int = 0) -> tuple["Cohort", "Cohort"]:
        """Give the cohort without one patient in so many, and those patients: never one in both.

        Splits by other bytes of the hash are independent of each other. Where the cohort comes
        with splits, they decide: whoever is held out is in neither.
        """
        if self.splits is not None:
            learned, tuning = self._part(Split.TRAIN), self._part(Split.TUNING)
            return (learned, tuning) if len(tuning) else learned._by_hash(every, byte)
        return self._by_hash(every, byte)

    @property
    def judging(self) -> "Cohort":
        """Give the lives to judge by: those held out, where the cohort comes with splits."""
        return self if self.splits is None else self._part(Split.HELD_OUT)

    @property
    def digest(self) -> str:
        """Give a hash of whom it tells, and what: one cohort has the same in whatever file."""
        found = hashlib.sha256()
        for patient, life in zip(self.patients[self.chosen], self, strict=True):
            found.update(np.array([patient, len(life.tokens)], np.uint64).tobytes())
            found.update(life.ages_days.tobytes() + life.tokens.tobytes())
        return found.hexdigest()[:16]

    def was_learned_from(self, facts: Mapping[str, Any]) -> bool:
        """Say whether a model's facts name it as theirs; one that has splits judges by others."""
        return self.splits is None and facts.get("digest") == self.digest

    def _part(self, split: Split) -> "Cohort":
        assert self.splits is not None
        return self.where(self.splits[self.chosen] == split)

    def _by_hash(self, every: int, byte: int) -> tuple["Cohort", "Cohort"]:
        patients = self.patients[self.chosen]
        held = np.array([is_held_back(int(patient), every, byte) for patient in patients], bool)
        return self.where(~held), self.where(held)


def is_held_back(patient: int, every: int = HELD_BACK, byte: int = 0) -> bool:
    """Say whether a patient is held back, by a hash of the number: whatever else is in the cohort.

    >>> [patient for patient in range(40) if is_held_back(patient)]
    [15, 22]
    """
    return hashlib.sha256(str(patient).encode()).digest()[byte] % every == 0


def sex_of(life: Life, vocabulary: Vocabulary) -> int:
    """Give 0 for female, 1 for male, 2 where the life does not say."""
    for sex, name in enumerate((Vocabulary.FEMALE, Vocabulary.MALE)):
        if vocabulary.by_name.get(name) in life.tokens:
            return sex
    return 2
