"""One risk of two."""

import pytest

from epione.medicine.life import combined, far_apart


@pytest.mark.parametrize("probability", [0.0, 1e-9, 0.03, 0.5, 0.999])
def test_two_that_agree_are_what_they_say(probability: float) -> None:
    assert combined(probability, probability) == pytest.approx(probability)


@pytest.mark.parametrize(
    ("equation", "model"),
    [
        pytest.param(0.02, 0.08, id="the equation is lower"),
        pytest.param(0.9, 0.1, id="high risks"),
        pytest.param(1e-4, 0.3, id="far apart"),
    ],
)
def test_the_combined_lies_between_and_neither_weighs_more(equation: float, model: float) -> None:
    both = combined(equation, model)

    assert min(equation, model) < both < max(equation, model)
    assert both == pytest.approx(combined(model, equation))


def test_twice_the_hazard_and_half_of_it_cancel() -> None:
    once = 1 - 0.9

    assert combined(1 - 0.9**2, 1 - 0.9**0.5) == pytest.approx(once)


@pytest.mark.parametrize(
    ("times", "far"),
    [
        pytest.param(1.0, False, id="they agree"),
        pytest.param(2.99, False, id="below the factor"),
        pytest.param(3.01, True, id="above it"),
        pytest.param(1 / 3.01, True, id="below its inverse"),
    ],
)
def test_hazards_that_differ_more_than_threefold_are_far_apart(times: float, far: bool) -> None:
    equation = 0.05

    assert far_apart(equation, 1 - (1 - equation) ** times) is far
