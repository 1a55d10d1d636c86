"""Reasons: what a rate would be without each thing that a history says."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.inference.lives.test_model import LONG, SHORT
from tests.unit.training.lives.worlds import DEATH, B

from epione.timeline.risk_within import Floats, rates_of
from epione_inference.lives import Life, LifeModel
from epione_inference.lives.explaining import left_out_of, movers_of


@pytest.fixture(scope="module")
def model(served_life: Path) -> LifeModel:
    return LifeModel(served_life)


def rates(model: LifeModel, life: Life) -> Floats:
    return rates_of(model.read([life]).log_rates[0, 0])


def test_each_thing_that_is_said_is_left_out_in_turn(model: LifeModel) -> None:
    _, left_out = left_out_of(model, [SHORT, LONG])

    movers = movers_of(LONG, rates(model, LONG), left_out, [DEATH], model.vocabulary)

    assert {each.name for each in movers} == {"A (first)", "B", "C", "*1/*2"}
    for each in movers:
        place = LONG.tokens == model.vocabulary.by_name[each.name]
        other = Life(LONG.ages_days[~place], LONG.tokens[~place])
        without = rates(model, other)[DEATH]
        assert each.times == pytest.approx(rates(model, LONG)[DEATH] / without, rel=1e-4)
        assert each.age_days == LONG.ages_days[place][0]


def test_of_several_codes_their_common_rate_is_moved(model: LifeModel) -> None:
    (left_out,) = left_out_of(model, [SHORT])
    now = rates(model, SHORT)

    (mover,) = movers_of(SHORT, now, left_out, [DEATH, B], model.vocabulary)

    without = rates(model, Life(SHORT.ages_days[:-1], SHORT.tokens[:-1]))
    assert mover.times == pytest.approx(
        (now[DEATH] + now[B]) / (without[DEATH] + without[B]), rel=1e-4
    )


def test_the_strongest_comes_first(model: LifeModel) -> None:
    (left_out,) = left_out_of(model, [LONG])

    movers = movers_of(LONG, rates(model, LONG), left_out, [DEATH], model.vocabulary)

    strengths = [abs(np.log(each.times)) for each in movers]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) == 4


def test_no_life_has_no_reasons(model: LifeModel) -> None:
    assert left_out_of(model, []) == []
