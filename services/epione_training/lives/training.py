"""Training: from a cohort to weights, by steps or by minutes; it can be gone on with.

The minutes are those of counting and of learning. What genomes say and the calibration come after:
of 33,000 planted lives and 0.5M weights five minutes on a busy core, and of more lives little
more, for both read so many at most (`genes.py`, `calibration.py`).

With `steps` the same seed gives the same weights on one processor, whether it was interrupted or
not: each step draws its chance from the seed and its own number. With `minutes` the clock decides
how many steps there are, so a run is as long as it was told to be and no run equals another.

Where it is mixed, the transformer reads in bfloat16 while it learns. Weights, counted rates and
losses are in float32 always, and so is what lives that choose the best weights are read by.

A step's loss is the sum over its lives, divided by the same number in every step, and not the mean
over its events: lives of like length are read together, and death makes a life short, so that a
mean of each batch's own would give deaths too much weight.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from epione.errors import Misconfigured
from epione_training.lives.batches import Batch, Reading, batch_of, batches_of, shuffled
from epione_training.lives.cohort import Cohort, Ints
from epione_training.lives.genome import Foresees
from epione_training.lives.log import Progress, logged
from epione_training.lives.network import Network
from epione_training.lives.objective import Losses, losses_of
from epione_training.lives.ranks import ALONE, Ranks, sent

CHECKPOINT = "checkpoint.pt"
# A gradient's length: so few steps are that far off (those of planted lives and Delphi's are 0.2 to
# 1) that cutting them tips nothing; long lives, cut often, would count too little.
LONGEST_STEP = 5.0
LOGGED_EVERY, KEPT_EVERY_S = 20, 60.0  # steps; seconds between checkpoints


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; one of `steps` and `minutes` ends it."""

    steps: int | None = None
    minutes: float | None = None
    rate: float = 1e-3  # of learning, at its highest
    least: float = 0.05  # of it, at the end
    warm_up: float = 0.02  # of all
    decay: float = 0.1  # of weights
    average: float = 0.998  # of weights, from one step to the next
    patience: int = 6  # validations without gain
    seed: int = 0
    reading: Reading = field(default_factory=Reading)


@dataclass
class _Best:
    likelihood: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)
    since: int = 0


