"""What a life is written in: codes by number, shared by training and serving."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

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

    @cached_property
    def predicted(self) -> tuple[int, ...]:
        """Give the tokens that have a rate: what happens to people, death included."""
        return tuple(token for token, kind in enumerate(self.kinds) if kind in PREDICTED)

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
