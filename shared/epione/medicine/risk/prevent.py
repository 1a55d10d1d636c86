"""PREVENT: cardiovascular risk over 10 and 30 years; what it asks, refuses and answers.

Source: Khan et al. 2024, Circulation 149:430-449, doi:10.1161/CIRCULATIONAHA.123.067626. It speaks
of adults of the United States without known cardiovascular disease. The equations are a model
(`epione_training.prevent`); this file is what whoever asks them and whoever makes them agree on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

OUTCOMES = ("total_cvd", "ascvd", "heart_failure", "chd", "stroke")
HORIZONS_YEARS = (10, 30)
SEXES = ("female", "male")


class Model(StrEnum):
    """Which equations answer: the base ones, with one more input, or with two or three of them."""

    BASE = "base"
    HBA1C = "hba1c"
    UACR = "uacr"
    SDI = "sdi"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class PreventInputs:
    """What the equations ask, by the names of the acceptance contract; None is not known."""

    age: float | None = None  # years
    sex: str | None = None  # "female", "male"
    sbp: float | None = None  # mmHg
    bp_tx: bool | None = None  # treated for high blood pressure
    total_c: float | None = None  # mg/dL
    hdl_c: float | None = None  # mg/dL
    statin: bool | None = None
    dm: bool | None = None
    smoking: bool | None = None  # a cigarette within the last 30 days
    egfr: float | None = None  # mL/min/1.73 m²
    bmi: float | None = None  # kg/m²
    hba1c: float | None = None  # %
    uacr: float | None = None  # mg/g
    sdi_decile: int | None = None  # 1 to 10, of the Social Deprivation Index


@dataclass(frozen=True, slots=True)
class PreventRisks:
    """Risks as fractions by outcome, over 10 and over 30 years."""

    model: str  # a value of `Model`
    y10: Mapping[str, float]
    y30: Mapping[str, float]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreventRefusal:
    """Why no risk is given, by the name of each refused input."""

    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Range:
    """Values that the equations may be asked for, both ends included."""

    low: float
    high: float
    unit: str


# The ranges of the derivation (Khan 2024, Methods and Supplement), narrowed as preventr 0.11 does:
# systolic pressure to 180, for above it the pressure itself is the concern, and HbA1c from 4.5.
# The body mass index ends at "under 40", to one decimal.
RANGES: Mapping[str, Range] = {
    "age": Range(30, 79, "years"),
    "sbp": Range(90, 180, "mmHg"),
    "total_c": Range(130, 320, "mg/dL"),
    "hdl_c": Range(20, 100, "mg/dL"),
    "egfr": Range(15, 140, "mL/min/1.73 m²"),
    "bmi": Range(18.5, 39.9, "kg/m²"),
    "hba1c": Range(4.5, 15, "%"),
    "uacr": Range(0.1, 25_000, "mg/g"),
    "sdi_decile": Range(1, 10, "decile"),
}

COLUMNS = tuple(field.name for field in fields(PreventInputs))
OPTIONAL = ("hba1c", "uacr", "sdi_decile")
REQUIRED = tuple(name for name in COLUMNS if name not in OPTIONAL)

# Beyond it, 30 years reach past the ages that were observed (Khan 2024 gives them to 59).
LAST_AGE_FOR_30_YEARS = 59


def refusal_of(inputs: PreventInputs) -> PreventRefusal | None:
    """Name every input that is missing or outside its range; None where a risk may be given.

    Nothing is clamped and nothing imputed: an optional input that is known must be in range too.
    """
    problems = {
        name: problem for name in COLUMNS if (problem := _problem(name, getattr(inputs, name)))
    }
    return PreventRefusal(problems) if problems else None


def _problem(name: str, value: object) -> str:
    if value is None:
        return f"{name} is not known" if name in REQUIRED else ""
    if name == "sex":
        return "" if value in SEXES else "sex is neither female nor male"
    if name not in RANGES:
        return ""
    allowed = RANGES[name]
    if not isinstance(value, int | float) or not allowed.low <= value <= allowed.high:
        return f"{name} {value} is outside {allowed.low:g} to {allowed.high:g}"
    if name == "sdi_decile" and value != int(value):
        return f"{name} {value} is not a whole number"
    return ""


def warnings_of(inputs: PreventInputs) -> tuple[str, ...]:
    """Say what to bear in mind about risks that are given."""
    if inputs.age is not None and inputs.age > LAST_AGE_FOR_30_YEARS:
        return (f"30-year risks are questionable above an age of {LAST_AGE_FOR_30_YEARS} years",)
    return ()


def rows_of(inputs: Sequence[PreventInputs]) -> Floats:
    """Write inputs as the model reads them.

    Returns:
        (n, 14), columns as `COLUMNS`, units as `PreventInputs`; female 0 and male 1, false 0 and
        true 1, NaN for an optional input that is not known.

    Raises:
        ValueError: An input is refused.
    """
    for each in inputs:
        if refusal := refusal_of(each):
            raise ValueError(f"refused inputs were asked: {sorted(refusal.problems)}")
    rows = [[_number(getattr(each, name)) for name in COLUMNS] for each in inputs]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(COLUMNS))


def _number(value: float | str | None) -> float:
    if value is None:
        return float("nan")
    return float(SEXES.index(value)) if isinstance(value, str) else float(value)


def risks_of(inputs: Sequence[PreventInputs], risks: Floats, models: Indices) -> list[PreventRisks]:
    """Read what the model answered.

    Args:
        inputs: What was asked.
        risks: (n, 2, 5), fractions by horizon and outcome, as `HORIZONS_YEARS` and `OUTCOMES`.
        models: (n,), the model that answered, as it stands in `Model`.
    """
    return [
        PreventRisks(
            model=list(Model)[model],
            y10=dict(zip(OUTCOMES, ten.tolist(), strict=True)),
            y30=dict(zip(OUTCOMES, thirty.tolist(), strict=True)),
            warnings=warnings_of(each),
        )
        for each, (ten, thirty), model in zip(inputs, risks, models, strict=True)
    ]
