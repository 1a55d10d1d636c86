"""From a cohort to a model folder: count, weigh the lifts, train, read the genomes, store."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from epione.errors import MalformedCohort, Misconfigured
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.batches import Reading, batches_of
from epione_training.lives.calibration import calibration_of
from epione_training.lives.card import write_card
from epione_training.lives.cohort import Cohort
from epione_training.lives.configuration import CONFIG, as_toml
from epione_training.lives.genes import with_genes
from epione_training.lives.log import Progress
from epione_training.lives.network import SIZES, Network
from epione_training.lives.ranks import ALONE, Ranks
from epione_training.lives.store import Stored, save
from epione_training.lives.training import CHECKPOINT, Schedule, Training, summed

VALIDATED = 20  # one patient in so many chooses the best weights, and is not learned from
SCALES = np.linspace(0, 1, 11)
# The smallest size with so many events: above it a network learns the cohort by heart. This
# project's own rule, from losses on Delphi's simulated lives (tests/benchmarks/README.md), which
# hold 174,151 events in 181,293 rows.
SIZE_FROM = {"0.5M": 0, "2M": 500_000, "8M": 2_000_000}


def learn(
    cohort: Cohort,
    out: Path,
    schedule: Schedule,
    size: str = "",
    resume: bool = False,
    told: Callable[[Progress], None] = lambda _: None,
    planted: str = "",
    ranks: Ranks = ALONE,
) -> Stored:
    """Train on a cohort, and leave the model in a folder, with its calibration and its card.

    `planted` is the version of the world that the cohort was drawn from, where it was. On CUDA the
    transformer is compiled and reads in bfloat16; what is left is in float32, on the processor.
    Of several processes the first leaves it, and all give it.

    Raises:
        MalformedCohort: It has too few lives to learn from and to judge by.
        Misconfigured: There is nothing to resume, or something that would be lost.
    """
    began = time.monotonic()
    ready(out, resume)
    learned, held = cohort.split(VALIDATED, byte=1)
    if not len(learned) or not len(held):
        raise MalformedCohort(f"{len(cohort)} lives are too few to learn from and to judge by")
    size = size or size_for(learned.n_events)
    if ranks.is_first:
        (out / CONFIG).write_text(as_toml(size, schedule), "utf-8")
    bare, bare_held = learned.without_genome(), held.without_genome()
    baseline = ranks.from_first(
        lambda: with_scale(baseline_of(learned), bare_held, schedule.reading)
    )
    is_cuda = ranks.device.type == "cuda"
    network = begun(cohort, baseline, size, schedule.seed).to(ranks.device)
    if is_cuda and network.reader:
        network.reader.compile(dynamic=True)
    spent_s = ranks.from_first(lambda: time.monotonic() - began)
    training = Training(network, bare, bare_held, schedule, out, spent_s, ranks, mixed=is_cuda)
    if resume:
        training.go_on()
    training.run(told)
    network = deepcopy(network).to("cpu")  # a copy is not compiled

    def read() -> Stored:
        with_all = with_genes(baseline, network, learned, schedule.reading)
        calibration = calibration_of(network, learned, held, schedule.reading, network.leads())
        facts = {
            "size": size,
            "weights": sum(weight.numel() for weight in network.parameters()),
            "cohort": {
                "lives": len(learned),
                "validated_by": len(held),
                "events": learned.n_events,
                "planted": planted,
                "digest": cohort.digest,
            },
            "training": asdict(schedule)
            | {"took_steps": training.step, "took_s": round(training.spent_s)}
            | {"device": ranks.device.type, "processes": ranks.size},
            "validated_likelihood": training.best.likelihood,
        }
        return Stored(network, with_all, cohort.vocabulary, SIZES[size], facts, calibration)

    stored = ranks.from_first(read)  # with the network, which the genomes changed
    if ranks.is_first:
        save(stored, out)
        write_card(out, stored.facts, datetime.now(UTC).date())
    return stored


def ready(out: Path, resume: bool) -> None:
    """Make the folder of a run.

    Raises:
        Misconfigured: There is nothing to resume, or something that would be lost.
    """
    out.mkdir(parents=True, exist_ok=True)
    if resume != (out / CHECKPOINT).exists():
        missing = "no run to resume" if resume else "a run already: resume it, or choose another"
        raise Misconfigured(f"{out} holds {missing}")


def begun(cohort: Cohort, baseline: Baseline, size: str, seed: int) -> Network:
    """Give a network that has learned nothing yet, the same by the same seed."""
    torch.manual_seed(seed)
    return Network(cohort.vocabulary, baseline, SIZES[size])


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

    def likelihood(scale: float) -> float:
        network = Network(held.vocabulary, replace(baseline, scale=scale), None).eval()
        return float(summed(network, batches_of(held, reading)).likelihood)

    return replace(baseline, scale=float(min(SCALES, key=likelihood)))
