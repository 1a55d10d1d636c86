"""Areas within a horizon, against what is counted by hand and what chance does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from epione.timeline.told import YEAR_DAYS
from epione_training.lives.auc import area_of
from epione_training.lives.horizons import (
    Stood,
    areas_within,
    blocks_of,
    evenly,
    known_areas,
    weighed,
)

A, B, DEATH = 4, 5, 7
NEVER = np.inf


def stood(
    risks: list[float],
    waited_years: list[float],
    left_years: list[float],
    died_after_years: list[float] | None = None,
) -> Stood:
    """Women of 42, one row each, asked about A and death."""
    n = len(risks)
    death = died_after_years or [NEVER] * n
    return Stood(
        person=np.arange(n),
        sex=np.zeros(n, int),
        age_years=np.full(n, 42.0),
        log_rates=np.stack([np.array(risks), np.full(n, -12.0)], 1).astype(np.float32),
        waited_days=np.stack([waited_years, death], 1).astype(np.float32) * np.float32(YEAR_DAYS),
        left_days=np.array(left_years) * YEAR_DAYS,
        codes=np.array([A, DEATH]),
        death=DEATH,
    )


def test_a_case_has_the_code_within_the_horizon_and_others_are_followed_through_it() -> None:
    """Two cases at 1 and 4 years; two others; one has it at 8 years, and is an other until then."""
    of = stood([-7, -9, -8, -10, -6], [1, 4, NEVER, NEVER, 8], [20, 20, 20, 20, 20])

    within = areas_within(of, 5)[0].codes[A]

    assert within.value == pytest.approx(3 / 6)  # -7 is above two of three, -9 above one
    assert within.cases == 2
    assert areas_within(of, 10)[0].codes[A].cases == 3


@pytest.mark.parametrize(
    ("left", "died", "area"),
    [
        pytest.param(20, NEVER, 5 / 6, id="followed: an other, and above one case"),
        pytest.param(3, NEVER, 1.0, id="followed for less: left out"),
        pytest.param(3, 3, 5 / 6, id="died without it: an other"),
    ],
)
def test_who_is_followed_for_less_is_left_out_unless_dead(
    left: float, died: float, area: float
) -> None:
    of = stood(
        [-7, -8, -7.5, -9, -10],
        [1, 4, NEVER, NEVER, NEVER],
        [20, 20, left, 20, 20],
        [NEVER, NEVER, died, NEVER, NEVER],
    )

    assert areas_within(of, 5)[0].codes[A].value == pytest.approx(area)


def test_who_is_no_longer_followed_after_the_code_came_is_a_case() -> None:
    of = stood([-7, -8, -9, -10], [1, 2, NEVER, NEVER], [1.5, 2.5, 20, 20])

    assert areas_within(of, 5)[0].codes[A].cases == 2


def test_what_was_had_before_is_not_asked_about() -> None:
    of = stood([-7, -8, -np.inf, -9, -10], [1, 2, NEVER, NEVER, NEVER], [20] * 5)

    (block,) = (block for block in blocks_of(of, 5) if len(block.person))

    assert block.area[0] == 1
    assert (block.moved[2] == 0).all()


def test_the_error_of_one_age_is_that_of_delong() -> None:
    chance = np.random.default_rng(0)
    risks = chance.normal(-9, 1, 60)
    waited = np.where(np.arange(60) < 20, 1.0, NEVER)
    of = stood([*risks], [*waited], [20] * 60)

    area = areas_within(of, 5)[0].codes[A]

    alone = area_of(risks[:20], risks[20:])
    assert (area.value, area.error) == pytest.approx((alone.value, alone.error))


def test_a_person_who_is_asked_twice_tells_no_more_than_once() -> None:
    """The same people, of the same risks, five years on: two ages, one area and one error."""
    chance = np.random.default_rng(1)
    waited = np.where(np.arange(80) < 30, 1.0, NEVER)
    once = stood([*chance.normal(-9, 1, 80)], [*waited], [20] * 80)
    rows = ("person", "sex", "log_rates", "waited_days", "left_days")
    both: dict[str, Any] = {name: np.concatenate([getattr(once, name)] * 2) for name in rows}
    twice = replace(once, **both, age_years=np.repeat([42.0, 47.0], 80))

    alone, joined = (areas_within(of, 5)[0].codes[A] for of in (once, twice))

    assert joined.value == pytest.approx(alone.value)
    assert joined.error == pytest.approx(alone.error)


def test_the_error_of_a_mean_over_ages_is_how_much_it_varies() -> None:
    """People differ for good, so that their risks at two ages, and what comes, hang together."""
    chance = np.random.default_rng(2)

    def drawn() -> tuple[float, float]:
        n = 120
        frailty = chance.normal(0, 1.5, n)
        waited = chance.exponential(20 * np.exp(-frailty))
        had = waited < 5  # by the second age: not asked again
        second = replace(
            stood([*(frailty - 9)], [*np.where(waited < 12, waited - 5, NEVER)], [20] * n),
            age_years=np.full(n, 47.0),
        )
        second.log_rates[had] = -np.inf
        first = stood([*(frailty - 9)], [*np.where(waited < 12, waited, NEVER)], [20] * n)
        rows = ("person", "sex", "age_years", "log_rates", "waited_days", "left_days")
        both: dict[str, Any] = {
            name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in rows
        }
        area = areas_within(replace(first, **both), 10)[0].codes[A]
        return area.value, area.error

    values, errors = zip(*(drawn() for _ in range(600)), strict=True)

    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.1)


def test_codes_are_weighed_alike_and_of_a_code_its_ages() -> None:
    known = np.array([[True, True], [True, False]])

    assert evenly(known).tolist() == [[0.25, 0.5], [0.25, 0.0]]


def test_a_mean_leaves_death_out_and_of_too_few_cases_there_is_none() -> None:
    of = stood([-7, -8, -9, -10], [1, 2, NEVER, NEVER], [20] * 4, [8, NEVER, NEVER, NEVER])

    within = areas_within(of, 10)

    assert within[0].mean is not None
    assert within[0].mean.value == within[0].codes[A].value
    assert within[0].death is None
    assert within[1].mean is None
    assert not within[1].codes


def test_areas_add_up_by_weights() -> None:
    blocks = blocks_of(stood([-7, -8, -9, -10], [1, 2, NEVER, NEVER], [20] * 4), 5)

    doubled = weighed(blocks, 2.0 * evenly(known_areas(blocks)))

    assert doubled.value == pytest.approx(2.0)
