"""Risks of a life: what a model of lives is asked of a record, and how its answers are told."""

from epione.medicine.life.asked import (
    HAD,
    OUTCOMES,
    LifeAnswer,
    LifeCard,
    LifeQuestion,
    LifeRisk,
    Mover,
    ServedLife,
)
from epione.medicine.life.combining import combined, far_apart
from epione.medicine.life.questions import question_of
from epione.medicine.life.steps import (
    DECIMALS,
    TOLD_STEP,
    steps_between,
    steps_of,
    times_of,
    told,
    told_interval,
)
from epione.medicine.life.wording import base_of, code_of, percent, range_of
from epione.timeline.calibration import HORIZONS_YEARS

__all__ = [
    "DECIMALS",
    "HAD",
    "HORIZONS_YEARS",
    "OUTCOMES",
    "TOLD_STEP",
    "LifeAnswer",
    "LifeCard",
    "LifeQuestion",
    "LifeRisk",
    "Mover",
    "ServedLife",
    "base_of",
    "code_of",
    "combined",
    "far_apart",
    "percent",
    "question_of",
    "range_of",
    "steps_between",
    "steps_of",
    "times_of",
    "told",
    "told_interval",
]
