"""What an audit finds: what is wrong, by kind, and what came again.

Lost: an acknowledged message, or a fact of one, without its effect: not on its patient's log; in
the state or the plan there is an older version, or none; a message at fault without a dead letter.

Double: an effect that is there and should not be, or more than once: a fact counted twice, on a log
that is not its patient's, taken back but still counted; a plan that is not the fold of its log; a
recommendation that a downstream reader keeps and the plan does not have, or the other way round; a
good message among the dead letters.

Out of order: on its patient's log a message stands, for the first time, before one that was sent
earlier on the same topic; or a later plan is as of an earlier time.

A message that comes again, as delivery at least once allows, is none of these: it is counted as
repeated, and must change nothing.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

EXAMPLES = 5


class Wrong(StrEnum):
    LOST = "lost"
    DOUBLE = "double"
    OUT_OF_ORDER = "out of order"


class Again(StrEnum):
    """What may come again."""

    ENTRIES = "entries of logs"
    PLANS = "plans"
    RECOMMENDATIONS = "recommendations"
    DEAD_LETTERS = "dead letters"


@dataclass(slots=True)
class Findings:
    """Everything found, with some examples of what is wrong."""

    wrong: dict[Wrong, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[str] = field(default_factory=list)
    repeated: list[tuple[int, Again]] = field(default_factory=list)  # ms since 1970
    checked: Counter[str] = field(default_factory=Counter)

    def note(self, kind: Wrong, what: str, example: str) -> None:
        self.wrong[kind][what] += 1
        if self.wrong[kind][what] <= EXAMPLES:
            self.examples.append(f"{kind}: {what}: {example}")

    def total(self, kind: Wrong) -> int:
        return sum(self.wrong[kind].values())

    @property
    def totals(self) -> dict[Wrong, int]:
        return {kind: self.total(kind) for kind in Wrong}
