"""PREVENT: cardiovascular risk over 10 and 30 years."""

from collections.abc import Mapping
from dataclasses import dataclass

OUTCOMES = ("total_cvd", "ascvd", "heart_failure", "chd", "stroke")


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
    smoking: bool | None = None
    egfr: float | None = None  # mL/min/1.73 m²
    bmi: float | None = None  # kg/m²
    hba1c: float | None = None  # %
    uacr: float | None = None  # mg/g
    sdi_decile: int | None = None  # 1 to 10


@dataclass(frozen=True, slots=True)
class PreventRisks:
    """Risks as fractions by outcome; `model` is "base", "hba1c", "uacr", "sdi" or "full"."""

    model: str
    y10: Mapping[str, float]
    y30: Mapping[str, float]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreventRefusal:
    """Why no risk is given, by the name of each refused input."""

    problems: Mapping[str, str]
