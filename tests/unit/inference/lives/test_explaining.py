"""Reasons: what a rate would be without each thing that a history says."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from tests.unit.inference.lives.test_model import LONG, SHORT, life
from tests.unit.training.lives.worlds import DEATH, FEMALE, MALE, NO_EVENT, B

from epione.timeline.risk_within import Floats, rates_of
from epione.timeline.vocabulary import Kind, Vocabulary, range_names
from epione_inference.lives import Life, LifeModel
from epione_inference.lives.explaining import MOST_LEFT_OUT, LeftOut, left_out_of, movers_of
from epione_inference.lives.model import Read


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
        other = LONG.without(place)
        without = rates(model, other)[DEATH]
        assert each.times == pytest.approx(rates(model, LONG)[DEATH] / without, rel=1e-4)
        assert each.age_days == LONG.ages_days[place][0]


def test_of_several_codes_their_common_rate_is_moved(model: LifeModel) -> None:
    """What is left out on the last day leaves the day: now stays now."""
    (left_out,) = left_out_of(model, [SHORT])
    now = rates(model, SHORT)

    (mover,) = movers_of(SHORT, now, left_out, [DEATH, B], model.vocabulary)

    without = rates(model, life((0, FEMALE), (1, NO_EVENT), (9_000, NO_EVENT)))
    assert mover.times == pytest.approx(
        (now[DEATH] + now[B]) / (without[DEATH] + without[B]), rel=1e-4
    )


def test_a_code_is_left_out_wherever_it_stands_and_told_of_its_first_age(model: LifeModel) -> None:
    twice = life((0, MALE), (1, NO_EVENT), (4_000, B), (9_000, B), (9_500, NO_EVENT))

    (mover,) = movers_of(
        twice, rates(model, twice), left_out_of(model, [twice])[0], [DEATH], model.vocabulary
    )

    without = rates(model, life((0, MALE), (1, NO_EVENT), (9_500, NO_EVENT)))[DEATH]
    assert (mover.name, mover.age_days) == ("B", 4_000)
    assert mover.times == pytest.approx(rates(model, twice)[DEATH] / without, rel=1e-4)


RANGES = range_names("LOINC/8480-6", "mm[Hg]", [120, 140])
NAMED = Vocabulary(
    ("Padding", "No event", *RANGES, *(f"ICD10CM/A{n:02}" for n in range(40))),
    (Kind.PADDING, Kind.NO_EVENT, *(Kind.LIFESTYLE,) * 3, *(Kind.EVENT,) * 40),
)
FIRST_CODE = 2 + len(RANGES)


class Weighed:
    """Rates that are a sum over the different tokens of a life; it is asked of what is left."""

    vocabulary = NAMED

    def __init__(self) -> None:
        self.asked: list[Life] = []

    def read(self, lives: Sequence[Life]) -> Read:
        self.asked += lives
        rates = np.array([[[len(set(each.tokens)) + 1.0] * len(NAMED)] for each in lives])
        return Read(*(np.log(rates),) * 5)


def test_a_measurement_is_left_out_with_all_its_ranges() -> None:
    pressures = life((0, 2), (9, 3), (20, 3), (30, NO_EVENT))
    model = cast(LifeModel, Weighed())

    (left_out,) = left_out_of(model, [pressures])
    (mover,) = movers_of(pressures, np.full(len(NAMED), 4.0), left_out, [FIRST_CODE], NAMED)
    (one,) = movers_of(
        pressures,
        np.full(len(NAMED), 4.0),
        LeftOut([np.array([1, 2])], left_out.rates),
        [FIRST_CODE],
        NAMED,
    )

    assert [each.tolist() for each in left_out.places] == [[0, 1, 2]]
    assert mover.name == "LOINC/8480-6"
    assert one.name == "LOINC/8480-6 [120, 140) mm[Hg]"


def test_of_many_codes_the_latest_that_are_predicted_are_left_out() -> None:
    codes = [(100 + n, FIRST_CODE + n) for n in range(40)]
    long = life((0, 2), *codes, (900, 3))
    model = Weighed()

    (left_out,) = left_out_of(cast(LifeModel, model), [long])

    assert [each.tolist() for each in left_out.places] == [[40 - n] for n in range(MOST_LEFT_OUT)]
    assert len(model.asked) == MOST_LEFT_OUT


def test_the_strongest_comes_first(model: LifeModel) -> None:
    (left_out,) = left_out_of(model, [LONG])

    movers = movers_of(LONG, rates(model, LONG), left_out, [DEATH], model.vocabulary)

    strengths = [abs(np.log(each.times)) for each in movers]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) == 4


def test_no_life_has_no_reasons(model: LifeModel) -> None:
    assert left_out_of(model, []) == []
