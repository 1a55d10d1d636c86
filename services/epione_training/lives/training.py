"""Training: from a cohort to weights, by steps or by minutes; it can be gone on with.

With `steps` the same seed gives the same weights, whether it was interrupted or not: each step
draws its chance from the seed and its own number. With `minutes` the clock decides how many steps
there are, so a run is as long as it was told to be and no run equals another.
"""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from epione_training.lives.batches import Batch, Reading, batch_of, batches_of, shuffled
from epione_training.lives.cohort import Cohort, Ints
from epione_training.lives.network import Network
from epione_training.lives.objective import Losses, losses_of

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
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


@dataclass(frozen=True)
class Progress:
    """Where training is; losses are per event, `validated` of the last validation."""

    done: float  # 0 to 1
    step: int
    seconds: float
    likelihood: float
    validated: float | None = None


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
    ) -> None:
        """Begin anew.

        Args:
            network: What learns.
            cohort: The lives that it learns from.
            held: Those by which the best weights are chosen.
            schedule: How long and how fast.
            into: A folder for the log and the checkpoint.
            spent_s: Seconds that went by before, of the schedule's minutes.
        """
        self.network, self.cohort, self.held = network, cohort, held
        self.schedule, self.into = schedule, into
        self.average = AveragedModel(network, avg_fn=partial(_averaged, most=schedule.average))
        self.optimiser = torch.optim.AdamW(
            _groups(network, schedule.decay), lr=schedule.rate, betas=(0.9, 0.99)
        )
        self.step, self.spent_s, self.best = 0, spent_s, _Best()
        self._per_epoch = math.ceil(len(cohort) / schedule.reading.size)

    def run(self, told: Callable[[Progress], None]) -> None:
        """Train to the end, and leave the network with the best weights that were found.

        Where it is interrupted, it keeps what there is.
        """
        self.network.train()
        try:
            with (self.into / LOG).open("a", encoding="utf-8") as log:
                for progress in self._steps():
                    if progress.validated is not None or progress.step % LOGGED_EVERY == 0:
                        log.write(json.dumps(asdict(progress)) + "\n")
                        told(progress)
        except KeyboardInterrupt:
            self.keep()
            raise
        self._validated()
        self.keep()
        self.network.load_state_dict(self.best.weights)
        self.network.eval()

    def _steps(self) -> Iterator[Progress]:
        """Take steps until the schedule ends, or nothing is gained any more."""
        began, kept = time.monotonic() - self.spent_s, time.monotonic()
        rows = self._rows()
        while self.done < 1 and self.best.since < self.schedule.patience:
            loss = self._learn(next(rows))
            validated = self._validated() if self.step % self._per_epoch == 0 else None
            self.spent_s = time.monotonic() - began
            yield Progress(self.done, self.step, self.spent_s, loss, validated)
            if time.monotonic() - kept > KEPT_EVERY_S:
                self.keep()
                kept = time.monotonic()

    @property
    def done(self) -> float:
        """Say how much of the run is over: 0 to 1."""
        by_steps = self.step / self.schedule.steps if self.schedule.steps else 0.0
        by_time = self.spent_s / (60 * self.schedule.minutes) if self.schedule.minutes else 0.0
        return min(1.0, max(by_steps, by_time))

    def keep(self) -> None:
        """Write a checkpoint; one that is cut off leaves the last one whole."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
            "best": asdict(self.best),
        }
        torch.save(state, self.into / f"{CHECKPOINT}.part")
        (self.into / f"{CHECKPOINT}.part").replace(self.into / CHECKPOINT)

    def go_on(self) -> None:
        """Take up the checkpoint that was kept last."""
        state: dict[str, Any] = torch.load(self.into / CHECKPOINT, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.spent_s, self.best = state["step"], state["spent_s"], _Best(**state["best"])

    def _rows(self) -> Iterator[Ints]:
        """Give the lives of each step, from the one to come on."""
        while True:
            epoch, skipped = divmod(self.step, self._per_epoch)
            chance = np.random.default_rng([self.schedule.seed, epoch])
            batches = list(shuffled(self.cohort.lengths, self.schedule.reading.size, chance))
            yield from batches[skipped:]

    def _learn(self, rows: Ints) -> float:
        """Take one step; give the loss before it."""
        schedule = self.schedule
        torch.manual_seed(schedule.seed * 1_000_003 + self.step)
        chance = np.random.default_rng([schedule.seed, self.step, 1])
        batch = batch_of([self.cohort[n] for n in rows], schedule.reading, chance)
        for group in self.optimiser.param_groups:
            group["lr"] = schedule.rate * _rate_at(self.done, schedule)
        losses = losses_of(self.network(*batch), batch, self.network.predicted)
        loss = losses.likelihood / losses.n_events.clamp(min=1)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)
        self.step += 1
        return float(loss.detach())

    def _validated(self) -> float:
        """Say how well the averaged weights foresee the held lives; keep them if best."""
        averaged = cast(Network, self.average.module)
        losses = summed(averaged, batches_of(self.held, self.schedule.reading))
        likelihood = float(losses.likelihood / losses.n_events)
        self.best.since += 1
        if likelihood < self.best.likelihood:
            weights = {k: v.clone() for k, v in averaged.state_dict().items()}
            self.best = _Best(likelihood, weights)
        return likelihood


def summed(network: Network, batches: Iterable[Batch]) -> Losses:
    """Sum the losses of lives that are not learned from."""
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        each = [losses_of(network(*batch), batch, network.predicted) for batch in batches]
    network.train(was_training)
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
