"""Whom to treat for high blood pressure, and how far: AHA/ACC 2025."""

import math

from epione.medicine.guidelines.blood_pressure import (
    STAGE_1_FROM_DIASTOLIC,
    STAGE_1_FROM_SYSTOLIC,
    AveragePressure,
    Category,
)
from epione.medicine.guidelines.chart import (
    HYPERTENSIVE,
    Chart,
    is_hypertensive,
    kidney_grounds,
    problem_grounds,
    reading_grounds,
)
from epione.medicine.guidelines.drug_classes import first_line_of
from epione.medicine.guidelines.finding import Finding, Ground, hypertension_finding
from epione.medicine.guidelines.problems import Problem

TREAT_FROM_RISK = 0.075  # PREVENT 10-year total CVD: take-home messages 6 and 7, section 5.2.7
TREATED_ALREADY = "a drug for high blood pressure is recorded"


def treatment_of(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    """Say the goal, whether to start a drug, and which; nothing without a confirmed average."""
    if average is None or not average.is_confirmed or not is_hypertensive(chart, average):
        return []
    is_at_goal = average.category not in HYPERTENSIVE
    findings = [_goal(chart, average, is_at_goal)]
    if not is_at_goal and not chart.treated:
        findings.append(_start(chart, average))
    if not is_at_goal:
        findings.append(first_line_of(chart))
    return findings


def _at_high_risk(chart: Chart) -> tuple[Ground, ...]:
    """Give what makes 130/80 mmHg enough to treat: take-home message 6."""
    asked = (Problem.CARDIOVASCULAR_DISEASE, Problem.STROKE, Problem.DIABETES)
    grounds = (*problem_grounds(chart, *asked), *kidney_grounds(chart))
    if chart.total_cvd_10y is None or chart.total_cvd_10y < TREAT_FROM_RISK:
        return grounds
    return (*grounds, _risk_ground(chart.total_cvd_10y))


def _risk_ground(risk: float) -> Ground:
    """State the risk, cut and not rounded: 7.496 % does not read as the 7.5 % it is under."""
    percent = math.floor(round(risk * 1e4, 6)) / 100
    return Ground("total_cvd_10y", f"PREVENT 10-year risk of cardiovascular disease {percent:g}%")


def _start(chart: Chart, average: AveragePressure) -> Finding:
    """Take-home messages 6, 7 and 8."""
    if average.category in {Category.STAGE_2, Category.SEVERE}:
        return hypertension_finding(
            "start",
            "Start two first-line drugs of different classes, best in one pill, besides lifestyle",
            "COR 1",
            (*reading_grounds(average), *_at_high_risk(chart)),
            ("the average falls under 140/90 mmHg", TREATED_ALREADY),
        )
    if grounds := _at_high_risk(chart):
        return hypertension_finding(
            "start",
            "Start a first-line drug besides lifestyle",
            "COR 1",
            (*reading_grounds(average), *grounds),
            ("the average falls under 130/80 mmHg", "the risk proves wrong", TREATED_ALREADY),
        )
    if chart.total_cvd_10y is None:
        return hypertension_finding(
            "start",
            "Change lifestyle; whether to start a drug now depends on the 10-year risk, which is "
            "not known",
            "COR 1",
            (*reading_grounds(average), Ground("total_cvd_10y", "PREVENT cannot be given")),
            (
                "PREVENT gives 7.5 % or more: start a drug",
                "cardiovascular disease, stroke, diabetes or kidney disease is recorded",
            ),
        )
    return hypertension_finding(
        "start",
        "Change lifestyle for 3 to 6 months; start a drug if the average is then still 130/80 mmHg "
        "or more",
        "COR 1",
        (*reading_grounds(average), _risk_ground(chart.total_cvd_10y)),
        (
            "PREVENT rises to 7.5 % or more",
            "cardiovascular disease, stroke, diabetes or kidney disease is recorded",
            "the average reaches 140/90 mmHg",
        ),
    )


def _goal(chart: Chart, average: AveragePressure, is_at_goal: bool) -> Finding:
    """Sections 5.2.7, 5.3.1 and 5.3.8."""
    reached = "reached" if is_at_goal else "not reached"
    treatment = {True: "on treatment", False: "without treatment", None: "treatment not known"}
    return hypertension_finding(
        "goal",
        f"Goal under {STAGE_1_FROM_SYSTOLIC}/{STAGE_1_FROM_DIASTOLIC} mmHg: {reached}, "
        f"average {average} {treatment[chart.treated]}",
        _goal_strength(chart),
        (*reading_grounds(average), *_at_high_risk(chart)),
        ("a later reading moves the average over the goal",)
        if is_at_goal
        else ("the average falls under 130/80 mmHg",),
    )


def _goal_strength(chart: Chart) -> str:
    graded = (*problem_grounds(chart, Problem.DIABETES), *kidney_grounds(chart))
    if graded or (chart.total_cvd_10y or 0) >= TREAT_FROM_RISK:
        return "COR 1, LOE A"
    if chart.total_cvd_10y is None or Problem.CARDIOVASCULAR_DISEASE in chart.problems:
        return "COR 1 at increased risk, else COR 2b"
    return "COR 2b, LOE B-NR"
