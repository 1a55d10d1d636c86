"""The losses, worked out by hand on lives of a few tokens."""

import math

import pytest
import torch
from tests.unit.training.lives.worlds import DEATH, FEMALE, NO_EVENT, VOCABULARY, A, B

from epione_training.lives.batches import Batch
from epione_training.lives.objective import day_before, losses_of

PREDICTED = torch.tensor([kind in ("event", "death") for kind in VOCABULARY.kinds])
N = len(VOCABULARY)


def batch(*events: tuple[float, int]) -> Batch:
    ages, tokens = zip(*events, strict=True)
    return Batch(torch.tensor([tokens]), torch.tensor([ages]))


def rates(of: Batch, **by_code: float) -> torch.Tensor:
    """Give the same rates a day after every token, and none of what is not named."""
    log_rates = torch.full((*of.tokens.shape, N), -30.0)
    for name, rate in by_code.items():
        log_rates[..., VOCABULARY.by_name[name]] = math.log(rate)
    return log_rates


def test_an_event_costs_its_rate_and_every_day_the_sum_of_all() -> None:
    one = batch((0, FEMALE), (100, A), (150, NO_EVENT))

    losses = losses_of(rates(one, A=0.01, B=0.03), one, PREDICTED)

    assert losses.n_events == 1
    assert losses.likelihood.item() == pytest.approx(150 * 0.04 - math.log(0.01), rel=1e-5)


def test_the_reported_losses_are_those_of_delphi() -> None:
    one = batch((0, FEMALE), (100, A), (150, NO_EVENT))

    losses = losses_of(rates(one, A=0.01, B=0.03), one, PREDICTED)

    bounded = 1 / (1 / 0.04 + 0.1)
    assert losses.event.item() == pytest.approx(-math.log(0.25), rel=1e-5)
    assert losses.time.item() == pytest.approx(bounded * 100.1 - math.log(bounded), rel=1e-5)


def test_what_shares_a_day_is_foreseen_from_the_day_before() -> None:
    together = batch((0, FEMALE), (100, A), (100, B), (130, DEATH))
    log_rates = rates(together, A=0.01, B=0.03, Death=0.001)
    log_rates[0, 1] = -30.0  # what A alone would say of the rest of its day

    losses = losses_of(log_rates, together, PREDICTED)

    expected = 100 * 0.041 + 30 * 0.041 - math.log(0.01 * 0.03 * 0.001)
    assert losses.likelihood.item() == pytest.approx(expected, rel=1e-4)
    assert losses.n_events == 3


def test_what_comes_on_the_first_day_is_not_foreseen() -> None:
    first = batch((0, FEMALE), (0, A), (9, B))

    assert losses_of(rates(first, A=0.01, B=0.03), first, PREDICTED).n_events == 1


def test_padding_costs_nothing() -> None:
    one, padded = batch((0, FEMALE), (100, A)), batch((0, FEMALE), (100, A), (100, 0))

    plain = losses_of(rates(one, A=0.01), one, PREDICTED)

    assert losses_of(rates(padded, A=0.01), padded, PREDICTED) == plain


def test_the_day_before_is_its_last_token() -> None:
    ages = torch.tensor([[0.0, 0.0, 5.0, 5.0, 9.0]])

    assert day_before(ages).tolist() == [[-1, -1, 1, 1, 3]]
