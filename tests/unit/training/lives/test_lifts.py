"""Factors of pairs that are found together, and none where there is none."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.training.lives.worlds import (
    FEMALE,
    LIFT_OF_B_AFTER_A,
    VOCABULARY,
    A,
    B,
    C,
    cohort_of,
    life,
    world,
)

from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives import lifts
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.lifts import log_factors

HABIT = len(VOCABULARY)
WITH_HABIT = Vocabulary((*VOCABULARY.names, "habit"), (*VOCABULARY.kinds, Kind.LIFESTYLE))


@pytest.fixture(scope="module")
def counted() -> Baseline:
    return baseline_of(world(3_000))


def test_the_planted_factor_is_found(counted: Baseline) -> None:
    """A's on B; held against everyone it is below 2."""
    place = counted.lifted.tolist().index

    found = np.exp(counted.lift[place(A), place(B)])
    assert found == pytest.approx(LIFT_OF_B_AFTER_A, rel=0.1)


def test_pairs_that_do_not_concern_each_other_have_none(counted: Baseline) -> None:
    place = counted.lifted.tolist().index

    for pair in ((A, C), (B, C), (C, A), (C, B)):
        assert counted.lift[place(pair[0]), place(pair[1])] == pytest.approx(0, abs=0.2)


def test_the_rates_of_everyone_stay_what_they_are(counted: Baseline) -> None:
    """B's mean factor is one at birth, when nobody had A, and more where many did."""
    of_b = counted.mean_lift[0, 0, :, counted.lifted.tolist().index(B)]

    assert of_b[0] == pytest.approx(0.1, abs=0.07)
    assert of_b[12] > 0.5


@pytest.mark.parametrize(
    ("seen", "expected", "low", "high"),
    [
        pytest.param(400.0, 100.0, 1.3, 1.4, id="much oftener than expected"),
        pytest.param(105.0, 100.0, 0.0, 0.02, id="chance"),
        pytest.param(3.0, 1.2, 0.0, 0.2, id="too few to tell"),
        pytest.param(20.0, 100.0, -1.7, -1.4, id="less often"),
    ],
)
def test_a_factor_is_drawn_to_none_by_how_sure_it_is(
    seen: float, expected: float, low: float, high: float
) -> None:
    """Among 95 pairs that are as expected."""
    others = np.full(95, 50.0)

    found = log_factors(np.append(others, seen), np.append(others, expected))[-1]

    assert low <= found <= high


def test_more_passes_change_little(counted: Baseline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lives without a token of no event let A's factor on B run away: to 7 in six passes."""
    monkeypatch.setattr(lifts, "PASSES", 6)

    assert baseline_of(world(3_000)).lift == pytest.approx(counted.lift, abs=0.12)


def test_what_is_not_foreseen_has_no_factor() -> None:
    """A habit is said once; it follows what was from birth in every life."""
    lives = [life((0, FEMALE), (0, A), (9_000, HABIT), (20_000, B)) for _ in range(30)]
    cohort = replace(cohort_of(lives), vocabulary=WITH_HABIT)

    baseline = baseline_of(cohort)

    assert (baseline.lift[:, baseline.lifted.tolist().index(HABIT)] == 0).all()
