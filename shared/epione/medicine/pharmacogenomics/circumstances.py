"""What else of a patient bears on advice: medicines taken beside, and for a dose the body."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from epione.medicine.recommendation import Reason
from epione.timeline import Code


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine that is taken now, and what is known of since when and until when."""

    drug: Code  # RxNorm ingredient
    event_id: str = ""  # of the delivery that states it
    starts: date | None = None
    recorded: date | None = None  # since when it is on the record
    ends: datetime | None = None

    @property
    def when(self) -> str:
        """Say in words since when and until when.

        >>> Taken(Code("", "", "x"), starts=date(2026, 1, 1), ends=datetime(2026, 1, 31)).when
        'taken since 2026-01-01, until 2026-01-31'
        """
        since = "taken"
        if self.starts:
            since = f"taken since {self.starts}"
        elif self.recorded:
            since = f"on the record since {self.recorded}"
        return f"{since}, until {self.ends.date()}" if self.ends else since


@dataclass(frozen=True, slots=True)
class Body:
    """What a dose asks of the patient; None where it is not known, or too old to go by."""

    age_years: int | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    reasons: tuple[Reason, ...] = ()  # how each is known
    ends: datetime | None = None  # when the first of them is too old


@dataclass(frozen=True, slots=True)
class Circumstances:
    taken: tuple[Taken, ...] = ()
    body: Body = field(default_factory=Body)


def last_end(ends: Iterable[datetime | None]) -> datetime | None:
    """Give when the last of them ends; None where one has no known end."""
    every = list(ends)
    known = [end for end in every if end is not None]
    return max(known) if known and len(known) == len(every) else None
