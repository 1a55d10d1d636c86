"""One risk of two models that speak of the same outcome."""

from math import exp, log1p, sqrt

FAR_APART = 2.0  # times, of hazards


def combined(equation: float, model: float) -> float:
    """Combine two probabilities by one horizon: the geometric mean of their hazards.

    >>> round(combined(0.03, 0.06), 4)
    0.0425
    """
    return 1 - exp(-sqrt(_hazard(equation) * _hazard(model)))


def far_apart(equation: float, model: float) -> bool:
    """Say whether two probabilities differ so much that a reader is to be told.

    >>> far_apart(0.03, 0.05), far_apart(0.03, 0.07), far_apart(0.07, 0.03)
    (False, True, True)
    """
    low, high = sorted((_hazard(equation), _hazard(model)))
    return high > FAR_APART * low


def _hazard(probability: float) -> float:
    return -log1p(-probability)
