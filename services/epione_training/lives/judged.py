"""What `epione evaluate` judges: a trained model, or an exported one by the graph that serves."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epione.errors import Misconfigured
from epione.timeline.calibration import Calibration
from epione.timeline.exported import CARD, MODEL, VOCABULARY, Form
from epione.timeline.vocabulary import Vocabulary
from epione_training.lives.export import Graph, Served
from epione_training.lives.genome import Foresees
from epione_training.lives.store import load


@dataclass(frozen=True)
class Judged:
    """A model, and what stands beside it.

    An export has no baselines: its parts of age and sex and of lifts were trained on with the
    transformer, and are not what counting alone foresees.
    """

    model: Foresees
    vocabulary: Vocabulary
    calibration: Calibration
    baselines: Mapping[str, Foresees] = field(default_factory=dict)
    facts: Mapping[str, Any] | None = None  # those of `model.json`, of a trained model
    cohort: Mapping[str, Any] = field(default_factory=dict)  # that it learned from, of the facts


def judged_in(folder: Path) -> Judged:
    """Load what `epione train` or `epione export` wrote.

    Raises:
        Misconfigured: The folder holds neither, or a graph that is not what its card says.
    """
    if (folder / MODEL).exists():
        return _exported_in(folder)
    stored = load(folder)
    return Judged(
        stored.network,
        stored.vocabulary,
        stored.calibration,
        {"lift": stored.counting(), "age_sex": stored.counting(0)},
        stored.facts,
        stored.facts.get("cohort", {}),
    )


def _exported_in(folder: Path) -> Judged:
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
        vocabulary = Vocabulary.from_json((folder / VOCABULARY).read_text("utf-8"))
        form, sha256 = Form(**card["form"]), card["artefact"]["sha256"]
        calibration = Calibration.from_json(card["calibration"])
        cohort = card["model"].get("cohort", {})
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Misconfigured(f"{folder} holds no exported model: {fault}") from fault
    artefact = (folder / MODEL).read_bytes()
    if hashlib.sha256(artefact).hexdigest() != sha256:
        raise Misconfigured(f"the graph of {folder} is not the one that its card describes")
    served = Served(Graph(artefact, form), vocabulary)
    return Judged(served, vocabulary, calibration, cohort=cohort)
