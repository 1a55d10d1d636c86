"""One risk of two models that speak of the same outcome."""

from math import exp, log1p, sqrt


def combined(equation: float, model: float) -> float:
    """Combine two probabilities by one horizon: the geometric mean of their hazards.

    >>> round(combined(0.03, 0.06), 4)
    0.0425
    """
    hazards = -log1p(-equation), -log1p(-model)
    return 1 - exp(-sqrt(hazards[0] * hazards[1]))
