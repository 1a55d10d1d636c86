"""Reasons: what an answer would be without each event, and without the genome."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.inference.lives.test_model import LONG, SHORT
from tests.unit.training.lives.served_world import GENOME
from tests.unit.training.lives.worlds import DEATH, B

from epione_inference.lives import Life, LifeModel, reasons_for, risks_within

DAYS = 1_826.25


@pytest.fixture(scope="module")
def model(served_life: Path) -> LifeModel:
    return LifeModel(served_life)


def test_each_event_is_left_out_in_turn(model: LifeModel) -> None:
    (reasons,) = reasons_for(model, LONG, [DEATH], DAYS)

    assert {each.code for each in reasons.events} == {"A (first)", "B", "C", "*1/*2"}
    for each in reasons.events:
        place = LONG.tokens == model.vocabulary.by_name[each.code]
        other = Life(LONG.ages_days[~place], LONG.tokens[~place])
        whole, without = model.read([LONG, other]).log_rates.astype(np.float64)
        assert each.log_rate == pytest.approx(whole[DEATH] - without[DEATH], abs=1e-5)
        risks = [risks_within(DAYS, rates, DEATH)[DEATH] for rates in (whole, without)]
        assert each.risk == pytest.approx(risks[0] - risks[1], abs=1e-6)
        assert each.age_days == LONG.ages_days[place][0]


def test_the_strongest_comes_first_and_each_code_has_its_own(model: LifeModel) -> None:
    of_death, of_b = reasons_for(model, SHORT, [DEATH, B], DAYS)

    strengths = [abs(each.log_rate) for each in of_death.events]
    assert strengths == sorted(strengths, reverse=True)
    assert of_death.events[0].log_rate != of_b.events[0].log_rate


def test_of_a_genome_it_is_said_what_it_adds_and_else_nothing(model: LifeModel) -> None:
    with_one, without = (reasons_for(model, each, [DEATH], DAYS)[0] for each in (LONG, SHORT))

    assert without.genome is None
    assert with_one.genome is not None
    (of_code,) = [each for each in with_one.events if each.code == "*1/*2"]
    assert with_one.genome.log_rate == of_code.log_rate != 0
    assert (LONG.tokens == GENOME).sum() == 1
