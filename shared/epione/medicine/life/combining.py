"""One risk of two models that speak of the same outcome: this project's own rule.

The geometric mean of their hazards: neither weighs more, for how far an equation is off where it is
asked is known of no place, and a model's own variance says nothing of what all its people share.

Judged at 13,718 check-ups of planted lives by the log loss of what came within ten years, with
PREVENT as it is, 1.5 times too high and as much too low, beside a model of 12,000 lives and one of
2,000: of 18 cases it was better than both in 15, and never worse than the better one by more than
0.6 % (PREVENT alone by 3.3 %, the model alone by 2.3 %, the higher of both by 3.4 %). Weighing by
variance was worse; the mean of hazards was as good: better where the equation is too low, worse
where it is too high, as this project takes equations that travel to be. See
tests/benchmarks/README.md.

At one outcome in twelve the hazards differ more than threefold. There neither was right: where the
model said less than a third, 61 came, PREVENT expected 121, the model 29 and the rule 59. So a
reader is told.
"""

from math import exp, log1p, sqrt

FAR_APART = 3.0  # times, of hazards


def combined(equation: float, model: float) -> float:
    """Combine two probabilities by one horizon: the geometric mean of their hazards.

    >>> round(combined(0.03, 0.06), 4)
    0.0425
    """
    return 1 - exp(-sqrt(_hazard(equation) * _hazard(model)))


def far_apart(equation: float, model: float) -> bool:
    """Say whether two probabilities differ so much that a reader is to be told.

    >>> far_apart(0.03, 0.08), far_apart(0.03, 0.1), far_apart(0.1, 0.03)
    (False, True, True)
    """
    low, high = sorted((_hazard(equation), _hazard(model)))
    return high > FAR_APART * low


def _hazard(probability: float) -> float:
    return -log1p(-probability)
