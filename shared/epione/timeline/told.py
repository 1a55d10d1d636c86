"""How a life is told to a model: its tokens by age, and tokens that say that time went by.

Rates stand still between tokens, so a life without one for long is told "no event" every five years
from birth on: where training reads a life as it is, and wherever it is served.
"""

import numpy as np
import numpy.typing as npt

from epione.timeline.vocabulary import NO_EVENT

YEAR_DAYS = 365.25
QUIET_DAYS = 5 * YEAR_DAYS
LONGEST = 512  # tokens of a life that are read

Ages = npt.NDArray[np.float64]  # in days, ascending, from birth
Tokens = npt.NDArray[np.int64]


def quiet_ages(begin_days: float, end_days: float) -> Ages:
    """Give the ages between at which a life is told that nothing happened.

    >>> quiet_ages(0, 4_000).tolist()
    [1.0, 1827.25, 3653.5]
    """
    return np.arange(begin_days + 1, end_days, QUIET_DAYS)


def with_quiet(ages_days: Ages, tokens: Tokens, quiet: Ages) -> tuple[Ages, Tokens]:
    """Put tokens of no event among others; of one day they come last."""
    both = np.concatenate([ages_days, quiet])
    order = np.argsort(both, kind="stable")
    return both[order], np.concatenate([tokens, np.full(len(quiet), NO_EVENT)])[order]


def longest_part(ages_days: Ages, longest: int) -> npt.NDArray[np.bool_]:
    """Say which tokens are kept of a long life: the last, and those of its first day.

    The first day tells of sex, genome and what was from birth.
    """
    kept = np.ones(len(ages_days), np.bool_)
    if (over := len(ages_days) - longest) > 0:
        kept = ages_days == ages_days[0]
        kept[np.flatnonzero(~kept)[over:]] = True
    return kept
