"""How much oftener a code comes after another than age, sex and all else that was had explain.

In a life, the rate of a code is its rate by sex and age times a factor for each code that was had.
The factors of all pairs are found together, so that what goes together is not counted twice: pass
by pass, how often the one follows the other is held against how often all other factors expect it.
What goes together moves together: all factors of one code go the same share of their way, so far
that its lives are likeliest (Newton's step along the way). So two passes do.

Of most pairs neither concerns the other. So a pair has no factor, or, in a share of pairs that is
found from the pairs themselves, one that was drawn from a gamma distribution of mean one: its log
is taken times the chance that it has any.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from epione_training.lives.cohort import Floats, Ints, Life

BIN_DAYS = 1826.25  # five years
N_BINS = 21  # to 105 years; who is older counts as that old
SEXES = 3  # female, male, everyone

# This project's own choices. With more passes cohorts are learned by heart, planted and Delphi's.
PASSES = 2
FARTHEST = 2.0  # of its way, that a factor goes in a pass
SHAPE = 2.0  # of the gamma: a standard deviation of 0.7
FEWEST_EXPECTED = 1.0  # of a pair that tells how many have a factor
TOGETHER = 64  # lives whose rows are counted at once

Matrix = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Rows:
    """The rows of some lives, one after another; each (n_rows,)."""

    ages_days: Floats
    lifted: Ints  # place among the lifted tokens; one more for the others
    first: Mask  # of its token in its life
    once: Mask  # whether it ends the time in which its token may come
    ends: Ints  # the row at which its life ends
    begins: Ints  # (n_lives,)
    sex: Ints

    @property
    def bin(self) -> Ints:
        return self.sex * N_BINS + bin_of(self.ages_days)

    def standing(self, lift: Matrix) -> Matrix:
        """Sum the lifts of what was had: (n_rows, n_lifted)."""
        standing = np.cumsum(np.where(self.first[:, None], lift[self.lifted], 0), 0)
        before = np.where(self.begins[:, None] > 0, standing[self.begins - 1], 0)
        counts = np.diff(np.append(self.begins, len(standing)))
        since_birth: Matrix = standing - np.repeat(before, counts, 0)
        return since_birth


def bin_of(ages_days: Floats) -> Ints:
    """Give the five years that each age lies in."""
    return np.minimum(ages_days // BIN_DAYS, N_BINS - 1).astype(np.int64)


def days_by_bin(begins: Floats, ends: Floats) -> Floats:
    """Give the days of each bin that lie between two ages: (n, N_BINS)."""
    edges = np.append(np.arange(N_BINS) * BIN_DAYS, np.inf)
    until = np.minimum(ends[:, None], edges[1:])
    days: Floats = np.clip(until - np.maximum(begins[:, None], edges[:-1]), 0, None)
    return days


def lifts_of(
    lives: Sequence[Life],
    sexes: Sequence[int],
    rates: Floats,
    lifted: Ints,
    once: Mask,
) -> tuple[Matrix, Matrix]:
    """Find the log factors of all pairs, and what their sum is worth in each sex and age.

    Args:
        lives: Those in which they are counted, told every five years that time went by: in each age
            stand those who had nothing in it, too.
        sexes: Of each life.
        rates: (SEXES, N_BINS, n_tokens), a day, of those who may still get it.
        lifted: The tokens that have factors.
        once: (n_tokens,), what happens to nobody twice.

    Returns:
        (n_lifted, n_lifted), of the column's code where the row's was had; and (SEXES, N_BINS,
        n_lifted), the log of their mean factor, by which the rates of everyone stay what they are.
    """
    rows = list(_rows_of(lives, sexes, lifted, once))
    expects = _Expects.of(rates[..., lifted])
    seen = _seen(rows, len(lifted)) * (rates[..., lifted] > 0).any((0, 1))  # of what is foreseen
    lift = np.zeros((len(lifted) + 1, len(lifted)), np.float32)
    mean = np.zeros((SEXES, N_BINS, len(lifted)), np.float32)
    for _ in range(PASSES):
        expected, _ = _expected(rows, expects, lift, mean)
        way = np.zeros_like(lift)
        way[:-1] = log_factors(seen[:-1], expected[:-1] * np.exp(-lift[:-1])) - lift[:-1]
        lift += way * _share_of_way(rows, expects, lift, mean, way, expected)
        mean = mean + _expected(rows, expects, lift, mean)[1]
    return lift[:-1], mean


def _share_of_way(
    rows: Sequence[_Rows],
    expects: "_Expects",
    lift: Matrix,
    mean: Matrix,
    way: Matrix,
    expected: Floats,
) -> Matrix:
    """Give how much of its way each code's factors go: (n_lifted,), 0 to `FARTHEST`.

    One by itself would go all of it, and more where the mean goes with it; the more of them stand
    at once, the less.
    """
    alone = ((expected + SHAPE) * way**2).sum(0)
    together = SHAPE * (way**2).sum(0) + _spread_of(rows, expects, lift, mean, way)
    share: Matrix = np.clip(alone / np.maximum(together, 1e-12), 0, FARTHEST).astype(np.float32)
    return share


def _spread_of(
    rows: Sequence[_Rows], expects: "_Expects", lift: Matrix, mean: Matrix, way: Matrix
) -> Floats:
    """Sum the squares of how far each expected event's ways are off those of its sex and age."""
    n = lift.shape[1]
    mean = mean.reshape(-1, n)
    events, ways, squares = np.zeros((3, SEXES * N_BINS, n))
    for some in rows:
        each = np.exp(some.standing(lift) - mean[some.bin]) * expects.between(some)
        on_way = some.standing(way)
        _add_by(events, some.bin, each)
        _add_by(ways, some.bin, each * on_way)
        _add_by(squares, some.bin, each * on_way**2)
    spread: Floats = (squares - ways**2 / np.maximum(events, 1e-12)).sum(0)
    return spread


