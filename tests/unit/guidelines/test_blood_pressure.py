"""Categories at both sides of every limit, and which readings an average counts."""

from datetime import date
from itertools import permutations

import pytest

from epione.medicine.guidelines import BloodPressure, Category, average_of, category_of


# AHA/ACC 2025, top take-home messages 4 and 10.
@pytest.mark.parametrize(
    ("systolic", "diastolic", "category"),
    [
        pytest.param(119, 79, Category.NORMAL, id="under both limits"),
        pytest.param(120, 79, Category.ELEVATED, id="120 is elevated"),
        pytest.param(129, 79, Category.ELEVATED, id="129 is still elevated"),
        pytest.param(130, 79, Category.STAGE_1, id="130 is stage 1"),
        pytest.param(119, 80, Category.STAGE_1, id="80 alone is stage 1"),
        pytest.param(139, 89, Category.STAGE_1, id="139/89 is still stage 1"),
        pytest.param(140, 79, Category.STAGE_2, id="140 is stage 2"),
        pytest.param(119, 90, Category.STAGE_2, id="90 alone is stage 2"),
        pytest.param(180, 120, Category.STAGE_2, id="180/120 is not yet severe"),
        pytest.param(181, 79, Category.SEVERE, id="above 180 is severe"),
        pytest.param(119, 121, Category.SEVERE, id="above 120 alone is severe"),
    ],
)
def test_the_higher_of_the_two_decides(
    systolic: float, diastolic: float, category: Category
) -> None:
    assert category_of(systolic, diastolic) is category


OLD = BloodPressure(170, 100, date(2020, 1, 1))
FIRST = BloodPressure(140, 90, date(2026, 3, 2))
SECOND = BloodPressure(130, 80, date(2026, 4, 7))
SECOND_AGAIN = BloodPressure(126, 76, date(2026, 4, 7))


def test_the_last_two_days_are_averaged_over_all_their_readings() -> None:
    average = average_of([OLD, FIRST, SECOND, SECOND_AGAIN])

    assert average is not None
    assert (average.systolic, average.diastolic) == (132, 82)
    assert average.readings == (FIRST, SECOND_AGAIN, SECOND)


def test_neither_order_nor_repetition_changes_an_average() -> None:
    averages = {average_of([*each, SECOND]) for each in permutations([OLD, FIRST, SECOND])}

    assert averages == {average_of([OLD, FIRST, SECOND])}


@pytest.mark.parametrize(
    ("readings", "is_confirmed"),
    [
        pytest.param([FIRST, SECOND], True, id="two days"),
        pytest.param([SECOND, SECOND_AGAIN], False, id="two readings of one day"),
        pytest.param([SECOND], False, id="one reading"),
    ],
)
def test_a_category_needs_two_occasions(readings: list[BloodPressure], is_confirmed: bool) -> None:
    average = average_of(readings)

    assert average is not None
    assert average.is_confirmed is is_confirmed


def test_without_readings_there_is_no_average() -> None:
    assert average_of([]) is None
