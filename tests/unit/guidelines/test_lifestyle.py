"""What a person can do, for whom it is open, and how much of it to expect."""

from dataclasses import replace

import pytest
from tests.unit.guidelines.charts import ADULT, finding, having, keys_under, measured

from epione.medicine.guidelines import Problem

OPEN_TO_ALL = [
    "diet",
    "sodium",
    "potassium",
    "aerobic-exercise",
    "resistance-exercise",
    "alcohol",
]


@pytest.mark.parametrize(
    ("systolic", "diastolic", "measures"),
    [
        pytest.param(119, 79, [], id="normal"),
        pytest.param(120, 79, OPEN_TO_ALL, id="elevated"),
        pytest.param(130, 79, OPEN_TO_ALL, id="hypertension"),
    ],
)
def test_measures_are_for_a_raised_pressure(
    systolic: float, diastolic: float, measures: list[str]
) -> None:
    assert keys_under(measured(ADULT, systolic, diastolic), "lifestyle") == measures


def test_known_hypertension_needs_no_reading() -> None:
    chart = having(ADULT, Problem.HYPERTENSION)

    assert keys_under(chart, "lifestyle") == OPEN_TO_ALL
    assert [ground.fact for ground in finding(chart, "lifestyle/diet").grounds] == ["hypertension"]


# AHA/ACC 2025, the table of section 5.1.
@pytest.mark.parametrize(
    ("systolic", "fall"),
    [
        pytest.param(129, "about 3 to 7 mmHg", id="without hypertension"),
        pytest.param(130, "about 5 to 8 mmHg", id="with hypertension"),
    ],
)
def test_the_fall_to_expect_depends_on_hypertension(systolic: float, fall: str) -> None:
    assert fall in finding(measured(ADULT, systolic, 79), "lifestyle/diet").action


@pytest.mark.parametrize(
    ("bmi", "is_offered"),
    [
        pytest.param(None, False, id="weight not known"),
        pytest.param(24.9, False, id="not overweight"),
        pytest.param(25.0, True, id="overweight"),
    ],
)
def test_weight_is_for_who_is_known_to_be_overweight(bmi: float | None, is_offered: bool) -> None:
    chart = replace(measured(ADULT, 135, 85), bmi=bmi)

    assert ("weight" in keys_under(chart, "lifestyle")) is is_offered


@pytest.mark.parametrize(
    ("problems", "egfr"),
    [
        pytest.param((Problem.KIDNEY_DISEASE,), None, id="kidney disease"),
        pytest.param((), 59, id="low eGFR"),
        pytest.param((Problem.HYPERKALAEMIA,), None, id="much potassium"),
    ],
)
def test_potassium_is_not_for_kidneys_that_keep_it(
    problems: tuple[Problem, ...], egfr: float | None
) -> None:
    chart = having(replace(measured(ADULT, 135, 85), egfr=egfr), *problems)

    assert "potassium" not in keys_under(chart, "lifestyle")
