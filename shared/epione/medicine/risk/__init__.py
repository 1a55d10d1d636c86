"""Risk: the equations' inputs and answers, kidney function, and what would lower a risk."""

from epione.medicine.risk.ckd_epi import egfr_of
from epione.medicine.risk.coefficients import prevent_evidence
from epione.medicine.risk.prevent import (
    COLUMNS,
    HORIZONS_YEARS,
    OPTIONAL,
    OUTCOMES,
    RANGES,
    REQUIRED,
    SEXES,
    Floats,
    Indices,
    Model,
    PreventInputs,
    PreventRefusal,
    PreventRisks,
    Range,
    refusal_of,
    risks_of,
    rows_of,
    warnings_of,
)
from epione.medicine.risk.whatif import CAVEAT, Scenario, scenarios_of

__all__ = [
    "CAVEAT",
    "COLUMNS",
    "HORIZONS_YEARS",
    "OPTIONAL",
    "OUTCOMES",
    "RANGES",
    "REQUIRED",
    "SEXES",
    "Floats",
    "Indices",
    "Model",
    "PreventInputs",
    "PreventRefusal",
    "PreventRisks",
    "Range",
    "Scenario",
    "egfr_of",
    "prevent_evidence",
    "refusal_of",
    "risks_of",
    "rows_of",
    "scenarios_of",
    "warnings_of",
]
