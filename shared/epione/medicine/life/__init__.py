"""Risks of a life: what a model of lives is asked of a record, and what is told of its answers."""

from epione.medicine.life.asked import (
    HORIZONS_YEARS,
    OUTCOMES,
    LifeAnswer,
    LifeQuestion,
    LifeRisk,
    Mover,
)
from epione.medicine.life.combining import combined, far_apart

__all__ = [
    "HORIZONS_YEARS",
    "OUTCOMES",
    "LifeAnswer",
    "LifeQuestion",
    "LifeRisk",
    "Mover",
    "combined",
    "far_apart",
]