def log_factors(seen: Floats, expected: Floats) -> Floats:
    """Give the log factor of each pair, times the chance that it has any."""
    if not seen.size:
        return seen
    chance = chances_of(evidence_of(seen, expected), expected > FEWEST_EXPECTED)
    return chance * drawn_log_factors(seen, expected)


def drawn_log_factors(seen: Floats, expected: Floats) -> Floats:
    """Give the log factor of each pair if it has one, drawn to none by how few there are."""
    factors: Floats = np.log((seen + SHAPE) / (expected + SHAPE))
    return factors


def evidence_of(seen: Floats, expected: Floats) -> Floats:
    """Give the log odds of counts with a factor to without: negative binomial against Poisson."""
    evidence: Floats = (
        torch.lgamma(torch.from_numpy(seen + SHAPE)).numpy()
        - math.lgamma(SHAPE)
        + SHAPE * np.log(SHAPE / (expected + SHAPE))
        - seen * np.log(expected + SHAPE)
        + expected
    )
    return evidence


def chances_of(evidence: Floats, tells: Mask) -> Floats:
    """Give the chance of each that it has a factor; those that tell say how many have."""
    return chance_of(evidence, share_of(evidence[tells]))


def share_of(evidence: Floats) -> float:
    """Give the share of those that have a factor, by the evidence of each."""
    share = 0.05
    for _ in range(30 if evidence.size else 0):
        share = float(np.clip(chance_of(evidence, share).mean(), 1e-4, 0.9))
    return share


def chance_of(evidence: Floats, share: float) -> Floats:
    """Give the chance of each that it has a factor, where a share of all have one."""
    odds = share * np.exp(np.clip(evidence, -50, 50))
    chance: Floats = odds / (odds + 1 - share)
    return chance


