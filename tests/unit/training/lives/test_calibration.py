"""Ratios, intervals and refusals, where the truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.test_planted import SMALL, drawn
from torch import Tensor

from epione.errors import Misconfigured
from epione_training.lives.against_truth import limits_of
from epione_training.lives.batches import Reading
from epione_training.lives.calibration import (
    FEWEST_EVENTS,
    N_BANDS,
    SEXES,
    Calibration,
    Standing,
    Support,
    calibration_of,
    read_calibration,
    risk_of,
    standings,
    write_calibration,
)
from epione_training.lives.cohort import Cohort
from epione_training.lives.planted import world_of
from epione_training.lives.truth import Truth

DEATH = 9
ENOUGH = Support(np.full((SEXES, N_BANDS, 10), 1e6), np.full((SEXES, N_BANDS), 1e6))


class Doubled(Truth):
    """Rates that are twice the truth's."""

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        return super().forward(tokens, ages_days) + float(np.log(2))


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return drawn(SMALL, 2_500, tmp_path_factory.mktemp("lives"))


def standing(sex: int = 0, band: int = 5, had: int = 3) -> Standing:
    return Standing(
        np.array([sex]),
        np.array([band]),
        np.array([had]),
        np.full((1, 10), -9.0, np.float32),
        np.full((1, 10), np.inf),
        np.array([1e5]),
    )


def test_rates_that_are_twice_too_high_are_halved(lives: Cohort) -> None:
    learned, held = lives.split(5)

    calibration = calibration_of(Doubled(world_of(SMALL)), learned, held, Reading())

    assert calibration.ratio[1, :, 4:7] == pytest.approx(np.full((SEXES, 3), 0.6), abs=0.12)


def test_counts_of_the_true_rates_lie_in_their_intervals(lives: Cohort) -> None:
    learned, held = lives.split(2)

    calibration = calibration_of(Truth(world_of(SMALL)), learned, held, Reading())

    assert calibration.covered is not None
    assert calibration.covered >= 0.85
    assert calibration.checked > 5


@pytest.mark.parametrize(
    ("of", "holds"),
    [
        pytest.param(standing(), True, id="held by the cohort"),
        pytest.param(standing(sex=2), False, id="sex not known"),
        pytest.param(standing(had=0), False, id="no history"),
        pytest.param(standing(band=0, had=0), True, id="a child has none yet"),
    ],
)
def test_who_is_outside_of_the_cohort_is_refused(of: Standing, holds: bool) -> None:
    assert ENOUGH.holds(of).all() == holds


@pytest.mark.parametrize(
    ("events", "holds"),
    [
        pytest.param(FEWEST_EVENTS - 1, False, id="too few"),
        pytest.param(FEWEST_EVENTS, True, id="enough"),
    ],
)
def test_a_code_that_the_cohort_hardly_holds_near_an_age_is_refused(
    events: int, holds: bool
) -> None:
    few = np.zeros((SEXES, N_BANDS, 10))
    few[0, 6, 7] = events

    held = replace(ENOUGH, events=few).holds(standing(band=5))

    assert held[0, 7] == holds
    assert not held[0, :7].any()


def test_an_age_that_the_cohort_hardly_lived_is_refused() -> None:
    assert not replace(ENOUGH, lived_years=np.full((SEXES, N_BANDS), 999)).holds(standing()).any()


def test_a_risk_lies_within_its_interval_and_few_events_widen_it() -> None:
    events = ENOUGH.events.copy()
    events[..., 7] = 20
    calibration = Calibration(np.ones((3, SEXES, N_BANDS)), replace(ENOUGH, events=events))

    risk, low, high = calibration.risks(standing(), 1, DEATH)

    assert (low < risk).all()
    assert (risk < high).all()
    assert high[0, 7] / low[0, 7] > high[0, 6] / low[0, 6]


def test_a_risk_is_the_chance_of_coming_before_death() -> None:
    rates = np.full((1, 10), 1e-3)

    risks = risk_of(rates, rates, 500.0, DEATH)

    assert risks[0, 3] == pytest.approx((1 - np.exp(-1.0)) / 2)
    assert risks[0, DEATH] == pytest.approx(1 - np.exp(-0.5))


def test_what_is_refused_is_what_is_wrong(lives: Cohort) -> None:
    """A network that is right but for the oldest, of whom the cohort that was learned has few."""
    world = world_of(SMALL)

    class Wrong(Truth):
        def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
            old = (ages_days > 80 * 365.25)[..., None]
            return super().forward(tokens, ages_days) + torch.where(old, 5.0, 0.05)

    lived = ENOUGH.lived_years.copy()
    lived[:, 8:] = 10
    support = replace(ENOUGH, lived_years=lived)
    calibration = Calibration(np.ones((3, SEXES, N_BANDS)), support)

    limits = limits_of(Wrong(world), Truth(world), calibration, lives, Reading())

    assert limits.answered_error == pytest.approx(0.05, abs=1e-3)
    assert limits.refused_error is not None
    assert limits.answered_error is not None
    assert limits.refused_error > 2 * limits.answered_error
    assert limits.covered == 1
    assert not limits.observed_expected[:, :, 8:].any()


def test_what_came_is_counted_until_it_came_or_the_life_ended(lives: Cohort) -> None:
    first = next(standings(Truth(world_of(SMALL)), lives, Reading()))

    followed = first.followed_days(1.0)

    assert followed.max() <= 365.25
    assert (followed <= first.left_days[:, None]).all()
    assert (first.waited_days[first.came(1.0)] <= 365.25).all()


def test_a_calibration_is_read_as_it_was_left(tmp_path: Path) -> None:
    calibration = Calibration(np.full((3, SEXES, N_BANDS), 1.25), ENOUGH, 0.9, 12)
    write_calibration(calibration, tmp_path)

    again = read_calibration(tmp_path)

    assert np.array_equal(again.ratio, calibration.ratio)
    assert np.array_equal(again.support.events, ENOUGH.events)
    assert (again.covered, again.checked) == (0.9, 12)


def test_a_folder_without_a_calibration_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no calibration"):
        read_calibration(tmp_path)


def test_rates_stand_at_each_five_years_of_a_life(lives: Cohort) -> None:
    found = list(standings(Truth(world_of(SMALL)), lives, Reading()))
    quiet = [np.arange(1, life.ages_days[-1], 1826.25) for life in lives]

    assert sum(len(each.band) for each in found) == sum(map(len, quiet))
