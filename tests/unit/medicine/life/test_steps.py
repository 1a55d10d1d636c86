"""Figures in steps: what is near is told alike, and an interval holds what is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epione.medicine.life import (
    TOLD_STEP,
    steps_between,
    steps_of,
    times_of,
    told,
    told_interval,
)

probabilities = st.floats(0, 1)


@given(st.floats(0.001, 0.3))
def test_what_is_told_is_off_by_half_a_step_at_most(probability: float) -> None:
    half = TOLD_STEP**0.5 * 1.03  # of the hazard; of four decimals

    assert probability / half <= told(probability) <= probability * half


@given(probabilities)
def test_what_is_told_is_a_step_itself(probability: float) -> None:
    assert abs(told(told(probability)) - told(probability)) <= 1e-4


@given(probabilities, probabilities, probabilities)
def test_an_interval_holds_what_is_told_and_what_it_held(a: float, b: float, within: float) -> None:
    low, high = told_interval(min(a, b), max(a, b), within)

    assert 0 <= low <= told(within) <= high <= 1
    assert low - 1e-4 <= min(a, b, within)
    assert high + 1e-4 >= max(a, b, within)


@given(probabilities, probabilities)
def test_more_is_never_told_as_less(a: float, b: float) -> None:
    assert told(min(a, b)) <= told(max(a, b))


@pytest.mark.parametrize(
    ("times", "steps", "words"),
    [
        pytest.param(1.11, 0, "x1", id="less than half a step"),
        pytest.param(1.12, 1, "x1.25", id="half a step"),
        pytest.param(0.8, -1, "x0.8", id="down"),
        pytest.param(0.0, -20, "x0.0115", id="never, without it"),
        pytest.param(float("inf"), 20, "x86.7", id="only with it"),
    ],
)
def test_factors_are_told_in_the_same_steps(times: float, steps: int, words: str) -> None:
    assert (steps_of(times), times_of(steps_of(times))) == (steps, words)


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        pytest.param(0.03, 0.031, 0, id="alike"),
        pytest.param(0.03, 0.06, 3, id="twice"),
        pytest.param(0.0, 0.0, 0, id="nothing both times"),
        pytest.param(1.0, 1.0, 0, id="certain both times"),
    ],
)
def test_two_risks_are_some_steps_apart(before: float, after: float, steps: int) -> None:
    assert steps_between(before, after) == steps
