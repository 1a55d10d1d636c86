"""PREVENT as it is served: the model that its card describes, in the columns of this code."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from epione.errors import Misconfigured
from epione.medicine.risk import (
    COLUMNS,
    HORIZONS_YEARS,
    OUTCOMES,
    Floats,
    Indices,
    Model,
    PreventInputs,
    PreventRisks,
    risks_of,
    rows_of,
)
from epione_inference.serving import Arrays, Card, Execution, RunPool, Version, loaded

NAME, VERSION = "prevent", "2024-02.1"


def shipped() -> Path:
    """Give the folder of the version that comes with the package."""
    return Path(str(resources.files("epione_inference"))) / "models" / NAME / VERSION


def refuse_another_model(card: Card) -> None:
    """Refuse a model that asks or answers something else than this code writes and reads.

    Raises:
        Misconfigured: It does.
    """
    risks, model = (card.outputs.get(name, {}) for name in ("risks", "model"))
    said = (
        card.name,
        card.columns,
        tuple(card.outputs),
        risks.get("horizons_years"),
        risks.get("outcomes"),
        model.get("values"),
    )
    meant = (
        NAME,
        COLUMNS,
        ("risks", "model"),
        list(HORIZONS_YEARS),
        list(OUTCOMES),
        [each.value for each in Model],
    )
    if said != meant:
        raise Misconfigured(f"{card.name} {card.version} asks or answers otherwise than {NAME}")


def prevent_in(folder: Path, pool: RunPool, execution: Execution) -> Version:
    """Load the version of PREVENT that a folder holds.

    Raises:
        Misconfigured: It is refused.
    """
    card, session = loaded(folder, refuse_another_model, execution)
    return Version(card, session, pool, execution)


def answers_in(arrays: Arrays) -> tuple[Floats, Indices]:
    """Read what the model answered: risks (n, 2, 5) and models (n,)."""
    risks, models = arrays
    return np.asarray(risks, dtype=np.float64), np.asarray(models, dtype=np.int64)


class PreventModel:
    """One version, asked directly; blocks."""

    def __init__(self, folder: Path, execution: Execution) -> None:
        self.card, self._session = loaded(folder, refuse_another_model, execution)

    def answer(self, inputs: Sequence[PreventInputs]) -> list[PreventRisks]:
        """Answer inputs of which none is refused, in order."""
        return risks_of(inputs, *answers_in(self._session.run((rows_of(inputs),))))
