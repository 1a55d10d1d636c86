"""Futures of one life, drawn: what happens, when, until death or the horizon.

From one token to the next the time is exponential, by the sum of the rates, and which it is goes by
their shares. Every five years of age a future is told that time went by, as a life is in training,
so that its rates follow its age. What happens to nobody twice has no rate the second time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.timeline.risk_within import rates_of
from epione.timeline.told import QUIET_DAYS
from epione.timeline.vocabulary import NO_EVENT

AT_ONCE = 256  # futures of one run

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Step = Callable[[Ints, Floats, Ints], npt.NDArray[np.float32]]  # as `Cascade.step`


@dataclass(frozen=True, slots=True)
class Futures:
    """What happened in n futures: rows of future, age in days and token, no quiet ones."""

    n: int
    future: Ints
    ages_days: Floats
    tokens: Ints

    def chances(
        self, until_days: float, outcomes: Sequence[Sequence[int]]
    ) -> tuple[Floats, Floats]:
        """Give the share of futures with any of each outcome's tokens by an age, and its error.

        Returns:
            (n_outcomes,) each; the error is one standard deviation of a share of n, taken a little
            away from 0 and 1 (Agresti and Coull 1998, Am Stat 52:119), for none of n is no proof.
        """
        by_then = self.ages_days <= until_days
        had = np.array(
            [
                len(np.unique(self.future[by_then & np.isin(self.tokens, tokens)]))
                for tokens in outcomes
            ]
        )
        drawn_in = (had + 2) / (self.n + 4)
        return had / self.n, np.sqrt(drawn_in * (1 - drawn_in) / (self.n + 4))


def futures_of(
    n: int,
    log_rates: npt.NDArray[np.float32],
    begin: Callable[[int], Step],
    now_days: float,
    until_days: float,
    predicted: Ints,
    death: int | None,
    chance: np.random.Generator,
    begin_days: float = 0.0,
) -> Futures:
    """Draw futures.

    Args:
        log_rates: (n_tokens,), that hold now.
        begin: Begins so many futures, and gives what takes their steps.
        predicted: The tokens that happen.
        death: The one of them that ends a life.
        begin_days: The age at which the life begins: every five years from there time is told.
    """
    parts, begun = [], 0
    while begun < n:
        of = min(AT_ONCE, n - begun)
        standing = np.broadcast_to(log_rates, (of, len(log_rates)))
        drawn = _drawn(
            standing, begin(of), now_days, until_days, predicted, death, chance, begin_days
        )
        parts += [(future + begun, ages, tokens) for future, ages, tokens in drawn]
        begun += of
    columns = zip(*parts, strict=True) if parts else ([np.empty(0, np.int64)],) * 3
    future, ages, tokens = (np.concatenate(column) for column in columns)
    return Futures(n, future, ages, tokens)


def _drawn(
    log_rates: npt.NDArray[np.float32],
    step: Step,
    now_days: float,
    until_days: float,
    predicted: Ints,
    death: int | None,
    chance: np.random.Generator,
    begin_days: float,
) -> list[tuple[Ints, Floats, Ints]]:
    """Draw futures together, step by step: rows of future, age and token of each step."""
    future = np.arange(len(log_rates))
    ages = np.full(len(future), now_days)
    rows = []
    while True:
        rates = rates_of(log_rates[:, predicted])
        comes, which = _next(ages, rates, chance)
        quiet = _quiet_after(ages, begin_days)
        goes_on = np.minimum(comes, quiet) <= until_days
        happens = goes_on & (comes <= quiet)
        tokens = np.where(happens, predicted[which], NO_EVENT)
        rows.append((future[happens], comes[happens], tokens[happens]))
        kept = np.flatnonzero(goes_on & (tokens != death if death is not None else True))
        if not len(kept):
            return rows
        future, ages, tokens = future[kept], np.minimum(comes, quiet)[kept], tokens[kept]
        log_rates = step(tokens, ages, kept)


def _next(ages: Floats, rates: Floats, chance: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw when the next event comes and which it is; where nothing can happen, it never does."""
    upto = rates.cumsum(axis=1)
    total = upto[:, -1]
    waits = chance.exponential(size=len(ages))
    comes = ages + np.divide(waits, total, out=np.full(len(ages), np.inf), where=total > 0)
    point = chance.random(len(ages)) * total
    which = np.minimum((upto <= point[:, None]).sum(axis=1), rates.shape[1] - 1)
    return comes, which


def _quiet_after(ages_days: Floats, begin_days: float) -> Floats:
    """Give the next age at which a life is told that nothing happened, as `quiet_ages` has them."""
    first = begin_days + 1
    return (np.floor((ages_days - first) / QUIET_DAYS) + 1) * QUIET_DAYS + first
