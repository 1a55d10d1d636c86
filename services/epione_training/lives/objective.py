"""What the network is trained for, and the losses that are reported.

**Trained for**: the likelihood of a life. Rates λ of codes k hold from a day that has tokens to the
next; an event of code k on the next such day costs −log λ_k, and every day between costs Λ = Σ λ.
What shares a day is foreseen from the day before, never from each other.

**Reported**, as Delphi does (Shmatko et al. 2025, Nature 647:248), in nats an event: the event loss
is −log (λ_k / Λ), and the time loss −log Λ' + Λ' d, where d is 0.1 and the days since the day
before, one at least, and Λ' is no more than ten a day: 1 / Λ' = 1 / Λ + 0.1. Their sum is the total
loss. Time that no event ends is not in it: it says how well events are foreseen, and not how well
quiet is. The likelihood says both.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from epione_training.lives.batches import Batch

SHORTEST_DAYS = 0.1


class Losses(NamedTuple):
    """Sums over a batch's events."""

    event: Tensor
    time: Tensor
    likelihood: Tensor  # negative log
    n_events: Tensor

    @classmethod
    def total_of(cls, each: "Iterable[Losses]") -> "Losses":
        """Add up the losses of batches."""
        return cls(*(torch.stack(column).sum() for column in zip(*each, strict=True)))


def losses_of(log_rates: Tensor, batch: Batch, predicted: Tensor) -> Losses:
    """Sum the losses of a batch.

    Args:
        log_rates: (B, T, n_tokens), a day, that hold after each token.
        batch: The tokens that they were given for.
        predicted: (n_tokens,), whether a token is an event.
    """
    tokens, ages = batch
    total = log_rates.logsumexp(-1)  # (B, T)
    days = torch.diff(ages, dim=1, append=ages[:, -1:])  # (B, T), 0 within a day and at the end
    before = day_before(ages)
    is_event = predicted[tokens] & (before >= 0)
    row, _ = is_event.nonzero(as_tuple=True)
    source, of_event = before[is_event], tokens[is_event]  # (n_events,) each
    rate, total_then = log_rates[row, source, of_event], total[row, source]
    waited = (ages[is_event] - ages[row, source]).clamp(min=1) + SHORTEST_DAYS
    bounded = -(torch.exp(-total_then) + SHORTEST_DAYS).log()
    return Losses(
        event=(total_then - rate).sum(),
        time=(bounded.exp() * waited - bounded).sum(),
        likelihood=(total.exp() * days).sum() - rate.sum(),
        n_events=is_event.sum(),
    )


def day_before(ages_days: Tensor) -> Tensor:
    """Give the place of the last token of an earlier day: (B, T), -1 where there is none."""
    return torch.searchsorted(ages_days.contiguous(), ages_days.contiguous()) - 1
