"""PREVENT against the answers of others: how many are right at the three decimals printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from epione.medicine.risk import (
    COLUMNS,
    HORIZONS_YEARS,
    OUTCOMES,
    Model,
    PreventInputs,
    refusal_of,
    rows_of,
)
from epione_training.prevent_equations import Prevent

FILES = ("prevent_generated.jsonl", "prevent_sdi_generated.jsonl")
HALF_A_DIGIT = 0.0005 + 1e-9


@dataclass(frozen=True, slots=True)
class Vector:
    """One reference answer; `model` and `risks` are None where the reference refuses."""

    inputs: PreventInputs
    model: Model | None
    risks: tuple[tuple[float, ...], ...] | None  # by horizon and outcome


@dataclass(frozen=True, slots=True)
class Evaluation:
    vectors: int
    refusals: int
    right: int
    largest_difference: float  # of any risk from its printed value


def vectors_of(reference_data: Path) -> list[Vector]:
    """Read the reference's answers; they are runs of preventr."""
    lines = [
        json.loads(line)
        for file in FILES
        for line in (reference_data / "risk" / file).read_text(encoding="utf-8").splitlines()
    ]
    return [
        _vector(line["inputs"], *(line["expected"][f"y{years}"][0] for years in HORIZONS_YEARS))
        for line in lines
    ]


def _vector(inputs: dict[str, float], *answers: dict[str, str]) -> Vector:
    asked = PreventInputs(**{name: inputs[name] for name in COLUMNS if name in inputs})  # type: ignore[arg-type]
    if answers[0]["model"] == "none":
        return Vector(asked, None, None)
    risks = tuple(tuple(float(answer[outcome]) for outcome in OUTCOMES) for answer in answers)
    return Vector(asked, Model(answers[0]["model"]), risks)


def evaluate(model: Prevent, vectors: Sequence[Vector]) -> Evaluation:
    """Ask the model what the reference was asked, refusals included."""
    asked = [vector for vector in vectors if refusal_of(vector.inputs) is None]
    risks, models = model(torch.from_numpy(rows_of([vector.inputs for vector in asked])))
    differences = [
        _difference(vector, answer, list(Model)[index])
        for vector, answer, index in zip(asked, risks.tolist(), models.tolist(), strict=True)
    ]
    refused = [vector for vector in vectors if refusal_of(vector.inputs) is not None]
    right_refusals = sum(vector.risks is None for vector in refused)
    return Evaluation(
        vectors=len(vectors),
        refusals=len(refused),
        right=sum(difference <= HALF_A_DIGIT for difference in differences) + right_refusals,
        largest_difference=max(differences),
    )


def _difference(vector: Vector, answer: list[list[float]], model: Model) -> float:
    if vector.risks is None or vector.model is not model:
        return 1.0
    return max(
        abs(risk - printed)
        for horizon, reference in zip(answer, vector.risks, strict=True)
        for risk, printed in zip(horizon, reference, strict=True)
    )
