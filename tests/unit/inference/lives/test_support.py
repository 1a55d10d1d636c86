"""When a model does not speak: both sides of each limit."""

import re

import pytest
from tests.unit.training.lives.served_world import NAMES

from epione_inference.lives import (
    YEAR_DAYS,
    Codes,
    Event,
    Support,
    life_of,
    refusal_of,
    refusal_of_code,
)

SUPPORT = Support(
    from_birth=True,
    ages_days=(20 * YEAR_DAYS, 80 * YEAR_DAYS),
    fewest_events=2,
    fewest_cases=30,
    rare=frozenset({"C"}),
)


def refusal(now_years: float, codes: list[str], support: Support | None = SUPPORT) -> str:
    events = [Event(code, 100.0 * n) for n, code in enumerate(codes)]
    told, _ = life_of(Codes(NAMES), "female", events, now_years * YEAR_DAYS, 512)
    return refusal_of(told, NAMES, support)


@pytest.mark.parametrize(
    ("now_years", "codes", "reason"),
    [
        pytest.param(50, ["A", "B"], "", id="enough"),
        pytest.param(50, ["A"], "not enough history: 1 events .* at least 2", id="too little"),
        pytest.param(50, ["A", "*1/*2"], "not enough history: 1 ", id="a genome is no history"),
        pytest.param(50, [], "not enough history: 0 ", id="empty"),
        pytest.param(50, ["Z", "Y"], "not enough history: 0 ", id="nothing understood"),
        pytest.param(20, ["A", "B"], "", id="as young as the cohort"),
        pytest.param(19.9, ["A", "B"], "age 19.9 is outside 20.0 to 80.0", id="younger"),
        pytest.param(80, ["A", "B"], "", id="as old"),
        pytest.param(80.1, ["A", "B"], "age 80.1 is outside 20.0 to 80.0", id="older"),
    ],
)
def test_of_a_life(now_years: float, codes: list[str], reason: str) -> None:
    assert re.match(reason or "$", refusal(now_years, codes))


def test_a_model_that_does_not_know_its_cohort_still_wants_an_event() -> None:
    assert refusal(5, ["A"], None) == ""
    assert refusal(5, [], None).startswith("not enough history: 0 ")


def test_of_a_code_that_the_cohort_hardly_holds() -> None:
    assert refusal_of_code("C", SUPPORT) == "the cohort held fewer than 30 cases"
    assert refusal_of_code("A", SUPPORT) == ""
    assert refusal_of_code("C", None) == ""
