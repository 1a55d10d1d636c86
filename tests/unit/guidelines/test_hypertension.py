"""What is said of a pressure, when it cannot wait, and what to know next."""

from dataclasses import replace

import pytest
from tests.unit.guidelines.charts import (
    ADULT,
    SECOND_DAY,
    finding,
    found,
    having,
    keys_under,
    measured,
)

from epione.medicine.guidelines import BloodPressure, Chart, Problem, findings_of


def measured_once(chart: Chart, systolic: float, diastolic: float) -> Chart:
    return replace(chart, readings=(BloodPressure(systolic, diastolic, SECOND_DAY),))


@pytest.mark.parametrize(
    ("age_years", "is_spoken_of"),
    [
        pytest.param(None, False, id="age not known"),
        pytest.param(17, False, id="a child"),
        pytest.param(18, True, id="an adult"),
    ],
)
def test_the_guideline_speaks_of_adults(age_years: int | None, is_spoken_of: bool) -> None:
    chart = replace(measured(ADULT, 150, 95), age_years=age_years)

    assert bool(findings_of(chart)) is is_spoken_of


def test_without_a_reading_or_a_diagnosis_nothing_is_said() -> None:
    assert findings_of(ADULT) == ()


def test_the_category_shows_the_average_and_its_readings() -> None:
    category = finding(measured(ADULT, 145, 91.5), "category")

    assert category.action == "Stage 2 hypertension: average 145/91.5 mmHg"
    assert [each.text for each in category.grounds] == [
        "blood pressure 145/91.5 mmHg on 2026-03-02",
        "blood pressure 145/91.5 mmHg on 2026-04-07",
    ]
    assert category.evidence[0].source == "AHA/ACC 2025"


def test_a_normal_pressure_is_said_and_nothing_more() -> None:
    assert [each.key for each in findings_of(measured(ADULT, 119, 79))] == ["hypertension/category"]


def test_one_occasion_is_to_be_confirmed_before_anything_is_advised() -> None:
    chart = measured_once(ADULT, 150, 95)

    confirm = finding(chart, "confirm")
    assert "before calling it hypertension" in confirm.action
    assert [found(chart, key) for key in ("category", "start", "goal")] == [None] * 3


def test_one_occasion_of_known_hypertension_does_not_tell_of_the_goal() -> None:
    chart = having(measured_once(ADULT, 150, 95), Problem.HYPERTENSION)

    assert "rests on two occasions" in finding(chart, "confirm").action
    assert found(chart, "goal") is None


def test_one_occasion_that_is_not_raised_needs_no_confirmation() -> None:
    assert found(measured_once(ADULT, 129, 79), "confirm") is None


@pytest.mark.parametrize(
    ("systolic", "diastolic", "is_severe"),
    [
        pytest.param(180, 120, False, id="180/120 is not yet severe"),
        pytest.param(181, 90, True, id="above 180"),
        pytest.param(150, 121, True, id="above 120"),
    ],
)
def test_a_severe_pressure_does_not_wait_for_a_second_occasion(
    systolic: float, diastolic: float, is_severe: bool
) -> None:
    chart = measured_once(ADULT, systolic, diastolic)

    assert (found(chart, "severe") is not None) is is_severe


def test_a_severe_pressure_says_what_would_make_it_an_emergency() -> None:
    severe = finding(measured_once(ADULT, 190, 110), "severe")

    assert "acute organ damage" in severe.action
    assert "emergency" in severe.would_change_if[0]


def test_only_the_last_occasion_is_severe() -> None:
    chart = measured(ADULT, 185, 95)
    lower = BloodPressure(150, 90, SECOND_DAY)

    assert found(replace(chart, readings=(chart.readings[0], lower)), "severe") is None


PREGNANT = having(ADULT, Problem.PREGNANCY)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "is_severe"),
    [
        pytest.param(159, 109, False, id="under 160/110"),
        pytest.param(160, 90, True, id="160"),
        pytest.param(150, 110, True, id="110"),
    ],
)
def test_in_pregnancy_160_over_110_cannot_wait(
    systolic: float, diastolic: float, is_severe: bool
) -> None:
    chart = measured_once(PREGNANT, systolic, diastolic)

    assert (found(chart, "severe") is not None) is is_severe


def test_in_pregnancy_no_general_goal_or_drug_is_advised() -> None:
    chart = having(measured(PREGNANT, 145, 95), Problem.HYPERTENSION)

    assert [found(chart, key) for key in ("goal", "start", "first-line")] == [None] * 3
    assert keys_under(chart, "lifestyle") == []
    assert "Labetalol" in finding(chart, "pregnancy").action


def test_in_pregnancy_inhibitors_are_harm() -> None:
    chart = having(measured(PREGNANT, 145, 95), Problem.HYPERTENSION)

    assert "ace-inhibitor/pregnancy" in keys_under(chart, "avoid")
    assert finding(chart, "avoid/ace-inhibitor/pregnancy").strength == "COR 3: Harm, LOE C-LD"


def test_every_missing_test_is_named_with_the_code_to_order() -> None:
    chart = having(ADULT, Problem.HYPERTENSION)

    assert keys_under(chart, "test") == [
        "uacr",
        "creatinine",
        "potassium",
        "sodium",
        "calcium",
        "glucose",
        "lipids",
        "thyroid",
        "blood-count",
        "urinalysis",
        "ecg",
    ]
    assert finding(chart, "test/uacr").subject.code.code == "9318-7"


@pytest.mark.parametrize("loinc", ["9318-7", "14959-1"])
def test_a_test_with_a_result_is_not_asked_for_again(loinc: str) -> None:
    chart = replace(having(ADULT, Problem.HYPERTENSION), loinc_known=frozenset({loinc}))

    assert "uacr" not in keys_under(chart, "test")


def test_without_hypertension_no_test_is_asked_for() -> None:
    assert keys_under(measured(ADULT, 129, 79), "test") == []
