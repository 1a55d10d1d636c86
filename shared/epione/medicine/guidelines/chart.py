"""What a guideline asks of a record, and what it says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from epione.medicine.guidelines.blood_pressure import BloodPressure
from epione.medicine.recommendation import Evidence, Subject

# "CKD as identified by eGFR <60 or albuminuria >=30 mg/g": AHA/ACC 2025, section 5.3.8.
KIDNEY_DISEASE_BELOW_EGFR = 60
ALBUMINURIA_FROM_MG_G = 30


class Problem(StrEnum):
    """What the record may say a person has that a rule asks for."""

    HYPERTENSION = "hypertension"
    CARDIOVASCULAR_DISEASE = "cardiovascular disease"
    STROKE = "stroke"
    DIABETES = "diabetes"
    KIDNEY_DISEASE = "kidney disease"
    HEART_FAILURE = "heart failure"
    TACHYARRHYTHMIA = "tachyarrhythmia"
    PREGNANCY = "pregnancy"
    ANGIOEDEMA = "angioedema"
    HYPERKALAEMIA = "hyperkalaemia"
    HYPOKALAEMIA = "hypokalaemia"
    HYPONATRAEMIA = "hyponatraemia"
    HYPERCALCAEMIA = "hypercalcaemia"
    RENAL_ARTERY_STENOSIS = "bilateral renal artery stenosis"
    GOUT = "gout"


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


@dataclass(frozen=True, slots=True)
class Ground:
    """A fact a finding rests on. `fact` is the field of `Chart`, or the problem, that states it."""

    fact: str  # "readings", "egfr", "diabetes" …
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a guideline says of this record. `key` stays while the subject does."""

    key: str  # "hypertension/goal", "hypertension/test/uacr" …
    subject: Subject
    action: str
    strength: str
    grounds: tuple[Ground, ...]
    would_change_if: tuple[str, ...]
    evidence: tuple[Evidence, ...]


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
    """State an eGFR under 60."""
    if chart.egfr is None or chart.egfr >= KIDNEY_DISEASE_BELOW_EGFR:
        return None
    return Ground("egfr", f"eGFR {chart.egfr:.0f} mL/min/1.73 m², under 60")


def albuminuria_ground(chart: Chart) -> Ground | None:
    """State an albumin-to-creatinine ratio of 30 mg/g or more."""
    if chart.uacr is None or chart.uacr < ALBUMINURIA_FROM_MG_G:
        return None
    return Ground("uacr", f"urine albumin-to-creatinine ratio {chart.uacr:.4g} mg/g, 30 or more")
