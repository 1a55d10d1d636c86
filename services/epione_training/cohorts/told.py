"""A person as a source tells of them, before a vocabulary is there; and what is told of many."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from epione.errors import Misconfigured
from epione.timeline.tokens import DEATH, Entry, NoLife, Omission
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.cohort import Cohort, Split, is_held_back

PLANTED = "planted"  # in what is written beside a cohort; see `Source`
SHOWN = 20  # names of what was omitted most
TWICE = "a subject is told of in two places: it would leak from one split into another"


@dataclass(frozen=True, slots=True)
class Told:
    """A person by number, and the part of the cohort that the source puts them in, if it does."""

    subject: int  # of 64 bits
    entries: tuple[Entry, ...]
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Lives that can be read again from the beginning, and their vocabulary where it is given.

    `planted` names the world that they were drawn from, if they were drawn from one.
    """

    kind: str
    lives: Callable[[], Iterator[Told | NoLife]]
    vocabulary: Vocabulary | None = None
    planted: str = ""


@dataclass
class Remainder:
    """What is not in a cohort: people by reason, and entries by reason and name."""

    people: Counter[NoLife] = field(default_factory=Counter)
    entries: Counter[tuple[Omission, str]] = field(default_factory=Counter)

    @property
    def by_reason(self) -> Counter[Omission]:
        """Count the entries by reason alone."""
        return sum((Counter({why: n}) for (why, _), n in self.entries.items()), Counter())

    def to_json(self) -> dict[str, object]:
        """Give the counts, and of each reason the names that it meets most."""
        return {
            "people_left_out": {str(why): n for why, n in sorted(self.people.items())},
            "entries_left_out": {str(why): self._of(why) for why in sorted(self.by_reason)},
        }

    def _of(self, reason: Omission) -> dict[str, object]:
        names = Counter({name: n for (why, name), n in self.entries.items() if why is reason})
        return {"entries": names.total(), "most": dict(names.most_common(SHOWN))}


def subject_of(identifier: str) -> int:
    """Give a number of 63 bits for a pseudonym or another source's identifier."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "big") >> 1


def split_of(told: Told) -> Split:
    """Give a person's part; where the source does not say, one in ten is held out."""
    if told.split is not None:
        return told.split
    return Split.HELD_OUT if is_held_back(told.subject) else Split.TRAIN


def lives_of(cohort: Cohort) -> Iterator[Told]:
    """Tell a cohort's lives again."""
    names, kinds = cohort.vocabulary.names, cohort.vocabulary.kinds
    for number, life in zip(cohort.chosen, cohort, strict=True):
        entries = tuple(
            Entry(float(age), DEATH if kinds[token] is Kind.DEATH else names[token], kinds[token])
            for age, token in zip(life.ages_days, life.tokens, strict=True)
        )
        split = None if cohort.splits is None else Split(int(cohort.splits[number]))
        yield Told(int(cohort.patients[number].astype("int64")), entries, split)


def new_folder(into: Path) -> None:
    """Make a folder.

    Raises:
        Misconfigured: It holds something already.
    """
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise Misconfigured(f"{into} is not empty: choose another folder")
