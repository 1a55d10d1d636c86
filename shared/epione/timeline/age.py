"""Age from a birth date that may be known to the year or the month alone."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>0[1-9]|1[0-2])(-(?P<day>0[1-9]|[12][0-9]|3[01]))?)?"
)
_DAYS_IN_LEAP_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def age_years(birth_date: str, now: datetime) -> int | None:
    """Give the whole years surely completed, or None where the date says nothing.

    A date known to the year or month counts from its last possible day.

    >>> age_years("1970-04-21", datetime(2020, 4, 20, tzinfo=UTC))
    49
    >>> age_years("1970", datetime(2020, 12, 30, tzinfo=UTC))
    49
    """
    born = _last_possible_day(birth_date)
    if born is None:
        return None
    year, month, day = born
    return now.year - year - ((now.month, now.day) < (month, day))


def next_birthday(birth_date: str, now: datetime) -> datetime | None:
    """Give the next time at which `age_years` grows; of 29 February, 1 March in a common year."""
    born = _last_possible_day(birth_date)
    if born is None:
        return None
    _, month, day = born
    year = now.year + ((now.month, now.day) >= (month, day))
    return datetime(year, month, 1, tzinfo=UTC) + timedelta(days=day - 1)


def age_days(birth_date: str, day: date) -> int | None:
    """Give the days from birth to a day, below 0 where it is before; None without a birth date.

    A birth known to the year or month counts from the middle of it; what lies between its first
    possible day and the middle is at 0.

    >>> age_days("1970-04-21", date(1970, 4, 23)), age_days("1970", date(1971, 7, 2))
    (2, 365)
    """
    between = _born_between(birth_date)
    if between is None:
        return None
    first, last = between
    if day < first:
        return (day - first).days
    return max(0, (day - first).days - (last - first).days // 2)


@lru_cache(maxsize=1_000)
def _born_between(birth_date: str) -> tuple[date, date] | None:
    """Give the first and the last possible day of birth."""
    found = _DATE.fullmatch(birth_date)
    if found is None:
        return None
    year, first, last = int(found["year"]), int(found["month"] or 1), int(found["month"] or 12)
    ends = calendar.monthrange(year, last)[1] if year else 0
    day = int(found["day"] or 1)
    if not year or day > ends:
        return None
    return date(year, first, day), date(year, last, int(found["day"] or ends))


def _last_possible_day(birth_date: str) -> tuple[int, int, int] | None:
    found = _DATE.fullmatch(birth_date)
    if found is None:
        return None
    month = int(found["month"] or 12)
    return int(found["year"]), month, int(found["day"] or _DAYS_IN_LEAP_MONTH[month - 1])
