"""When knowledge of medicines and genes is too old to be acted on unasked.

Twelve months are this project's own rule (issue 9); no publication sets it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from epione.medicine.recommendation import Evidence


def is_stale(as_of: str, now: datetime) -> bool:
    """Say whether knowledge of a date, in ISO 8601, is older than twelve months.

    >>> is_stale("2024-04-23", datetime(2025, 4, 23, 23, 59, tzinfo=UTC))
    False
    >>> is_stale("2024-04-23", datetime(2025, 4, 24, tzinfo=UTC))
    True
    """
    return now >= stale_from(as_of)


@lru_cache(maxsize=64)
def stale_from(as_of: str) -> datetime:
    """Give the first moment at which knowledge of a date is older than twelve months, in UTC.

    >>> stale_from("2024-02-29").date().isoformat()
    '2025-03-01'
    """
    known = datetime.fromisoformat(as_of).date()
    is_leap_day = (known.month, known.day) == (2, 29)
    anniversary = known.replace(year=known.year + 1, day=28 if is_leap_day else known.day)
    return datetime.combine(anniversary + timedelta(days=1), time(), UTC)


def stale(evidence: Iterable[Evidence], now: datetime) -> str:
    """Say that something rests on old knowledge alone; "" where some of it is younger."""
    newest = max((each.knowledge_as_of for each in evidence), default="")
    if not newest or not is_stale(newest, now):
        return ""
    return f"its knowledge is of {newest}, more than twelve months old"


def turning_stale(evidence: Iterable[Evidence], now: datetime) -> Iterator[datetime]:
    """Give the times ahead at which knowledge turns old."""
    moments = {stale_from(each.knowledge_as_of) for each in evidence}
    return (moment for moment in moments if moment > now)
