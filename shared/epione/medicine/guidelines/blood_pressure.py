"""Blood pressure: readings, their average, and the category they fall in.

Source: AHA/ACC 2025 (knowledge/2025-08/SOURCE.toml), top take-home messages 4 and 10. A category
rests on at least two readings on at least two occasions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ELEVATED_FROM_SYSTOLIC = 120
STAGE_1_FROM_SYSTOLIC, STAGE_1_FROM_DIASTOLIC = 130, 80
STAGE_2_FROM_SYSTOLIC, STAGE_2_FROM_DIASTOLIC = 140, 90
SEVERE_ABOVE_SYSTOLIC, SEVERE_ABOVE_DIASTOLIC = 180, 120

OCCASIONS_NEEDED = 2


class Category(StrEnum):
    """In words for a clinician; SEVERE is stage 2 that cannot wait."""

    NORMAL = "normal blood pressure"
    ELEVATED = "elevated blood pressure"
    STAGE_1 = "stage 1 hypertension"
    STAGE_2 = "stage 2 hypertension"
    SEVERE = "severe hypertension"


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """One reading, mmHg."""

    systolic: float
    diastolic: float
    taken_on: date

    def __str__(self) -> str:
        return f"{self.systolic:g}/{self.diastolic:g} mmHg on {self.taken_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class AveragePressure:
    """The mean of the readings of the last occasions, mmHg; `readings` are the ones counted."""

    systolic: float
    diastolic: float
    readings: tuple[BloodPressure, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether it rests on as many occasions as a category needs."""
        return len({reading.taken_on for reading in self.readings}) >= OCCASIONS_NEEDED

    @property
    def category(self) -> Category:
        return category_of(self.systolic, self.diastolic)

    def __str__(self) -> str:
        return f"{self.systolic:.4g}/{self.diastolic:.4g} mmHg"


def average_of(
    readings: Sequence[BloodPressure], occasions: int = OCCASIONS_NEEDED
) -> AveragePressure | None:
    """Average every reading of the last `occasions` days that have one; None where none has.

    A day is an occasion. The order of the readings does not matter, and a repeated one counts once.
    """
    days = sorted({reading.taken_on for reading in readings})[-occasions:]
    counted = sorted(
        {reading for reading in readings if reading.taken_on in days},
        key=lambda reading: (reading.taken_on, reading.systolic, reading.diastolic),
    )
    if not counted:
        return None
    return AveragePressure(
        systolic=sum(reading.systolic for reading in counted) / len(counted),
        diastolic=sum(reading.diastolic for reading in counted) / len(counted),
        readings=tuple(counted),
    )


def category_of(systolic: float, diastolic: float) -> Category:
    """Name the category of a pressure in mmHg; the higher of the two decides."""
    if systolic > SEVERE_ABOVE_SYSTOLIC or diastolic > SEVERE_ABOVE_DIASTOLIC:
        return Category.SEVERE
    if systolic >= STAGE_2_FROM_SYSTOLIC or diastolic >= STAGE_2_FROM_DIASTOLIC:
        return Category.STAGE_2
    if systolic >= STAGE_1_FROM_SYSTOLIC or diastolic >= STAGE_1_FROM_DIASTOLIC:
        return Category.STAGE_1
    if systolic >= ELEVATED_FROM_SYSTOLIC:
        return Category.ELEVATED
    return Category.NORMAL
