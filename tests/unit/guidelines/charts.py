"""Charts for the tests of the guidelines, and short ways to look at what is found."""

from dataclasses import replace
from datetime import date

from epione.medicine.guidelines import BloodPressure, Chart, Finding, Problem, findings_of

FIRST_DAY, SECOND_DAY = date(2026, 3, 2), date(2026, 4, 7)

ADULT = Chart(age_years=55, treated=False, total_cvd_10y=0.05)


def measured(chart: Chart, systolic: float, diastolic: float) -> Chart:
    """Measure the same pressure on two days."""
    days = (FIRST_DAY, SECOND_DAY)
    return replace(chart, readings=tuple(BloodPressure(systolic, diastolic, day) for day in days))


def having(chart: Chart, *problems: Problem) -> Chart:
    """Record problems, in their own words."""
    return replace(chart, problems={**chart.problems, **{each: str(each) for each in problems}})


def found(chart: Chart, key: str) -> Finding | None:
    """Give the finding of this key; None where it is not found."""
    return {each.key: each for each in findings_of(chart)}.get(f"hypertension/{key}")


def finding(chart: Chart, key: str) -> Finding:
    """Give the finding of this key, which is there."""
    there = found(chart, key)
    assert there is not None
    return there


def keys_under(chart: Chart, prefix: str) -> list[str]:
    """Give what is found under `prefix`, in order, without the prefix."""
    start = f"hypertension/{prefix}/"
    return [
        each.key.removeprefix(start) for each in findings_of(chart) if each.key.startswith(start)
    ]
