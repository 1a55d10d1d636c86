"""What a genome adds to what is foreseen, and how much of what it could add is recovered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from epione.timeline.vocabulary import Kind
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats
from epione_training.lives.objective import losses_of


class Foresees(Protocol):
    """A network, or the truth."""

    @property
    def predicted(self) -> Tensor: ...

    def __call__(self, tokens: Tensor, ages_days: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Estimate:
    """A mean or a ratio over lives, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class LossesByLife:
    """Losses of each life in nats, (n_lives,) each; see `objective.py`."""

    total: Floats
    event: Floats
    likelihood: Floats
    n_events: Floats

    NAMES = ("total", "event", "likelihood")

    def per_event(self) -> Mapping[str, float]:
        """Give the mean losses per event."""
        return {name: float(getattr(self, name).sum() / self.n_events.sum()) for name in self.NAMES}

    def less(self, other: "LossesByLife") -> Mapping[str, Estimate]:
        """Give by how much another's losses are below, per event of the same lives."""
        return {
            name: ratio(getattr(self, name) - getattr(other, name), self.n_events)
            for name in self.NAMES
        }


@dataclass(frozen=True)
class GenomeGain:
    """What lives with a genome lose by event with it, without it, and what it gains."""

    lives: int
    with_genome: LossesByLife
    without: LossesByLife

    def gained(self) -> Mapping[str, Estimate]:
        """Give what the genome gains, in nats an event."""
        return self.without.less(self.with_genome)

    def recovered(self, oracle: "GenomeGain") -> Mapping[str, Estimate]:
        """Give it as a share of what the truth gains by it, on the same lives."""

        def gain(of: GenomeGain, name: str) -> Floats:
            difference: Floats = getattr(of.without, name) - getattr(of.with_genome, name)
            return difference

        return {name: ratio(gain(self, name), gain(oracle, name)) for name in LossesByLife.NAMES}


def with_genome(cohort: Cohort) -> Cohort:
    """Give the lives whose genome was read."""
    genome = cohort.vocabulary.of_kind(Kind.GENOME)
    return cohort.where(np.array([bool(np.isin(life.tokens, genome).any()) for life in cohort]))


def genome_gain(foresees: Foresees, cohort: Cohort, reading: Reading) -> GenomeGain:
    """Hold the losses of lives with a genome against those of the same lives without it."""
    lives = with_genome(cohort)
    return GenomeGain(
        len(lives),
        losses_by_life(foresees, lives, reading),
        losses_by_life(foresees, lives.without_genome(), reading),
    )


def losses_by_life(foresees: Foresees, cohort: Cohort, reading: Reading) -> LossesByLife:
    """Give each life's losses, in the order of the lives."""
    rows = []
    order = np.argsort(cohort.lengths, kind="stable")
    with torch.inference_mode():
        for batch in batches_of(cohort, reading):
            log_rates = foresees(*batch)
            for n in range(len(batch.tokens)):
                one = slice(n, n + 1)
                life = Batch(batch.tokens[one], batch.ages_days[one])
                rows.append([float(x) for x in losses_of(log_rates[one], life, foresees.predicted)])
    by_life = np.empty((len(rows), 4))
    by_life[order] = rows
    event, time, likelihood, n_events = by_life.T
    return LossesByLife(event + time, event, likelihood, n_events)


def ratio(above: Floats, below: Floats) -> Estimate:
    """Give the ratio of two sums over lives, with its standard error over lives."""
    value = above.sum() / below.sum()
    error = np.sqrt(np.sum((above - value * below) ** 2)) / abs(below.sum())
    return Estimate(float(value), float(error))