class Training:
    """One run. `into` keeps its log and checkpoint."""

    def __init__(
        self,
        network: Network,
        cohort: Cohort,
        held: Cohort,
        schedule: Schedule,
        into: Path,
        spent_s: float = 0.0,
        ranks: Ranks = ALONE,
        *,
        mixed: bool = False,
    ) -> None:
        """Begin anew.

        Args:
            network: What learns, on the device of `ranks`, and the same in each of them.
            cohort: The lives that it learns from.
            held: Those by which the best weights are chosen.
            schedule: How long and how fast.
            into: A folder for the log and the checkpoint.
            spent_s: Seconds that went by before, of the schedule's minutes.
            ranks: This process of those that share the run.
            mixed: Whether the transformer reads in bfloat16.
        """
        self.network, self.cohort, self.held = network, cohort, held
        self.schedule, self.into, self.ranks = schedule, into, ranks
        self.average = AveragedModel(network, avg_fn=partial(_averaged, most=schedule.average))
        network.mixed = mixed  # and not the average
        self.shared = ranks.sharing(network)
        self.optimiser = torch.optim.AdamW(
            _groups(network, schedule.decay), lr=schedule.rate, betas=(0.9, 0.99)
        )
        self.step, self.spent_s, self.best = 0, spent_s, _Best()
        self.counted_s = spent_s  # until the first step, which is the rate's beginning
        self._scale = schedule.reading.size * float(cohort.lengths.mean())
        self._per_epoch = math.ceil(len(cohort) / schedule.reading.size)
        self._is_whole = True  # not in the midst of a step

    def run(self, told: Callable[[Progress], None]) -> None:
        """Train to the end, and leave the network with the best weights that were found.

        Where it is interrupted between steps, it keeps what there is; in the midst of one, what was
        kept before stands.

        Raises:
            Misconfigured: It diverged; what was kept before stands.
        """
        self.network.train()
        try:
            with ExitStack() as stack:
                if self.ranks.is_first:
                    log = stack.enter_context(logged(self.into, self.step))
                for progress in self._steps():
                    if self.ranks.is_first:
                        log(progress)
                        told(progress)
        except KeyboardInterrupt:
            if self._is_whole:
                self.keep()
            raise
        self._validated()
        self._refuse_diverged(is_finite=bool(self.best.weights))
        self.keep()
        self.network.load_state_dict(self.best.weights)
        self.network.mixed = False
        self.network.eval()

    def _steps(self) -> Iterator[Progress]:
        """Take steps until the schedule ends, or nothing is gained any more; tell of some."""
        began, kept = time.monotonic() - self.spent_s, time.monotonic()
        rows = self._rows()
        while self.done < 1 and self.best.since < self.schedule.patience:
            own = self._learn(next(rows))
            validated = self._validated() if self.step % self._per_epoch == 0 else None
            self.spent_s = self._agreed(time.monotonic() - began)
            self._is_whole = True
            if validated is not None or self.step % LOGGED_EVERY == 0:
                likelihood, n_events = self.ranks.total(own.likelihood.detach(), own.n_events)
                loss = float(likelihood / n_events.clamp(min=1))
                self._refuse_diverged(is_finite=math.isfinite(loss))
                yield Progress(self.done, self.step, self.spent_s, loss, validated)
            if time.monotonic() - kept > KEPT_EVERY_S:
                self.keep()
                kept = time.monotonic()

    def _refuse_diverged(self, *, is_finite: bool) -> None:
        if not is_finite:
            raise Misconfigured(
                f"the run diverged at step {self.step}: give it a lower rate than "
                f"{self.schedule.rate:g}"
            )

    def _agreed(self, spent_s: float) -> float:
        """Give the time that is over: the first's, where it decides."""
        return self.ranks.from_first(lambda: spent_s) if self.schedule.minutes else spent_s

    @property
    def done(self) -> float:
        """Say how much of the run is over: 0 to 1."""
        return self._share(0.0)

    @property
    def _learned(self) -> float:
        """Say how much of what came and comes since the first step is over: 0 to 1."""
        return self._share(self.counted_s)

    def _share(self, since_s: float) -> float:
        if self.schedule.steps:
            return min(1.0, self.step / self.schedule.steps)
        whole_s = 60 * (self.schedule.minutes or 0.0) - since_s
        return min(1.0, (self.spent_s - since_s) / whole_s) if whole_s > 0 else 1.0

    def keep(self) -> None:
        """Write a checkpoint, if this is the first; one that is cut off leaves the last whole.

        Raises:
            Misconfigured: The run diverged.
        """
        if not self.ranks.is_first:
            return
        weights = self.network.parameters()
        self._refuse_diverged(is_finite=all(bool(each.isfinite().all()) for each in weights))
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
            "counted_s": self.counted_s,
            "best": asdict(self.best),
        }
        torch.save(state, self.into / f"{CHECKPOINT}.part")
        (self.into / f"{CHECKPOINT}.part").replace(self.into / CHECKPOINT)

    def go_on(self) -> None:
        """Take up the checkpoint that was kept last.

        Raises:
            Misconfigured: It is of a network of another shape.
        """
        state: dict[str, Any] = torch.load(
            self.into / CHECKPOINT, map_location=self.ranks.device, weights_only=True
        )
        try:
            self.network.load_state_dict(state["network"])
        except RuntimeError as fault:
            raise Misconfigured(
                f"the run in {self.into} is of another size, or of another cohort"
            ) from fault
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.best = state["step"], _Best(**state["best"])
        self.spent_s, self.counted_s = state["spent_s"], state["counted_s"]

    def _rows(self) -> Iterator[Ints]:
        """Give the lives of each step, from the one to come on."""
        while True:
            epoch, skipped = divmod(self.step, self._per_epoch)
            chance = np.random.default_rng([self.schedule.seed, epoch])
            batches = list(shuffled(self.cohort.lengths, self.schedule.reading.size, chance))
            yield from batches[skipped:]

    def _learn(self, rows: Ints) -> Losses:
        """Take one step; give this process's losses before it."""
        schedule = self.schedule
        torch.manual_seed(schedule.seed * 1_000_003 + self.step + (self.ranks.rank << 40))
        chance = np.random.default_rng([schedule.seed, self.step, 1])
        lives = [self.cohort[n] for n in rows]
        predicted = self.cohort.vocabulary.predicted
        whole = batch_of(lives, schedule.reading, chance, predicted=predicted)
        batch = self.ranks.part(whole)
        for group in self.optimiser.param_groups:
            group["lr"] = schedule.rate * _rate_at(self._learned, schedule)
        own = losses_of(self.shared(*batch), batch, self.network.predicted)
        self.optimiser.zero_grad()
        loss = own.likelihood / self._scale * self.ranks.size  # of which all take the mean
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_STEP)
        self._is_whole = False
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.step += 1
        return own

    def _validated(self) -> float:
        """Say how well the averaged weights foresee the held lives; keep them if best."""
        averaged = cast(Network, self.average.module.eval())
        likelihood = self.ranks.from_first(lambda: self._likelihood_by(averaged))
        self.best.since += 1
        if likelihood < self.best.likelihood:
            weights = {k: v.clone() for k, v in averaged.state_dict().items()}
            self.best = _Best(likelihood, weights)
        return likelihood

    def _likelihood_by(self, network: Network) -> float:
        losses = summed(network, batches_of(self.held, self.schedule.reading))
        return float(losses.likelihood / losses.n_events)


def summed(foresees: Foresees, batches: Iterable[Batch]) -> Losses:
    """Sum the losses of lives that are not learned from; a network is one that evaluates."""
    predicted = foresees.predicted
    with torch.inference_mode():
        each = [
            losses_of(foresees(*batch), batch, predicted)
            for batch in (sent(batch, predicted.device) for batch in batches)
        ]
    return Losses.total_of(each)


def _averaged(average: Tensor, now: Tensor, n: Tensor | int, most: float) -> Tensor:
    """Follow the weights, fast at first: their beginning is soon forgotten."""
    return average.lerp(now, 1 - min(most, (1 + int(n)) / (10 + int(n))))


def _rate_at(done: float, schedule: Schedule) -> float:
    """Give the share of the highest rate: it warms up, then falls along a cosine."""
    fall = schedule.least + (1 - schedule.least) * (1 + math.cos(math.pi * done)) / 2
    return min(1.0, (done + 1e-4) / schedule.warm_up) * fall


def _groups(network: Network, decay: float) -> list[dict[str, Any]]:
    """Decay matrices of the transformer, and nothing that was counted or scales."""
    decayed: list[Tensor] = []
    free: list[Tensor] = []
    for name, weight in network.named_parameters():
        (decayed if weight.dim() > 1 and not name.startswith("counted.") else free).append(weight)
    return [
        {"params": decayed, "weight_decay": decay},
        {"params": free, "weight_decay": 0.0},
    ]
