"""The first pass over lives: which codes there are, and where measurements' ranges lie.

Only lives that are learned from are counted. Ranges part the readings of a measurement, in the
unit that most lives have, at their quintiles: of 10,000 readings drawn evenly, each edge rounded to
three digits. This project's own choice, as is one person in ten that is held back.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from epione.timeline.tokens import DEATH, QUIET, Entry, NoLife
from epione.timeline.vocabulary import Kind, Vocabulary, range_names
from epione_training.cohorts.told import Told, split_of
from epione_training.lives.cohort import Split

AT_LEAST = 10  # lives that must have a code
QUANTILES = (0.2, 0.4, 0.6, 0.8)
DIGITS = 3
DRAWN = 10_000
FIRST = (Kind.PADDING, Kind.NO_EVENT, Kind.SEX, Kind.SEX)
FIRST_NAMES = ("Padding", QUIET, Vocabulary.FEMALE, Vocabulary.MALE)
ORDER = (Kind.LIFESTYLE, Kind.GENOME, Kind.EVENT)


@dataclass
class _Readings:
    """Some of many values, each as likely to be among them as any other."""

    n: int = 0
    drawn: list[float] = field(default_factory=list)
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def add(self, value: float) -> None:
        self.n += 1
        if len(self.drawn) < DRAWN:
            self.drawn.append(value)
        elif (place := int(self.chance.integers(self.n))) < DRAWN:
            self.drawn[place] = value

    def edges(self) -> list[float]:
        """Give the quintiles, without those at the very bottom, where nothing lies below."""
        found = {float(f"{edge:.{DIGITS}g}") for edge in np.quantile(self.drawn, QUANTILES)}
        return sorted(edge for edge in found if edge > min(self.drawn))


class Census:
    """Counts of lives by name, and by measurement and unit."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self._lives: Counter[str] = Counter()
        self._measured: Counter[tuple[str, str]] = Counter()
        self._readings: dict[tuple[str, str], _Readings] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Count a life."""
        names, measured = set(), set()
        for entry in entries:
            self._kinds.setdefault(entry.name, entry.kind)
            if entry.value is None:
                names.add(entry.name)
            else:
                measured.add((entry.name, entry.unit))
                readings = self._readings.setdefault((entry.name, entry.unit), _Readings())
                readings.add(entry.value)
        self._lives.update(names)
        self._measured.update(measured)

    def vocabulary(self, at_least: int) -> Vocabulary:
        """Give what so many lives have, in order of kind and name; sexes and death always."""
        named = (name for name, n in self._lives.items() if n >= at_least)
        found = [(name, [name]) for name in named if name not in FIRST_NAMES]
        for name in {name for name, _ in self._measured}:
            units = {unit: n for (of, unit), n in self._measured.items() if of == name}
            unit = max(units, key=lambda each: (units[each], each))
            if units[unit] >= at_least:
                edges = self._readings[name, unit].edges()
                found.append((name, [*range_names(name, unit, edges)]))
        rows = [
            (self._kinds[name], each)
            for kind in ORDER
            for name, own in sorted(found)
            for each in own
            if self._kinds[name] is kind
        ]
        kinds, names = zip(*rows, strict=True) if rows else ((), ())
        return Vocabulary((*FIRST_NAMES, *names, DEATH), (*FIRST, *kinds, Kind.DEATH))


def vocabulary_of(lives: Iterable[Told | NoLife], at_least: int = AT_LEAST) -> Vocabulary:
    """Give the vocabulary of the lives that are learned from."""
    census = Census()
    for told in lives:
        if isinstance(told, Told) and split_of(told) is Split.TRAIN:
            census.add(told.entries)
    return census.vocabulary(at_least)
