"""Whom to treat and how far: both sides of each threshold, what is not known, what contradicts."""

from dataclasses import replace

import pytest
from tests.unit.guidelines.charts import ADULT, finding, found, having, measured

from epione.medicine.guidelines import Problem

LIFESTYLE_FIRST = "Change lifestyle for 3 to 6 months"
ONE_DRUG = "Start a first-line drug"
TWO_DRUGS = "Start two first-line drugs"


@pytest.mark.parametrize(
    ("systolic", "diastolic", "action"),
    [
        pytest.param(130, 79, LIFESTYLE_FIRST, id="130 at low risk"),
        pytest.param(129, 80, LIFESTYLE_FIRST, id="80 at low risk"),
        pytest.param(139, 89, LIFESTYLE_FIRST, id="139/89 at low risk"),
        pytest.param(140, 79, TWO_DRUGS, id="140 whatever the risk"),
        pytest.param(129, 90, TWO_DRUGS, id="90 whatever the risk"),
    ],
)
def test_at_low_risk_a_drug_starts_at_140_over_90(
    systolic: float, diastolic: float, action: str
) -> None:
    start = finding(measured(ADULT, systolic, diastolic), "start")

    assert start.action.startswith(action)
    assert start.strength == "COR 1"


def test_under_130_over_80_nothing_is_started() -> None:
    assert found(measured(ADULT, 129, 79), "start") is None


@pytest.mark.parametrize(
    ("risk", "action"),
    [
        pytest.param(0.0749, LIFESTYLE_FIRST, id="under 7.5 %"),
        pytest.param(0.075, ONE_DRUG, id="7.5 %"),
    ],
)
def test_at_stage_1_the_risk_decides(risk: float, action: str) -> None:
    chart = replace(measured(ADULT, 135, 85), total_cvd_10y=risk)

    assert finding(chart, "start").action.startswith(action)


@pytest.mark.parametrize(
    ("risk", "shown"),
    [
        pytest.param(0.07496, "7.49%", id="just under 7.5 %"),
        pytest.param(0.075, "7.5%", id="7.5 %"),
        pytest.param(0.115, "11.5%", id="as it is"),
    ],
)
def test_a_risk_is_never_shown_as_more_than_it_is(risk: float, shown: str) -> None:
    start = finding(replace(measured(ADULT, 135, 85), total_cvd_10y=risk), "start")

    (said,) = (ground.text for ground in start.grounds if ground.fact == "total_cvd_10y")
    assert said.endswith(f" {shown}")


def test_an_egfr_under_60_is_not_shown_as_60() -> None:
    start = finding(replace(measured(ADULT, 135, 85), egfr=59.9), "start")

    assert "eGFR 59 mL/min/1.73 m², under 60" in [ground.text for ground in start.grounds]


@pytest.mark.parametrize(
    "problem",
    [Problem.CARDIOVASCULAR_DISEASE, Problem.STROKE, Problem.DIABETES, Problem.KIDNEY_DISEASE],
)
def test_at_stage_1_a_disease_decides_whatever_the_risk(problem: Problem) -> None:
    start = finding(having(measured(ADULT, 135, 85), problem), "start")

    assert start.action.startswith(ONE_DRUG)
    assert problem.value in [ground.fact for ground in start.grounds]


@pytest.mark.parametrize(
    ("egfr", "uacr", "action"),
    [
        pytest.param(60, 29.9, LIFESTYLE_FIRST, id="neither shows kidney disease"),
        pytest.param(59.9, None, ONE_DRUG, id="eGFR under 60"),
        pytest.param(None, 30, ONE_DRUG, id="albuminuria of 30"),
    ],
)
def test_laboratory_signs_of_kidney_disease_count(
    egfr: float | None, uacr: float | None, action: str
) -> None:
    chart = replace(measured(ADULT, 135, 85), egfr=egfr, uacr=uacr)

    assert finding(chart, "start").action.startswith(action)


def test_at_stage_1_an_unknown_risk_is_said_to_be_unknown() -> None:
    start = finding(replace(measured(ADULT, 135, 85), total_cvd_10y=None), "start")

    assert "not known" in start.action
    assert start.would_change_if[0] == "PREVENT gives 7.5 % or more: start a drug"


def test_who_is_treated_already_is_not_started_but_shown_the_goal() -> None:
    chart = replace(measured(ADULT, 145, 85), treated=True)

    assert found(chart, "start") is None
    assert finding(chart, "goal").action == (
        "Goal under 130/80 mmHg: not reached, average 145/85 mmHg on treatment"
    )


def test_where_treatment_is_not_known_it_is_said() -> None:
    chart = replace(measured(ADULT, 145, 85), treated=None)

    assert finding(chart, "goal").action.endswith("treatment not known")
    assert "a drug for high blood pressure is recorded" in finding(chart, "start").would_change_if


@pytest.mark.parametrize(
    ("systolic", "diastolic", "reached"),
    [
        pytest.param(129, 79, "reached", id="under both"),
        pytest.param(130, 79, "not reached", id="130 is not under 130"),
        pytest.param(129, 80, "not reached", id="80 is not under 80"),
    ],
)
def test_the_goal_is_under_130_over_80(systolic: float, diastolic: float, reached: str) -> None:
    chart = replace(having(ADULT, Problem.HYPERTENSION), treated=True)

    assert f": {reached}, " in finding(measured(chart, systolic, diastolic), "goal").action


@pytest.mark.parametrize(
    ("risk", "problems", "strength"),
    [
        pytest.param(0.075, (), "COR 1, LOE A", id="increased risk"),
        pytest.param(0.0749, (), "COR 2b, LOE B-NR", id="no increased risk"),
        pytest.param(0.02, (Problem.DIABETES,), "COR 1, LOE A", id="diabetes"),
        pytest.param(0.02, (Problem.KIDNEY_DISEASE,), "COR 1, LOE A", id="kidney disease"),
        pytest.param(None, (), "COR 1 at increased risk, else COR 2b", id="risk not known"),
    ],
)
def test_the_goal_is_graded_by_risk(
    risk: float | None, problems: tuple[Problem, ...], strength: str
) -> None:
    chart = having(replace(measured(ADULT, 135, 85), total_cvd_10y=risk), *problems)

    assert finding(chart, "goal").strength == strength


def test_without_hypertension_there_is_no_goal() -> None:
    assert found(measured(ADULT, 129, 79), "goal") is None
