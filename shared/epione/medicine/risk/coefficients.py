"""The published coefficients of PREVENT, as pinned in knowledge/<release>/."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from epione.medicine.recommendation import Evidence
from epione.medicine.risk.prevent import OUTCOMES, Model

RELEASE = "2024-02"
TABLE = "prevent_coefficients.tsv"

# The terms of the equations, each with the unit in which it is counted. "x" is a product, and what
# stands in it is counted as in the term of that name: HDL cholesterol per 0.3 mmol/L in
# "age x hdl_c" too.
TERMS: Mapping[str, str] = {
    "constant": "1",
    "age": "10 years above 55",
    "age squared": "square of age, as counted above",
    "non_hdl_c": "1 mmol/L above 3.5; total less HDL cholesterol",
    "hdl_c": "0.3 mmol/L above 1.3",
    "sbp below 110": "20 mmHg above 110, of the pressure up to 110",
    "sbp from 110": "20 mmHg above 130, of the pressure from 110",
    "diabetes": "1 where present",
    "smoking": "1 where current",
    "bmi below 30": "5 kg/m² above 25, of the index up to 30",
    "bmi from 30": "5 kg/m² above 30, of the index from 30",
    "egfr below 60": "15 mL/min/1.73 m² under 60, of the rate up to 60",
    "egfr from 60": "15 mL/min/1.73 m² under 90, of the rate from 60",
    "bp_tx": "1 where taken",
    "statin": "1 where taken",
    "bp_tx x sbp from 110": "product",
    "statin x non_hdl_c": "product",
    "age x non_hdl_c": "product",
    "age x hdl_c": "product",
    "age x sbp from 110": "product",
    "age x diabetes": "product",
    "age x smoking": "product",
    "age x bmi from 30": "product",
    "age x egfr below 60": "product",
    "sdi decile 4 to 6": "1 where so, against deciles 1 to 3",
    "sdi decile 7 to 10": "1 where so, against deciles 1 to 3",
    "sdi missing": "1 where not known",
    "uacr": "natural logarithm of mg/g, 0 where not known",
    "uacr missing": "1 where not known",
    "hba1c with diabetes": "1 % above 5.3, 0 without diabetes",
    "hba1c without diabetes": "1 % above 5.3, 0 with diabetes",
    "hba1c missing": "1 where not known",
}


@dataclass(frozen=True, slots=True)
class Equation:
    """Which equation: its model, its sex, its horizon and its outcome."""

    model: Model
    sex: str
    horizon_years: int
    outcome: str


@cache
def coefficients() -> Mapping[Equation, Mapping[str, float]]:
    """Read every equation: log odds per unit of each of its terms."""
    equations: dict[Equation, dict[str, float]] = {}
    lines = (_folder() / TABLE).read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t"):
        for outcome in OUTCOMES:
            if cell := row[outcome]:
                equation = _equation(row, outcome)
                equations.setdefault(equation, {})[row["term"]] = float(cell)
    return equations


def _equation(row: Mapping[str, str], outcome: str) -> Equation:
    return Equation(Model(row["model"]), row["sex"], int(row["horizon_years"]), outcome)


@cache
@cache
def prevent_evidence() -> Evidence:
    """Cite what the equations rest on."""
    source = tomllib.loads((_folder() / "SOURCE.toml").read_text(encoding="utf-8"))
    return Evidence(
        source=source["source"],
        release=source["release"],
        reference=source["reference"],
        knowledge_as_of=source["knowledge_as_of"],
    )


def _folder() -> Traversable:
    return resources.files("epione.medicine.risk") / "knowledge" / RELEASE
