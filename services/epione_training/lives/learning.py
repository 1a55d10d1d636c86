"""From a cohort to a model folder: count, weigh the lifts, train, read the genomes, store."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from epione.errors import MalformedCohort, Misconfigured
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.batches import Reading, batches_of
from epione_training.lives.calibration import calibration_of, write_calibration
from epione_training.lives.card import write_card
from epione_training.lives.cohort import Cohort
from epione_training.lives.genes import with_genes
from epione_training.lives.network import SIZES, Network
from epione_training.lives.store import Stored, save
from epione_training.lives.support import support_of
from epione_training.lives.training import CHECKPOINT, Progress, Schedule, Training, summed

VALIDATED = 20  # one patient in so many chooses the best weights, and is not learned from
SCALES = np.linspace(0, 1, 11)
# The smallest size with so many events: above it a network learns the cohort by heart. This
# project's own rule, from losses on Delphi's simulated lives (tests/benchmarks/README.md).
SIZE_FROM = {"0.5M": 0, "2M": 500_000, "8M": 2_000_000}


def learn(
    cohort: Cohort,
    out: Path,
    schedule: Schedule,
    size: str = "",
    resume: bool = False,
    told: Callable[[Progress], None] = lambda _: None,
    planted: str = "",
) -> Stored:
    """Train on a cohort, and leave the model in a folder, with its calibration and its card.

    `planted` is the version of the world that the cohort was drawn from, where it was.

    Raises:
        MalformedCohort: It has too few lives to learn from and to judge by.
        Misconfigured: There is nothing to resume, or something that would be lost.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    if resume != (out / CHECKPOINT).exists():
        missing = "no run to resume" if resume else "a run already: resume it, or choose another"
        raise Misconfigured(f"{out} holds {missing}")
    learned, held = cohort.split(VALIDATED, byte=1)
    if not len(learned) or not len(held):
        raise MalformedCohort(f"{len(cohort)} lives are too few to learn from and to judge by")
    size = size or size_for(int(learned.counts.sum()))
    torch.manual_seed(schedule.seed)
    bare, bare_held = learned.without_genome(), held.without_genome()
    baseline = with_scale(baseline_of(learned), bare_held, schedule.reading)
    network = Network(cohort.vocabulary, baseline, SIZES[size])
    training = Training(network, bare, bare_held, schedule, out, time.monotonic() - began)
    if resume:
        training.go_on()
    training.run(told)
    baseline = with_genes(baseline, network, learned, schedule.reading)
    facts = {
        "size": size,
        "weights": sum(weight.numel() for weight in network.parameters()),
        "cohort": {
            "lives": len(learned),
            "validated_by": len(held),
            "events": int(learned.counts.sum()),
            "planted": planted,
        },
        "support": support_of(learned),
        "training": asdict(schedule)
        | {"took_steps": training.step, "took_s": round(training.spent_s)},
        "validated_likelihood": training.best.likelihood,
    }
    stored = Stored(network, baseline, cohort.vocabulary, SIZES[size], facts)
    save(stored, out)
    write_calibration(calibration_of(network, learned, held, schedule.reading), out)
    write_card(out, facts, datetime.now(UTC).date())
    return stored


def size_for(n_events: int) -> str:
    """Give the size that a cohort of so many events can fill.

    >>> size_for(160_000), size_for(3_000_000)
    ('0.5M', '8M')
    """
    return max(
        (size for size, least in SIZE_FROM.items() if n_events >= least), key=SIZE_FROM.__getitem__
    )


def with_scale(baseline: Baseline, held: Cohort, reading: Reading) -> Baseline:
    """Weigh the lifts so that lives which were not counted are likeliest."""
    batches = list(batches_of(held, reading))

    def likelihood(scale: float) -> float:
        network = Network(held.vocabulary, replace(baseline, scale=scale), None)
        return float(summed(network, batches).likelihood)

    return replace(baseline, scale=float(min(SCALES, key=likelihood)))
