"""A trained model as a folder: what is needed to evaluate it, go on with it, or export it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from epione.errors import Misconfigured
from epione.timeline.calibration import Calibration
from epione.timeline.vocabulary import Vocabulary
from epione_training.lives.baseline import Baseline
from epione_training.lives.calibration import read_calibration, write_calibration
from epione_training.lives.network import Network, Shape

MODEL, VOCABULARY, COUNTED, WEIGHTS = "model.json", "vocabulary.json", "counted.npz", "weights.pt"
FORMAT = 3


@dataclass(frozen=True)
class Stored:
    """A network with what it was made from; `facts` is JSON, of the cohort and the training."""

    network: Network
    baseline: Baseline
    vocabulary: Vocabulary
    shape: Shape
    facts: Mapping[str, Any]
    calibration: Calibration

    def counting(self, scale: float | None = None) -> Network:
        """Give what counting alone foresees; a scale of 0 leaves the lifts out."""
        scale = self.baseline.scale if scale is None else scale
        return Network(self.vocabulary, replace(self.baseline, scale=scale), None)


def save(stored: Stored, into: Path) -> None:
    """Write a model into a folder that is there."""
    about = {"format": FORMAT, "shape": asdict(stored.shape), **stored.facts}
    (into / MODEL).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (into / VOCABULARY).write_text(stored.vocabulary.to_json(), encoding="utf-8")
    np.savez_compressed(into / COUNTED, **_arrays_of(stored.baseline))
    torch.save(stored.network.state_dict(), into / WEIGHTS)
    write_calibration(stored.calibration, into)


def load(folder: Path) -> Stored:
    """Read what `save` wrote.

    Raises:
        Misconfigured: The folder holds no model, one of another format, or no calibration.
    """
    try:
        facts = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if facts.pop("format", None) != FORMAT:
            raise Misconfigured(f"{folder} holds a model of another format than {FORMAT}")
        vocabulary = Vocabulary.from_json((folder / VOCABULARY).read_text(encoding="utf-8"))
        with np.load(folder / COUNTED) as arrays:
            baseline = _baseline_from(arrays)
        weights = torch.load(folder / WEIGHTS, weights_only=True)
    except (OSError, ValueError, KeyError) as fault:
        raise Misconfigured(f"{folder} holds no trained model: {fault}") from fault
    shape = Shape(**facts.pop("shape"))
    network = Network(vocabulary, baseline, shape)
    network.load_state_dict(weights)
    network.eval()
    return Stored(network, baseline, vocabulary, shape, facts, read_calibration(folder))


def _arrays_of(baseline: Baseline) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in asdict(baseline).items()}


def _baseline_from(arrays: Mapping[str, Any]) -> Baseline:
    found = {name: arrays[name] for name in Baseline.__dataclass_fields__}
    return Baseline(**found | {"scale": float(found["scale"])})
