"""What a life is written in: codes by number, shared by training and serving.

A measurement has a token for each range of its values. The ranges stand in the names, so that they
are read wherever the vocabulary is: "LOINC/4548-4 [5.7, 6.5) %" is from 5.7 to below 6.5 percent.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import numpy as np

from epione.timeline.names import other_name

PADDING, NO_EVENT = 0, 1  # tokens that every vocabulary begins with


class Kind(StrEnum):
    """What sort of thing a token says."""

    PADDING = "padding"
    NO_EVENT = "no event"  # time went by, and nothing happened
    SEX = "sex"
    LIFESTYLE = "lifestyle"
    GENOME = "genome"
    EVENT = "event"  # a diagnosis, a medicine, a measurement in its range
    DEATH = "death"


PREDICTED = frozenset({Kind.EVENT, Kind.DEATH})
RANGE = re.compile(r"(?P<name>.+) \[(?P<low>[^,\s]*), (?P<high>[^,\s]*)\)( (?P<unit>\S+))?")


@dataclass(frozen=True, slots=True)
class Scale:
    """A measurement's ranges; `unit` is UCUM, and there is one token more than edges."""

    unit: str
    edges: tuple[float, ...]
    tokens: tuple[int, ...]

    def token_of(self, value: float) -> int:
        """Give the range that a value lies in; an edge belongs to the range above it.

        Values are compared as 32-bit floats, which is how MEDS holds them.
        """
        edges = np.array(self.edges, np.float32)
        return self.tokens[int(np.searchsorted(edges, np.float32(value), "right"))]


def range_names(name: str, unit: str, edges: Sequence[float]) -> tuple[str, ...]:
    """Name the ranges that ascending edges part.

    >>> range_names("LOINC/4548-4", "%", [5.7, 6.5])
    ('LOINC/4548-4 [, 5.7) %', 'LOINC/4548-4 [5.7, 6.5) %', 'LOINC/4548-4 [6.5, ) %')
    """
    ends = ["", *(f"{edge:.9g}" for edge in edges), ""]
    return tuple(f"{name} [{low}, {high}) {unit}".rstrip() for low, high in pairwise(ends))


@dataclass(frozen=True)
class Vocabulary:
    """Codes in the order of their tokens; `FEMALE` and `MALE` are the names of the sexes.

    Raises:
        ValueError: It does not begin with padding and no event, or holds a name twice.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]

    FEMALE = "Female"
    MALE = "Male"

    def __post_init__(self) -> None:
        if self.kinds[:2] != (Kind.PADDING, Kind.NO_EVENT):
            raise ValueError("a vocabulary begins with padding and no event")
        if len(self.names) != len(self.kinds) or len(self.by_name) != len(self.names):
            raise ValueError("a vocabulary has one kind for each name, and no name twice")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def by_name(self) -> Mapping[str, int]:
        """Give the token of each name."""
        return {name: token for token, name in enumerate(self.names)}

    def known_as(self, name: str) -> str:
        """Give the name by which it is known here: its own, or else another that it has."""
        if name in self.by_name or name in self.scales:
            return name
        return other_name(name) or name

    @cached_property
    def predicted(self) -> tuple[int, ...]:
        """Give the tokens that have a rate: what happens to people, death included."""
        return tuple(token for token, kind in enumerate(self.kinds) if kind in PREDICTED)

    @cached_property
    def scales(self) -> Mapping[str, Scale]:
        """Give the ranges of each measurement by its name.

        Raises:
            ValueError: The ranges of one leave a gap, overlap, or differ in unit.
        """
        ranges: dict[str, list[tuple[float, float, str, int]]] = {}
        for token, name in enumerate(self.names):
            if found := RANGE.fullmatch(name):
                low, high = found["low"] or "-inf", found["high"] or "inf"
                row = (float(low), float(high), found["unit"] or "", token)
                ranges.setdefault(found["name"], []).append(row)
        return {name: _scale(name, sorted(rows)) for name, rows in ranges.items()}

    @property
    def death(self) -> int | None:
        """Give the token of death, where there is one."""
        return next(iter(self.of_kind(Kind.DEATH)), None)

    def of_kind(self, kind: Kind) -> tuple[int, ...]:
        """Give the tokens of a kind."""
        return tuple(token for token, each in enumerate(self.kinds) if each is kind)

    def to_json(self) -> str:
        """Write it, one entry a line."""
        rows = zip(self.names, self.kinds, strict=True)
        lines = ",\n".join(json.dumps([name, kind], ensure_ascii=False) for name, kind in rows)
        return f"[\n{lines}\n]\n"

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """Read what `to_json` wrote."""
        rows: Sequence[tuple[str, str]] = json.loads(text)
        return cls(tuple(name for name, _ in rows), tuple(Kind(kind) for _, kind in rows))


def _scale(name: str, rows: Sequence[tuple[float, float, str, int]]) -> Scale:
    lows, highs, units, tokens = zip(*rows, strict=True)
    whole = lows[0] == -np.inf and highs[-1] == np.inf and lows[1:] == highs[:-1]
    if not whole or len(set(units)) > 1:
        raise ValueError(f"the ranges of {name} are not one scale: {lows}, {highs}, {units}")
    return Scale(units[0], lows[1:], tokens)
