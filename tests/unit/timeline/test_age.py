"""Age in whole years and in days, as far as the birth date tells it."""

from datetime import UTC, date, datetime

import pytest

from epione.timeline.age import age_days, age_years, next_birthday


@pytest.mark.parametrize(
    ("birth_date", "now", "years"),
    [
        pytest.param("1970-04-21", datetime(2020, 4, 20, 23, tzinfo=UTC), 49, id="the day before"),
        pytest.param("1970-04-21", datetime(2020, 4, 21, tzinfo=UTC), 50, id="the birthday"),
        pytest.param("1970-04", datetime(2020, 4, 29, tzinfo=UTC), 49, id="month not yet over"),
        pytest.param("1970-04", datetime(2020, 4, 30, tzinfo=UTC), 50, id="month's last day"),
        pytest.param("1970", datetime(2020, 12, 30, tzinfo=UTC), 49, id="year not yet over"),
        pytest.param("1970", datetime(2020, 12, 31, tzinfo=UTC), 50, id="year's last day"),
        pytest.param("1972-02-29", datetime(2021, 2, 28, tzinfo=UTC), 48, id="before 1 March"),
        pytest.param("1972-02-29", datetime(2021, 3, 1, tzinfo=UTC), 49, id="1 March"),
        pytest.param("", datetime(2020, 1, 1, tzinfo=UTC), None, id="not known"),
        pytest.param("April 1970", datetime(2020, 1, 1, tzinfo=UTC), None, id="not a date"),
        pytest.param("1970-13", datetime(2020, 1, 1, tzinfo=UTC), None, id="no such month"),
    ],
)
def test_whole_years_surely_completed(birth_date: str, now: datetime, years: int | None) -> None:
    assert age_years(birth_date, now) == years


@pytest.mark.parametrize(
    ("birth_date", "now", "birthday"),
    [
        pytest.param(
            "1970-04-21",
            datetime(2020, 4, 20, tzinfo=UTC),
            datetime(2020, 4, 21, tzinfo=UTC),
            id="this year",
        ),
        pytest.param(
            "1970-04-21",
            datetime(2020, 4, 21, tzinfo=UTC),
            datetime(2021, 4, 21, tzinfo=UTC),
            id="next year, on the day itself",
        ),
        pytest.param(
            "1972-02-29",
            datetime(2021, 1, 1, tzinfo=UTC),
            datetime(2021, 3, 1, tzinfo=UTC),
            id="1 March in a common year",
        ),
        pytest.param("", datetime(2021, 1, 1, tzinfo=UTC), None, id="not known"),
    ],
)
def test_the_next_birthday_is_when_the_age_grows(
    birth_date: str, now: datetime, birthday: datetime | None
) -> None:
    assert next_birthday(birth_date, now) == birthday


@pytest.mark.parametrize(
    ("birth_date", "day", "days"),
    [
        pytest.param("1970-04-21", date(1970, 4, 21), 0, id="the day of birth"),
        pytest.param("1970-04-21", date(1970, 4, 20), -1, id="the day before birth"),
        pytest.param("1970-04-21", date(1971, 4, 21), 365, id="a year later"),
        pytest.param("1970-04", date(1970, 4, 1), 0, id="first day of the month"),
        pytest.param("1970-04", date(1970, 3, 31), -1, id="before the month"),
        pytest.param("1970-04", date(1970, 4, 16), 1, id="after the month's middle"),
        pytest.param("1970", date(1970, 7, 3), 1, id="after the year's middle"),
        pytest.param("1970", date(1969, 12, 31), -1, id="before the year"),
        pytest.param("", date(1970, 1, 1), None, id="not known"),
        pytest.param("1970-02-30", date(1970, 1, 1), None, id="no such day"),
        pytest.param("0000-02", date(1970, 1, 1), None, id="no such year"),
    ],
)
def test_days_since_birth(birth_date: str, day: date, days: int | None) -> None:
    assert age_days(birth_date, day) == days
