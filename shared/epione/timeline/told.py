"""How a life is told to a model: its tokens by age, and tokens that say that time went by.

Rates stand still between tokens, so a life without one for long is told "no event" every five years
from its beginning on: where training reads a life as it is, and wherever it is served.
"""

from collections.abc import Sequence

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


def longest_part(
    ages_days: Ages, tokens: Tokens, longest: int, predicted: Sequence[int] | Tokens
) -> npt.NDArray[np.bool_]:
    """Say which tokens are kept of a long life, in this order of what matters (our own choice).

    Its first day, which tells of sex, genome and what was from birth, and its last token, which
    tells how old it is; the first token of each code that is predicted, for it may happen once; the
    tokens that say that time went by; the last of every other code; what is left. Of two that
    matter alike the later is kept.

    Args:
        ages_days: (n,).
        tokens: (n,).
        longest: How many are kept.
        predicted: The tokens that have a rate.
    """
    places = np.arange(len(tokens))
    if len(tokens) <= longest:
        return np.ones(len(tokens), np.bool_)
    is_predicted = np.isin(tokens, predicted)
    first, last = (_first_of_each(each) for each in (tokens, tokens[::-1]))
    order = [
        (ages_days == ages_days[0]) | (places == places[-1]),
        first & is_predicted,
        tokens == NO_EVENT,
        last[::-1] & ~is_predicted,
    ]
    matters = np.select(order, range(len(order)), len(order))
    kept = np.zeros(len(tokens), np.bool_)
    kept[np.lexsort((-places, matters))[:longest]] = True
    return kept


def _first_of_each(tokens: Tokens) -> npt.NDArray[np.bool_]:
    is_first = np.zeros(len(tokens), np.bool_)
    is_first[np.unique(tokens, return_index=True)[1]] = True
    return is_first
