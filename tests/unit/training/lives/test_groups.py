"""Gaps between groups: seen where they are, and told as chance where they may be."""

from dataclasses import replace

import numpy as np
import pytest

from epione.timeline.calibration import N_BANDS
from epione.timeline.told import YEAR_DAYS
from epione_training.lives.genome import Estimate
from epione_training.lives.groups import FEWEST_CASES, Counted, Group, groups_of, may_be_chance
from epione_training.lives.horizons import Stood

A, B, DEATH = 4, 5, 7
FIFTIES = 5


def cohort_of(
    chance: np.random.Generator, told: np.ndarray, sex: np.ndarray, genome: np.ndarray
) -> tuple[Stood, Counted]:
    """Draw people of 52, whose risk of A tells as much as `told` says of who gets it."""
    n = len(told)
    log_rate = chance.normal(-8.5, 1, n)
    waited = chance.exponential(np.exp(-log_rate))
    said = told * log_rate + (1 - told) * chance.normal(-8.5, 1, n)
    stood = Stood(
        person=np.arange(n),
        sex=sex,
        age_years=np.full(n, 52.0),
        log_rates=said[:, None].astype(np.float32),
        waited_days=waited[:, None].astype(np.float32),
        left_days=np.full(n, 20 * YEAR_DAYS),
        codes=np.array([A]),
        death=None,
    )
    observed, expected = np.zeros((2, n, N_BANDS))
    observed[:, FIFTIES] = chance.poisson(1.0, n)
    expected[:, FIFTIES] = 1.0
    return stood, Counted(sex, genome, observed, expected)


def groups(seed: int, *, men_told: float = 1.0) -> dict[str, Group]:
    chance = np.random.default_rng(seed)
    sex = np.repeat([0, 1], 400)
    told = np.where(sex == 1, men_told, 1.0)
    return dict(groups_of(*cohort_of(chance, told, sex, np.zeros(800, bool)))["sex"])


def test_a_gap_that_is_there_is_told_as_one() -> None:
    found = groups(0, men_told=0.0)

    gap = found["male"].auc_difference
    assert gap is not None
    assert gap.value < -0.1
    assert not may_be_chance(gap)
    assert found["male"].auc is not None
    assert found["male"].auc.value == pytest.approx(0.5, abs=0.06)
    assert found["male"].lives == 400


def test_of_gaps_that_are_chance_one_in_twenty_is_told_as_more() -> None:
    gaps = [groups(seed)["female"] for seed in range(200)]

    for name in ("auc_difference", "observed_expected_difference"):
        told = np.mean([not may_be_chance(getattr(each, name)) for each in gaps])
        assert told == pytest.approx(0.05, abs=0.04), name


def with_cases(n_cases: int, seed: int) -> Group:
    """Give the women, of whom so many have A within the horizon, as of as many men."""
    chance = np.random.default_rng(seed)
    sex = np.repeat([0, 1], 100)
    stood, counted = cohort_of(chance, np.ones(200), sex, np.zeros(200, bool))
    waited = np.where(np.arange(200) % 100 < n_cases, 9.0, np.inf)[:, None]
    few = replace(stood, waited_days=waited.astype(np.float32))
    return dict(groups_of(few, counted)["sex"])["female"]


def test_with_the_fewest_cases_chance_is_told_as_more_hardly_oftener() -> None:
    """Of the two cases that an area needs, 18 % would be."""
    gaps = [with_cases(FEWEST_CASES, seed).auc_difference for seed in range(300)]

    assert np.mean([gap is not None and not may_be_chance(gap) for gap in gaps]) < 0.1
    assert None not in gaps
    assert with_cases(FEWEST_CASES - 1, 0).auc_difference is None


def test_observed_over_expected_is_held_against_the_others() -> None:
    chance = np.random.default_rng(3)
    sex = np.repeat([0, 1], 300)
    stood, counted = cohort_of(chance, np.ones(600), sex, np.zeros(600, bool))
    counted.expected[sex == 1] *= 2

    men = groups_of(stood, counted)["sex"]["male"]

    assert men.observed_expected is not None
    assert men.observed_expected.value == pytest.approx(0.5, abs=0.1)
    assert men.observed_expected_difference is not None
    assert men.observed_expected_difference.value == pytest.approx(-0.5, abs=0.15)


def test_only_what_both_sides_have_is_compared() -> None:
    """B comes to women alone, and is foreseen by nothing: it makes no gap."""
    chance = np.random.default_rng(4)
    sex = np.repeat([0, 1], 300)
    stood, counted = cohort_of(chance, np.ones(600), sex, np.zeros(600, bool))
    b_waited = np.where(sex == 0, chance.exponential(3_000, 600), np.inf)
    with_b = Stood(
        stood.person,
        sex,
        stood.age_years,
        np.hstack([stood.log_rates, np.full((600, 1), -8, np.float32)]),
        np.hstack([stood.waited_days, b_waited[:, None].astype(np.float32)]),
        stood.left_days,
        np.array([A, B]),
        None,
    )

    assert groups_of(with_b, counted)["sex"] == groups_of(stood, counted)["sex"]


def test_genomes_are_a_group_where_some_have_one_and_some_do_not() -> None:
    chance = np.random.default_rng(5)
    sex, genome = np.repeat([0, 1], 400), np.tile([True, False], 400)
    told = np.where(genome, 1.0, 0.0)

    found = groups_of(*cohort_of(chance, told, sex, genome))["genome"]

    gap = found["read"].auc_difference
    assert gap is not None
    assert gap.value > 0.1
    assert not may_be_chance(gap)
    assert "genome" not in groups_of(*cohort_of(chance, told, sex, np.ones(800, bool)))


def test_ages_without_anyone_are_not_known() -> None:
    chance = np.random.default_rng(6)
    sex = np.repeat([0, 1], 200)

    ages = groups_of(*cohort_of(chance, np.ones(400), sex, np.zeros(400, bool)))["age"]

    assert ages["90 to 99"] == Group(0, None, None, None, None)
    assert ages["50 to 59"].lives == 400
    assert ages["50 to 59"].auc_difference is None  # nobody else to be held against


@pytest.mark.parametrize(
    ("value", "chance"),
    [
        pytest.param(0.0195, True, id="within 1.96 errors"),
        pytest.param(-0.0197, False, id="beyond"),
    ],
)
def test_a_difference_is_more_than_chance_beyond_its_interval(value: float, chance: bool) -> None:
    assert may_be_chance(Estimate(value, 0.01)) == chance
