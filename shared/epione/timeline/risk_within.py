"""Risks on the quiet path: of rates that would hold if nothing but time went by.

The path has pieces: one from now on, and one from each further age at which a life is told that
nothing happened. In each the rates stand still; from one to the next they follow age. With rates λ,
and of death μ, in pieces of d days, competing with death:

    P(code) = Σ S · λ / (λ + μ) · (1 − exp(−(λ + μ) d)),  S = exp(−Σ (λ + μ) d of the pieces before)

It is the chance that the code comes at least once, and before death: the cumulative incidence of
two competing hazards that are constant piece by piece (e.g. Putter et al. 2007, Stat Med 26:2389,
doi:10.1002/sim.2712). Rates of the quiet path leave out what one disease that comes meanwhile does
to another, and to death; `meanwhile.py` puts it in, in the mean, and sampled futures follow it.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NO_RATE = -30.0  # the logarithm of a day's rate of what cannot happen


def rates_of(log_rates: npt.NDArray[np.floating]) -> Floats:
    """Give rates a day; what cannot happen has none."""
    return np.where(log_rates > NO_RATE, np.exp(log_rates.astype(np.float64)), 0.0)


def dying_beside(rates: Floats, death: int | None) -> Floats:
    """Give the rate of death that each token competes with: none of it for death itself.

    >>> dying_beside(np.array([0.5, 0.1]), death=1).tolist()
    [0.1, 0.0]
    """
    dying = np.zeros_like(rates)
    if death is not None:
        dying += rates[..., death, None]
        dying[..., death] = 0
    return dying


def lengths_within(within_days: float, begins_days: Floats) -> Floats:
    """Give how much of each piece lies within so many days: (…, pieces).

    >>> lengths_within(1_000.0, np.array([0.0, 900.0, 1_900.0])).tolist()
    [900.0, 100.0, 0.0]
    """
    lengths: Floats = np.diff(np.minimum(begins_days, within_days), append=within_days)
    return lengths


def risk_within(within_days: float, begins_days: Floats, rates: Floats, dying: Floats) -> Floats:
    """Give the chance of each outcome within so many days, before death.

    Args:
        within_days: The horizon, from now.
        begins_days: (…, pieces), from now, ascending from 0; infinity is never.
        rates: (…, pieces, n), a day.
        dying: The same of the death that each competes with.

    Returns:
        (…, n), 0 to 1.
    """
    both = rates + dying
    hazard = both * lengths_within(within_days, begins_days)[..., None]
    before = np.cumsum(hazard, axis=-2) - hazard
    share = np.divide(rates, both, out=np.zeros_like(both), where=both > 0)
    risk: Floats = (np.exp(-before) * share * -np.expm1(-hazard)).sum(-2)
    return risk
