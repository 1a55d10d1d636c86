"""Rates and lifts against a world whose own are known."""

import numpy as np
import pytest
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

from epione.timeline.risk_within import NO_RATE
from epione_training.lives.baseline import baseline_of


@pytest.fixture(scope="module")
def lived() -> tuple[np.ndarray, np.ndarray, list[int]]:
    baseline = baseline_of(world(8_000))
    return np.exp(baseline.age_sex) * YEAR, baseline.lift, baseline.lifted.tolist()


@pytest.mark.parametrize(
    ("sex", "code", "rate"),
    [
        pytest.param(0, A, RATES[A], id="of women"),
        pytest.param(1, A, RATES[A], id="of men"),
        pytest.param(0, C, RATES[C], id="what is rarer in women"),
        pytest.param(1, C, 3 * RATES[C], id="what is commoner in men"),
        pytest.param(2, DEATH, RATES[DEATH], id="death in everyone"),
    ],
)
def test_rates_are_those_of_people_who_may_still_get_it(
    lived: tuple[np.ndarray, np.ndarray, list[int]], sex: int, code: int, rate: float
) -> None:
    """Half of those of sixty have had A: counted among everyone, its rate would be half."""
    rates, _, _ = lived

    assert rates[sex, 4:14, code].mean() == pytest.approx(rate, rel=0.1)


def test_a_rate_of_an_age_with_many_events_is_its_own() -> None:
    """And not what it and its neighbours have together, here half of it."""
    chance = np.random.default_rng(0)
    lives = [
        life((0, FEMALE), (int(YEAR * chance.uniform(60, 65)), A), (int(YEAR * 75), NO_EVENT))
        for _ in range(3_000)
    ]

    rates = np.exp(baseline_of(cohort_of(lives)).age_sex[0, :, A]) * YEAR

    assert rates[12] == pytest.approx(1 / 2.5, rel=0.2)  # they have it after 2.5 years of it
    assert rates[11] < rates[12] / 20


def test_what_is_no_event_has_no_rate() -> None:
    baseline = baseline_of(world(200))

    assert (baseline.age_sex[..., [0, 1, FEMALE, MALE]] == NO_RATE).all()


def test_a_lift_is_how_much_oftener_one_follows_the_other(
    lived: tuple[np.ndarray, np.ndarray, list[int]],
) -> None:
    """Of people who are else alike: B's rate in all those of an age is a mixture of both."""
    _, lift, lifted = lived
    place = lifted.index

    assert np.exp(lift[place(A), place(B)]) == pytest.approx(LIFT_OF_B_AFTER_A, rel=0.1)
    assert np.exp(lift[place(A), place(C)]) == pytest.approx(1, abs=0.15)
    assert np.exp(lift[place(C), place(DEATH)]) == pytest.approx(1, abs=0.15)


def test_what_shares_a_day_does_not_lift_each_other() -> None:
    together = [life((0, FEMALE), (9_000, A), (9_000, B), (30_000, DEATH)) for _ in range(20)]
    baseline = baseline_of(cohort_of(together))
    place = baseline.lifted.tolist().index

    assert baseline.lift[place(A), place(B)] <= 0
