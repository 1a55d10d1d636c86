"""PREVENT as it is served: the artefact that its card describes, and no other."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from epione.errors import Misconfigured
from epione.medicine.risk import (
    COLUMNS,
    Floats,
    Indices,
    Model,
    PreventInputs,
    PreventRisks,
    risks_of,
    rows_of,
)
from epione_inference.sessions import Execution, Session

VERSION = "2024-02.1"


@dataclass(frozen=True, slots=True)
class Card:
    """What serving needs of a model card."""

    name: str
    version: str
    knowledge_release: str
    sha256: str
    artefact: Path


def shipped() -> Path:
    """Give the folder of the version that comes with the package."""
    return Path(str(resources.files("epione_inference"))) / "models" / "prevent" / VERSION


def card_in(folder: Path) -> Card:
    """Read a model's card and hold its artefact against it.

    Raises:
        Misconfigured: The artefact is not the one described, or the card asks for other columns or
            answers other models than this code knows.
    """
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    artefact = folder / card["artefact"]["file"]
    sha256 = hashlib.sha256(artefact.read_bytes()).hexdigest()
    if sha256 != card["artefact"]["sha256"]:
        raise Misconfigured(f"the artefact of {card['version']} is not the one its card describes")
    columns = tuple(each["name"] for each in card["inputs"])
    models = tuple(card["outputs"]["model"]["values"])
    if (columns, models) != (COLUMNS, tuple(Model)):
        raise Misconfigured(f"{card['name']} {card['version']} asks {columns} and answers {models}")
    return Card(
        name=card["name"],
        version=card["version"],
        knowledge_release=card["knowledge"]["release"],
        sha256=sha256,
        artefact=artefact,
    )


class PreventModel:
    """The model of one card, on the providers that were asked for."""

    def __init__(self, folder: Path, execution: Execution) -> None:
        self.card = card_in(folder)
        self.session = Session(self.card.artefact, execution)

    def answer(self, inputs: Sequence[PreventInputs]) -> list[PreventRisks]:
        """Answer inputs of which none is refused, in order; blocks."""
        return risks_of(inputs, *self.answer_rows(rows_of(inputs)))

    def answer_rows(self, rows: Floats) -> tuple[Floats, Indices]:
        """Answer rows as `rows_of` writes them: risks (n, 2, 5) and models (n,)."""
        risks, models = self.session.run(rows)
        return np.asarray(risks, dtype=np.float64), np.asarray(models, dtype=np.int64)
