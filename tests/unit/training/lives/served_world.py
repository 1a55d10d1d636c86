"""The small world with names as a vocabulary has them, a genome, and a network of chance."""

from dataclasses import replace

import numpy as np
import torch
from tests.unit.training.lives.worlds import DEATH, VOCABULARY, world

from epione.timeline.calibration import HORIZONS_YEARS, N_BANDS, SEXES, Calibration, Support
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.cohort import Cohort
from epione_training.lives.network import Network, Shape
from epione_training.lives.store import Stored

SMALL = Shape(layers=2, width=16, heads=2, dropout=0.0)
NAMES = Vocabulary(
    ("Padding", "No event", "Female", "Male", "A (first)", "B", "C", "Death", "*1/*2"),
    (*VOCABULARY.kinds, Kind.GENOME),
)
GENOME = len(VOCABULARY)
RATIO, RATIO_OF_DEATH = 1.25, 0.5
FACTS = {"cohort": {"lives": 400, "validated_by": 0, "events": 1_000, "planted": ""}}


def calibration() -> Calibration:
    """Say that enough was held of everyone under ninety, and of every code but C."""
    events, lived = np.full((SEXES, N_BANDS, len(NAMES)), 400.0), np.full((SEXES, N_BANDS), 5e3)
    events[..., NAMES.by_name["C"]], lived[:, 9:] = 3, 20
    ratio = np.full((len(HORIZONS_YEARS), SEXES, N_BANDS, 2), RATIO)
    ratio[..., 1] = RATIO_OF_DEATH
    by_code = np.ones((len(HORIZONS_YEARS), len(NAMES)))
    return Calibration(ratio, by_code, Support(events, lived, from_birth=True), DEATH)


def lives(n: int, seed: int = 0) -> Cohort:
    """Draw lives of the small world, told in the served names."""
    return replace(world(n, seed), vocabulary=NAMES)


def stored() -> Stored:
    """Make a network with every weight by chance: nothing of it is silent."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    cohort = lives(400)
    baseline = _with_genome(replace(baseline_of(cohort), scale=0.7))
    network = Network(NAMES, baseline, SMALL)
    assert network.reader is not None
    with torch.no_grad():
        for weight in (network.counted.shift, network.counted.bend, network.reader.head.weight):
            torch.nn.init.normal_(weight, std=0.3)
    return Stored(network.eval(), baseline, NAMES, SMALL, FACTS, calibration())


def _with_genome(baseline: Baseline) -> Baseline:
    """Give a genome a lift of each code, and another beside B, by chance."""
    chance = np.random.default_rng(0)
    lift = np.pad(baseline.lift, ((0, 1), (0, 1)))
    lift[-1, :-1] = chance.normal(0, 0.5, len(baseline.lifted))
    beside = chance.normal(0, 0.5, (1, len(lift))).astype(np.float32)
    mean = np.pad(baseline.mean_lift, ((0, 0), (0, 0), (0, 0), (0, 1)))
    mean[1] += 0.1
    return replace(
        baseline,
        lifted=np.append(baseline.lifted, GENOME),
        lift=lift,
        mean_lift=mean,
        pairs=np.array([[GENOME, NAMES.by_name["B"]]]),
        pair_lift=beside,
    )
