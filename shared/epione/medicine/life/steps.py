"""Figures in steps of a quarter, so that what is told changes only when a figure moved by as much.

Stepped is a risk's hazard, -log(1 - p): of small risks that is the risk itself, and no step of a
large one is a certainty. The size of a step is our own choice. A figure at the edge of a step may
go to the next by little: a plan remembers nothing, so that it cannot do otherwise.
"""

from math import ceil, exp, floor, isfinite, log, log1p

TOLD_STEP = 1.25
DECIMALS = 4  # of a probability that is told
EDGE = 1e-9  # of a step: what lies on one but for rounding lies on it
MOST_STEPS = 20  # of a factor, up or down


def told(probability: float) -> float:
    """Give the nearest step.

    >>> [told(p) for p in (0, 0.01, 0.011, 0.012, 0.5, 1)]
    [0.0, 0.0092, 0.0115, 0.0115, 0.4727, 1.0]
    """
    at = _step(_hazard(probability))
    return _probability(round(at) if isfinite(at) else at)


def told_interval(low: float, high: float, within: float) -> tuple[float, float]:
    """Give the steps outside of an interval that has moved with what is told of it.

    So it hangs on what is told, and on how wide it is, not on where in its step the figure lies.

    >>> told_interval(0.009, 0.014, 0.011)
    (0.0092, 0.0179)
    """
    at = _step(_hazard(within))
    moved = round(at) - at if isfinite(at) else 0.0
    least, most = _step(_hazard(min(low, within))), _step(_hazard(max(high, within)))
    return (
        _probability(floor(least + moved + EDGE) if isfinite(least) else least),
        _probability(ceil(most + moved - EDGE) if isfinite(most) else most),
    )


def steps_of(times: float) -> int:
    """Give how many steps a factor is, at most twenty: 0 where it is less than half of one.

    >>> [steps_of(times) for times in (0.5, 0.9, 1, 1.1, 1.8)]
    [-3, 0, 0, 0, 3]
    """
    return round(min(max(_step(times), -MOST_STEPS), MOST_STEPS))


def times_of(steps: int) -> str:
    """Write a factor of so many steps.

    >>> times_of(3), times_of(-1)
    ('x1.95', 'x0.8')
    """
    return f"x{TOLD_STEP**steps:.3g}"


def steps_between(before: float, after: float) -> int:
    """Give how many steps one probability lies above another.

    >>> steps_between(0.032, 0.053), steps_between(0.0, 0.0)
    (2, 0)
    """
    least = 10.0**-DECIMALS  # less is told as nothing
    return steps_of(_hazard(max(after, least)) / _hazard(max(before, least)))


def _hazard(probability: float) -> float:
    return -log1p(-min(probability, 1 - 1e-12))


def _step(hazard: float) -> float:
    return log(hazard) / log(TOLD_STEP) if hazard > 0 else float("-inf")


def _probability(step: float) -> float:
    return round(1 - exp(-(TOLD_STEP**step)), DECIMALS)
