"""What may happen meanwhile, in the mean: on the quiet path nothing does.

A code that may come in the time that is asked about raises the rates of others, as hypertension
does that of a stroke. So the rate of a code c in a piece of the path is multiplied by the mean of
what other codes j make of it:

    Π_j (1 + P_jc · (L_jc − 1))

L_jc is how much oftener c comes after j: a network's lifts, as it has learned to weigh them. P_jc
is the share of those who have had j, at the middle of the piece, among those who live and have not
had c: whom j brought to death or to c is of them no more. With rates λ and of death μ, both without
j and as they are when the piece begins, the odds u = P / (1 − P) follow

    du/dt = λ_j (1 + u) − u (λ_c (L_jc − 1) + μ (L_jμ − 1))

Of what was had the lift is in the rates. The death that j competes with is that without j.

Assumed: codes come apart from each other, lifts last, and what j does is the same whatever a genome
says. Codes of one outcome are not left out of each other's rates. Held against chains of two codes
and death, risks within ten years are right to 1 %, and to 7 % where most of who has the one dies
(`tests/unit/timeline/test_meanwhile.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from epione.timeline.risk_within import Floats, lengths_within, rates_of

Ints = npt.NDArray[np.int64]
Rates = npt.NDArray[np.float32]  # logarithms, a day
Mask = npt.NDArray[np.bool_]

# Of a rate times days: below it the exponential is a straight line, above it all have had the code.
LEAST, LARGEST = 1e-9, 300.0


@dataclass(frozen=True)
class Leads:
    """Which code leads to which, by token, in the order of `after`; each (n_pairs,)."""

    before: Ints
    after: Ints
    log_lift: Floats

    @classmethod
    def of(cls, log_lift: Floats) -> "Leads":
        """Take all pairs that have a lift: (n_tokens, n_tokens), of the column's code."""
        after, before = np.nonzero(log_lift.T)
        return cls(before, after, log_lift[before, after].astype(np.float64))

    def moved(
        self,
        within_days: float,
        begins_days: Floats,
        log_rates: Rates,
        had: Mask,
        death: int | None,
    ) -> tuple[Rates, Floats]:
        """Give the log rates of a quiet path with what may happen meanwhile.

        Args:
            within_days: Where the path ends, from now.
            begins_days: (n, pieces), from now; infinity is never.
            log_rates: (n, pieces, n_tokens), a day.
            had: (n, n_tokens), what was had before.
            death: Its token.

        Returns:
            The log rates; and by how much each code multiplies the rate of death, in the mean.
        """
        times_death = np.ones(log_rates.shape)
        if not len(self.before):
            return log_rates, times_death
        rates, lengths = rates_of(log_rates), lengths_within(within_days, begins_days)
        to_death, comes_new = self.after == death, ~had[:, self.before]
        odds, moved = np.zeros((len(rates), len(self.before))), log_rates.copy()
        for piece in range(rates.shape[1]):
            days, share = lengths[:, piece, None], _share_of(odds)
            now = rates[:, piece] * np.exp(self._added(share, had.shape))
            comes = now[:, self.before] * comes_new
            goes = self._goes(now, share, to_death, death)
            middle = _share_of(_odds_after(odds, comes, goes, days / 2))
            odds = _odds_after(odds, comes, goes, days)
            added = self._added(middle, had.shape).astype(np.float32)
            moved[:, piece] += np.where(rates[:, piece] > 0, added, 0)
            times = 1 + middle * self._more
            times_death[:, piece, self.before[to_death]] = times[:, to_death]
        return moved, times_death

    @property
    def highest(self) -> int:
        """Give the highest token of all; -1 where there is none."""
        return int(max(self.before.max(initial=-1), self.after.max(initial=-1)))

    @cached_property
    def _more(self) -> Floats:
        """Give by how much a rate is more, as a share of it: (n_pairs,)."""
        return np.expm1(self.log_lift)

    @cached_property
    def _columns(self) -> tuple[Ints, Ints]:
        """Give the codes that others lead to, and where the pairs of each begin."""
        return np.unique(self.after, return_index=True)

    def _goes(self, rates: Floats, share: Floats, to_death: Mask, death: int | None) -> Floats:
        """Give how much oftener who had the one code dies, or has the other: (n, n_pairs)."""
        oftener = rates[:, self.after] * self._more / (1 + share * self._more)
        if death is not None:
            more = np.zeros(rates.shape[1])
            more[self.before[to_death]] = self._more[to_death]
            dying = more[self.before]
            oftener[:, to_death] = 0
            oftener += rates[:, death, None] * dying / (1 + share * dying)
        return oftener

    def _added(self, share: Floats, shape: tuple[int, ...]) -> Floats:
        """Give the log of each code's mean factor: (n, n_tokens), which is `shape`."""
        codes, begins = self._columns
        added = np.zeros(shape)
        added[:, codes] = np.add.reduceat(np.log1p(share * self._more), begins, axis=1)
        return added

    def to_json(self) -> Mapping[str, Any]:
        """Give it as JSON."""
        return {
            "before": self.before.tolist(),
            "after": self.after.tolist(),
            "log_lift": self.log_lift.round(4).tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Leads":
        """Read what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        before, after = (np.array(told[name], np.int64) for name in ("before", "after"))
        log_lift = np.array(told["log_lift"], np.float64)
        if not before.shape == after.shape == log_lift.shape:
            raise ValueError(f"{before.shape=}, {after.shape=} and {log_lift.shape=} differ")
        if before.min(initial=0) < 0 or after.min(initial=0) < 0 or (np.diff(after) < 0).any():
            raise ValueError("codes that lead to others are not tokens in the order of the others")
        if not np.isfinite(log_lift).all():
            raise ValueError("a lift of what leads to another is not a number")
        return cls(before, after, log_lift)


NOTHING = Leads.of(np.zeros((0, 0)))


def _odds_after(odds: Floats, comes: Floats, goes: Floats, days: Floats) -> Floats:
    """Solve du/dt = comes (1 + u) − goes u after so many days."""
    grows = comes - goes
    exponent = np.clip(grows * days, None, LARGEST)
    still = np.abs(exponent) < LEAST
    added = np.where(still, days, np.expm1(exponent) / np.where(still, 1, grows))
    after: Floats = odds * np.exp(exponent) + comes * added
    return after


def _share_of(odds: Floats) -> Floats:
    return odds / (1 + odds)
