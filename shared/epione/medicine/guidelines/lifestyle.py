"""What a person can do about blood pressure: AHA/ACC 2025, section 5.1."""

from epione.medicine.guidelines._knowledge import Measure, knowledge
from epione.medicine.guidelines.blood_pressure import AveragePressure, Category
from epione.medicine.guidelines.chart import (
    Chart,
    is_hypertensive,
    kidney_grounds,
    problem_grounds,
    reading_grounds,
)
from epione.medicine.guidelines.finding import Finding, Ground, hypertension_finding
from epione.medicine.guidelines.problems import Problem


def lifestyle_of(chart: Chart, average: AveragePressure | None) -> list[Finding]:
    """Say each measure that is open to this record, with the fall of pressure to expect."""
    has_hypertension = is_hypertensive(chart, average)
    is_raised = average is not None and average.category is not Category.NORMAL
    if not has_hypertension and not is_raised:
        return []
    grounds = reading_grounds(average) if average else ()
    grounds = (*problem_grounds(chart, Problem.HYPERTENSION), *grounds)
    return [
        _finding_of(each, chart, has_hypertension, grounds)
        for each in knowledge().lifestyle
        if _is_open(each, chart)
    ]


def _is_open(measure: Measure, chart: Chart) -> bool:
    if measure.from_bmi and (chart.bmi is None or chart.bmi < measure.from_bmi):
        return False
    if Problem.KIDNEY_DISEASE in measure.not_with and kidney_grounds(chart):
        return False
    return not any(problem in chart.problems for problem in measure.not_with)


def _finding_of(
    measure: Measure, chart: Chart, has_hypertension: bool, grounds: tuple[Ground, ...]
) -> Finding:
    fall = measure.hypertensive_mmhg if has_hypertension else measure.others_mmhg
    weight = (Ground("bmi", f"body mass index {chart.bmi:.1f} kg/m²"),) if measure.from_bmi else ()
    return hypertension_finding(
        f"lifestyle/{measure.key}",
        f"{measure.action} (systolic pressure falls by about {fall} mmHg on average)",
        measure.strength,
        (*grounds, *weight),
        (measure.caution,) if measure.caution else ("blood pressure is normal",),
    )
