"""Figures in steps: what is near is told alike, and an interval holds what is told."""

from math import expm1, log1p

import pytest
from hypothesis import assume, given
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
def test_an_interval_holds_what_is_told(a: float, b: float, within: float) -> None:
    low, high = told_interval(min(a, b), max(a, b), within)

    assert 0 <= low <= told(within) <= high <= 1


@given(st.floats(0.02, 0.5), st.floats(1, 3), st.floats(1, 3))
def test_an_interval_is_as_wide_around_what_is_told_as_it_was(
    within: float, below: float, above: float
) -> None:
    hazard = -log1p(-within)

    low, high = told_interval(-expm1(-hazard / below), -expm1(-hazard * above), within)

    middle = log1p(-told(within))
    assert log1p(-low) / middle <= 1.03 / below  # of four decimals
    assert log1p(-high) / middle >= above / 1.03


@given(st.floats(0.03, 0.3), st.floats(0.97, 1.03))
def test_an_interval_changes_only_with_what_is_told(within: float, moves: float) -> None:
    hazard = -log1p(-within)
    before, after = (
        [-expm1(-times * each * hazard) for each in (0.7, 1, 1.3)] for times in (1, moves)
    )
    assume(told(before[1]) == told(after[1]))

    assert told_interval(before[0], before[2], before[1]) == told_interval(
        after[0], after[2], after[1]
    )


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
