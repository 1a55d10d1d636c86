"""Age in whole years, as far as the birth date tells it."""

from datetime import UTC, datetime

import pytest

from epione.timeline.age import age_years, next_birthday


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
