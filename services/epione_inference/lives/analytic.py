"""The risk of every code in one pass, from the rates that hold now.

With rates λ that stay as they are until the horizon t, competing with death:

    P(code within t) = λ / (λ + λ_death) · (1 − exp(−(λ + λ_death) t))
    P(death within t) = 1 − exp(−λ_death t)

It is the chance that the code comes at least once, and before death. Assumed: nothing that happens
meanwhile, and no birthday, changes a rate. Ignored are so the rates' rise with age, and all that
one disease does to another; sampled futures (`futures.py`) follow both. (The cumulative incidence
of two constant competing hazards: e.g. Putter et al. 2007, Stat Med 26:2389, doi:10.1002/sim.2712.)
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NO_RATE = -30.0  # the logarithm of a day's rate of what cannot happen


def rates_of(log_rates: npt.NDArray[np.floating]) -> Floats:
    """Give rates a day; what cannot happen has none."""
    return np.where(log_rates > NO_RATE, np.exp(log_rates.astype(np.float64)), 0.0)


def risks_within(days: float, log_rates: npt.NDArray[np.floating], death: int | None) -> Floats:
    """Give the chance of each token within so many days.

    Args:
        log_rates: (…, n_tokens), a day.
        death: The token of death, where there is one.

    Returns:
        (…, n_tokens), 0 to 1.
    """
    rates = rates_of(log_rates)
    of_death = rates[..., death, None].copy() if death is not None else np.zeros((1,))
    both = rates + of_death
    if death is not None:
        both[..., death] = rates[..., death]
    share = np.divide(rates, both, out=np.zeros_like(rates), where=both > 0)
    return share * -np.expm1(-both * days)
