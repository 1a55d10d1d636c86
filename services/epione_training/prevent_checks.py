"""What the exported model is asked again wherever it is loaded, with what it answers here.

One person for each of the equations, of either sex, on both sides of the knots of age, pressure,
kidney function and weight. Whether the answers are right is said elsewhere (`prevent_evaluation`).
"""

import math
from dataclasses import replace
from typing import TypedDict

import torch

from epione.medicine.risk import PreventInputs, rows_of
from epione_training.prevent_equations import Prevent

DECIMALS = 12  # the same on any machine
TOLERANCE = 1e-9  # of a risk: far below what is ever shown

# Khan et al. 2024, Supplement, Table S25, is the first; nobody else of these exists.
WOMAN = PreventInputs(
    age=50,
    sex="female",
    sbp=160,
    bp_tx=True,
    total_c=200,
    hdl_c=45,
    statin=False,
    dm=True,
    smoking=False,
    egfr=90,
    bmi=35,
)
MAN = replace(WOMAN, age=67, sex="male", sbp=104, statin=True, smoking=True, egfr=41, bmi=24)
PEOPLE = (
    WOMAN,
    replace(MAN, hba1c=8.2),
    replace(WOMAN, uacr=310),
    replace(MAN, sdi_decile=9),
    replace(WOMAN, hba1c=5.1, uacr=4.5, sdi_decile=2),
)


class Questions(TypedDict):
    inputs: list[list[float | None]]


class Answers(TypedDict):
    risks: list[list[list[float]]]
    model: list[int]


class Checks(TypedDict):
    inputs: Questions
    outputs: Answers
    tolerance: float


def checks_of(model: Prevent) -> Checks:
    """Ask the model; give questions and answers as a card has them, null for what is not known."""
    rows = rows_of(PEOPLE)
    risks, models = model(torch.from_numpy(rows))
    return {
        "inputs": {
            "inputs": [
                [None if math.isnan(each) else each for each in row] for row in rows.tolist()
            ]
        },
        "outputs": {
            "risks": risks.numpy().round(DECIMALS).tolist(),
            "model": models.tolist(),
        },
        "tolerance": TOLERANCE,
    }