@dataclass(frozen=True)
class _Expects:
    """How many of each code a sex's rates expect from birth to an age."""

    rates: Matrix  # (SEXES * N_BINS, n_lifted)
    until_bin: Matrix

    @classmethod
    def of(cls, rates: Floats) -> "_Expects":
        until = np.cumsum(rates * BIN_DAYS, 1) - rates * BIN_DAYS
        n = rates.shape[-1]
        return cls(rates.reshape(-1, n).astype(np.float32), until.reshape(-1, n).astype(np.float32))

    def between(self, rows: _Rows) -> Matrix:
        """Give how many are expected from each row to the next, of what may still come."""
        within = rows.ages_days - bin_of(rows.ages_days) * BIN_DAYS
        until = self.until_bin[rows.bin] + self.rates[rows.bin] * within[:, None].astype(np.float32)
        between = np.diff(until, axis=0, append=until[-1:])
        between[rows.ends - 1] = 0
        for row in np.flatnonzero(rows.once):
            between[row : rows.ends[row], rows.lifted[row]] = 0
        return between


def _expected(
    rows: Sequence[_Rows], expects: _Expects, lift: Matrix, mean: Matrix
) -> tuple[Floats, Matrix]:
    """Give how often each pair's code is expected after the other, and how far `mean` is off."""
    n = lift.shape[1]
    mean = mean.reshape(-1, n)
    expected = np.zeros((n + 1, n))
    lifted_sum, plain_sum = np.zeros((2, SEXES * N_BINS, n))
    for some in rows:
        between = expects.between(some)
        each = np.exp(some.standing(lift) - mean[some.bin]) * between
        _add_by(lifted_sum, some.bin, each)
        _add_by(plain_sum, some.bin, between)
        left = np.cumsum(each[::-1], 0)[::-1]
        left = np.concatenate([left, np.zeros_like(left[:1])])
        after = left[:-1] - left[some.ends]
        np.add.at(expected, some.lifted[some.first], after[some.first])
    off = np.log(np.maximum(_with_everyone(lifted_sum), 1e-12))
    off -= np.log(np.maximum(_with_everyone(plain_sum), 1e-12))
    return expected, off.astype(np.float32)


def _seen(rows: Sequence[_Rows], n: int) -> Floats:
    """Count how often a code comes on a later day than another's first: (n + 1, n)."""
    seen = np.zeros((n + 1, n + 1))
    for some in rows:
        for begin, end in zip(some.begins, some.ends[some.begins], strict=True):
            life = slice(begin, end)
            first = np.flatnonzero(some.first[life])
            ages, lifted = some.ages_days[life], some.lifted[life]
            earlier, later = np.nonzero(ages[first, None] < ages)
            np.add.at(seen, (lifted[first][earlier], lifted[later]), 1)
    return seen[:, :n]


def _with_everyone(by_bin: Floats) -> Floats:
    """Add those whose sex is known to everyone: (SEXES, N_BINS, n)."""
    found = by_bin.reshape(SEXES, N_BINS, -1)
    return np.concatenate([found[:-1], found.sum(0, keepdims=True)])


def _add_by(total: Floats, of: Ints, each: Matrix) -> None:
    order = np.argsort(of, kind="stable")
    found, begins = np.unique(of[order], return_index=True)
    total[found] += np.add.reduceat(each[order], begins, 0)


def _rows_of(
    lives: Sequence[Life], sexes: Sequence[int], lifted: Ints, once: Mask
) -> Iterator[_Rows]:
    place = np.full(len(once), len(lifted))
    place[lifted] = np.arange(len(lifted))
    is_lifted = place < len(lifted)
    for begin in range(0, len(lives), TOGETHER):
        some = lives[begin : begin + TOGETHER]
        lengths = np.array([len(life.tokens) for life in some])
        ends = np.cumsum(lengths)
        tokens = np.concatenate([life.tokens for life in some])
        of_life = np.repeat(np.arange(len(some)), lengths)
        first = np.zeros(len(tokens), bool)
        first[np.unique(of_life * len(once) + tokens, return_index=True)[1]] = True
        yield _Rows(
            np.concatenate([life.ages_days for life in some]),
            place[tokens],
            first,
            once[tokens] & is_lifted[tokens],
            np.repeat(ends, lengths),
            ends - lengths,
            np.repeat(np.array(sexes[begin : begin + TOGETHER]), lengths),
        )
