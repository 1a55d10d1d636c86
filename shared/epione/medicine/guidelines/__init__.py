"""Guidelines: what a published guideline says of one record, each rule with its source."""

from epione.medicine.guidelines._knowledge import RELEASE
from epione.medicine.guidelines.blood_pressure import (
    AveragePressure,
    BloodPressure,
    Category,
    average_of,
    category_of,
)
from epione.medicine.guidelines.chart import Chart
from epione.medicine.guidelines.finding import HYPERTENSION, Finding, Ground
from epione.medicine.guidelines.hypertension import findings_of
from epione.medicine.guidelines.problems import Problem

__all__ = [
    "HYPERTENSION",
    "RELEASE",
    "AveragePressure",
    "BloodPressure",
    "Category",
    "Chart",
    "Finding",
    "Ground",
    "Problem",
    "average_of",
    "category_of",
    "findings_of",
]
