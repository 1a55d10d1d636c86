"""Age from a birth date that may be known to the year or the month alone."""

import re
from datetime import UTC, datetime, timedelta

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


def _last_possible_day(birth_date: str) -> tuple[int, int, int] | None:
    found = _DATE.fullmatch(birth_date)
    if found is None:
        return None
    month = int(found["month"] or 12)
    return int(found["year"]), month, int(found["day"] or _DAYS_IN_LEAP_MONTH[month - 1])
