"""What a guideline asks of a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from epione.medicine.guidelines.blood_pressure import (
    AveragePressure,
    BloodPressure,
    Category,
)
from epione.medicine.guidelines.finding import Ground
from epione.medicine.guidelines.problems import Problem

# "CKD as identified by eGFR <60 or albuminuria >=30 mg/g": AHA/ACC 2025, section 5.3.8.
KIDNEY_DISEASE_BELOW_EGFR = 60
ALBUMINURIA_FROM_MG_G = 30

HYPERTENSIVE = frozenset({Category.STAGE_1, Category.STAGE_2, Category.SEVERE})


@dataclass(frozen=True, slots=True)
class Chart:
    """What the record says of one adult; what it does not say is not known, never absent.

    `problems` maps what is recorded as present to the words to show ("type 2 diabetes").
    """

    age_years: int | None = None
    readings: tuple[BloodPressure, ...] = ()
    treated: bool | None = None  # takes a drug for high blood pressure
    problems: Mapping[Problem, str] = field(default_factory=dict)
    total_cvd_10y: float | None = None  # PREVENT, as a fraction
    egfr: float | None = None  # mL/min/1.73 m²
    uacr: float | None = None  # mg/g
    bmi: float | None = None  # kg/m²
    loinc_known: frozenset[str] = frozenset()  # codes of which the record holds a result


def is_hypertensive(chart: Chart, average: AveragePressure | None) -> bool:
    """Whether hypertension is recorded, or the readings confirm it."""
    return Problem.HYPERTENSION in chart.problems or (
        average is not None and average.is_confirmed and average.category in HYPERTENSIVE
    )


def reading_grounds(average: AveragePressure) -> tuple[Ground, ...]:
    """State every reading that the average counts."""
    return tuple(Ground("readings", f"blood pressure {reading}") for reading in average.readings)


def problem_grounds(chart: Chart, *asked: Problem) -> tuple[Ground, ...]:
    """Give those of the asked problems that the record states."""
    return tuple(
        Ground(problem.value, chart.problems[problem])
        for problem in asked
        if problem in chart.problems
    )


def kidney_grounds(chart: Chart) -> tuple[Ground, ...]:
    """Give what in the record makes it kidney disease: the diagnosis, eGFR or albuminuria."""
    grounds = list(problem_grounds(chart, Problem.KIDNEY_DISEASE))
    if low_egfr := low_egfr_ground(chart):
        grounds.append(low_egfr)
    if albuminuria := albuminuria_ground(chart):
        grounds.append(albuminuria)
    return tuple(grounds)


def low_egfr_ground(chart: Chart) -> Ground | None:
    """State an eGFR under 60, in whole units: not rounded up to what it is not."""
    if chart.egfr is None or chart.egfr >= KIDNEY_DISEASE_BELOW_EGFR:
        return None
    return Ground("egfr", f"eGFR {int(chart.egfr)} mL/min/1.73 m², under 60")


def albuminuria_ground(chart: Chart) -> Ground | None:
    """State an albumin-to-creatinine ratio of 30 mg/g or more."""
    if chart.uacr is None or chart.uacr < ALBUMINURIA_FROM_MG_G:
        return None
    return Ground("uacr", f"urine albumin-to-creatinine ratio {chart.uacr:.4g} mg/g, 30 or more")
