"""Areas and calibration, against what is counted by hand and against the true rates."""

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import (
    DEATH,
    FEMALE,
    LIFT_OF_B_AFTER_A,
    MALE,
    NO_EVENT,
    RATES,
    YEAR,
    A,
    B,
    C,
    cohort_of,
    life,
    world,
)
from torch import Tensor, nn

from epione.timeline.risk_within import NO_RATE
from epione_training.lives.auc import Foreseen, area_of, areas_of
from epione_training.lives.batches import Reading
from epione_training.lives.evaluation import evaluation_of, judged_codes


class Truth(nn.Module):
    """The rates by which the world was drawn."""

    predicted = torch.tensor([token in RATES for token in range(8)])

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        had = nn.functional.one_hot(tokens, 8).cumsum(1) > 0
        rates = torch.full((*tokens.shape, 8), NO_RATE)
        for code, rate in RATES.items():
            rates[..., code] = float(np.log(rate / YEAR))
        rates[..., B] += had[..., A] * np.log(LIFT_OF_B_AFTER_A)
        rates[..., C] += (tokens == MALE).any(1)[:, None] * np.log(3)
        return torch.where(had, NO_RATE, rates)


def test_an_area_is_the_share_of_pairs_that_are_in_order() -> None:
    chance = np.random.default_rng(0)
    cases, others = chance.integers(0, 9, 40) + 1.0, chance.integers(0, 9, 70) + 0.0

    pairs = [(case > other) + (case == other) / 2 for case in cases for other in others]

    assert area_of(cases, others).value == pytest.approx(np.mean(pairs))


def test_the_error_of_an_area_is_how_much_it_varies() -> None:
    chance = np.random.default_rng(0)
    drawn = [area_of(chance.normal(0.5, 1, 60), chance.normal(0, 1, 90)) for _ in range(2_000)]

    assert np.std([area.value for area in drawn]) == pytest.approx(
        np.mean([area.error for area in drawn]), rel=0.05
    )


def test_people_are_compared_with_those_of_their_age_and_sex_who_never_have_it() -> None:
    """Persons 0 and 1 have A at 42; 2 and 3 never; 4 is of the other age, 5 of the other sex."""
    foreseen = Foreseen(
        person=np.array([0, 1, 2, 3, 4, 5]),
        sex=np.array([0, 0, 0, 0, 0, 1]),
        age_years=np.array([42.0, 42, 42, 43, 71, 42]),
        token=np.array([A, A, B, NO_EVENT, NO_EVENT, NO_EVENT]),
        log_rates=np.array([[5], [1], [2], [0], [9], [9]], np.float32),
        codes=np.array([A]),
    )

    area = areas_of(foreseen, 0)[A]

    assert area.value == pytest.approx(3 / 4)
    assert area.cases == 2


def test_true_rates_expect_what_is_observed_in_every_sex_and_age() -> None:
    evaluation = evaluation_of(Truth(), world(3_000, seed=3), Reading())

    for bands in evaluation.calibration.values():
        for observed, expected in bands[:9]:
            assert observed == pytest.approx(expected, abs=4 * np.sqrt(expected) + 2)


def test_an_event_counts_at_the_age_of_the_rates_that_expected_it() -> None:
    """Who has A on the day of being 40 has it of rates that began to stand at 39."""
    one = life((0, FEMALE), (39 * YEAR, B), (40 * YEAR, A), (40 * YEAR, DEATH))
    lives = cohort_of([one] * 3)

    bands = evaluation_of(Truth(), lives, Reading()).calibration["female"]

    assert [observed for observed, _ in bands] == [0, 0, 0, 9, 0, 0, 0, 0, 0, 0]


def test_nothing_foresees_better_than_the_true_rates() -> None:
    lives = world(1_500, seed=4)
    truth = Truth()
    wrong = Truth()
    wrong.forward = lambda tokens, ages: truth(tokens, ages) + 0.3  # type: ignore[assignment]

    best, worse = (evaluation_of(each, lives, Reading()) for each in (truth, wrong))

    assert best.per_event["likelihood_loss"] < worse.per_event["likelihood_loss"]
    assert best.per_event["event_loss"] == pytest.approx(worse.per_event["event_loss"], rel=1e-4)
    assert best.per_event["total_loss"] == pytest.approx(
        best.per_event["event_loss"] + best.per_event["time_loss"]
    )


def test_a_lift_that_is_there_is_seen_in_the_area_of_its_code_alone() -> None:
    evaluation = evaluation_of(Truth(), world(4_000, seed=5), Reading())

    for areas in evaluation.areas.values():
        assert areas[B].value > 0.55
        assert areas[A].value == pytest.approx(0.5, abs=0.05)
        assert areas[DEATH].value == pytest.approx(0.5, abs=0.05)


def test_the_commonest_codes_are_judged_and_death() -> None:
    assert judged_codes(world(300)).tolist() == [A, B, C, DEATH]
