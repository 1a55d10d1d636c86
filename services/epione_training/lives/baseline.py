"""What can be said of a life without a network: rates by age and sex, and lift of code upon code.

The first is the rate of each code among people of an age and sex who may still get it. The second
multiplies it, for each code that a person has had, by how much oftener the one follows the other
than age and sex explain. Both are counts, drawn to what is common where there are few.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione_training.lives.cohort import Cohort, Floats, Ints, Life, sex_of

BIN_DAYS = 1826.25  # five years
N_BINS = 21  # to 105 years; who is older counts as that old
SEXES = 3  # female, male, everyone
NEVER = -30.0  # log rate a day of what does not happen

# This project's own choices; the loss on Delphi's simulated lives is flat about each of them.
OWN_AGE = 0.5  # weight of a bin; its two neighbours share the rest
PRIOR_EXPOSURE = 0.1  # of a bin's own, at the code's share of all that happens there
PRIOR_EVENTS = 5.0  # of a sex, at the code's share of everyone's; and of a pair, without a lift
RAREST, MOST_LIFTED = 10, 1_500  # how often a code is there for a lift, and of how many codes
MOST_LIVES = 20_000  # in which lifts are counted

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Baseline:
    """Log rates a day by sex and age, and log lifts.

    `age_sex` is (SEXES, N_BINS, n_tokens). `lifted` are the tokens that have lifts: `lift` is
    (n_lifted, n_lifted), of the column's code where the row's was had; `mean_lift` (SEXES, N_BINS,
    n_lifted), what they sum up to on average. `scale` weighs the sum, since lifts overlap.
    """

    age_sex: Matrix
    lifted: Ints
    lift: Matrix
    mean_lift: Matrix
    once: npt.NDArray[np.bool_]  # (n_tokens,), what happens to nobody twice
    scale: float = 1.0


def baseline_of(cohort: Cohort) -> Baseline:
    """Count a cohort's rates and lifts."""
    rates = _shrunk(*_counted(cohort))
    rates[..., ~_predicted(cohort)] = 0
    age_sex = np.log(np.maximum(rates, np.exp(NEVER))).astype(np.float32)
    commonest = np.argsort(-cohort.counts, kind="stable")[:MOST_LIFTED]
    lifted = np.sort(commonest[cohort.counts[commonest] >= RAREST])
    step = 1 + len(cohort) // MOST_LIVES
    lives = [cohort[n] for n in range(0, len(cohort), step)]
    sexes = [sex_of(life, cohort.vocabulary) for life in lives]
    lift = _lift(lives, sexes, rates, lifted, cohort.once)
    return Baseline(
        age_sex, lifted, lift, _mean_lift(lives, sexes, lift, lifted, len(rates[0, 0])), cohort.once
    )


def bin_of(ages_days: Floats) -> Ints:
    """Give the five years that each age lies in."""
    return np.minimum(ages_days // BIN_DAYS, N_BINS - 1).astype(np.int64)


def _predicted(cohort: Cohort) -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(len(cohort.vocabulary)), cohort.vocabulary.predicted)


def _counted(cohort: Cohort) -> tuple[Floats, Floats]:
    """Count events, and the days in which each could come: (SEXES, N_BINS, n_tokens)."""
    shape = (SEXES, N_BINS, len(cohort.vocabulary))
    counts, exposure, predicted = np.zeros(shape), np.zeros(shape), _predicted(cohort)
    for life in cohort:
        events = predicted[life.tokens]
        ages, tokens = life.ages_days[events], life.tokens[events]
        once = cohort.once[tokens]
        days = _days_by_bin(life.ages_days[:1], life.ages_days[-1:])
        gone = _days_by_bin(ages[once], np.broadcast_to(life.ages_days[-1], once.sum()))
        for sex in {sex_of(life, cohort.vocabulary), SEXES - 1}:
            np.add.at(counts[sex], (bin_of(ages), tokens), 1)
            exposure[sex] += days.T
            exposure[sex][:, tokens[once]] -= gone.T
    return counts, exposure


def _days_by_bin(begins: Floats, ends: Floats) -> Floats:
    """Give the days of each bin that lie between two ages: (n, N_BINS)."""
    edges = np.append(np.arange(N_BINS) * BIN_DAYS, np.inf)
    until = np.minimum(ends[:, None], edges[1:])
    days: Floats = np.clip(until - np.maximum(begins[:, None], edges[:-1]), 0, None)
    return days


def _shrunk(counts: Floats, exposure: Floats) -> Floats:
    """Give rates a day, of a bin with its neighbours, drawn to the code's share of all events."""
    of_everyone = counts[-1].sum(0) + 0.01
    share_of_all = of_everyone / of_everyone.sum()
    of_sex = counts.sum(1) + PRIOR_EVENTS * share_of_all
    share = of_sex / of_sex.sum(1, keepdims=True)
    counts, exposure = _smoothed(counts), _smoothed(exposure)
    of_all = counts.sum(2, keepdims=True) / np.maximum(exposure.max(2, keepdims=True), 1)
    prior = of_all * share[:, None]
    counts = counts + PRIOR_EXPOSURE * prior * exposure
    return np.divide(counts, np.maximum((1 + PRIOR_EXPOSURE) * exposure, 1))


def _smoothed(by_bin: Floats) -> Floats:
    padded = np.pad(by_bin, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return OWN_AGE * by_bin + (1 - OWN_AGE) / 2 * (padded[:, :-2] + padded[:, 2:])


def _lift(
    lives: Iterable[Life],
    sexes: Iterable[int],
    rates: Floats,
    lifted: Ints,
    once: npt.NDArray[np.bool_],
) -> Matrix:
    """Hold how often a code follows another against what age and sex expect."""
    n = len(once)
    until_bin = np.concatenate([np.zeros((SEXES, 1, n)), np.cumsum(rates * BIN_DAYS, 1)], 1)
    seen, expected = np.zeros((n, n)), np.zeros((n, n))
    for life, sex in zip(lives, sexes, strict=True):
        bins = bin_of(life.ages_days)
        within = life.ages_days - bins * BIN_DAYS
        until = until_bin[sex, bins] + rates[sex, bins] * within[:, None]  # (n_rows, n)
        end = until[-1].copy()
        rows = np.flatnonzero(once[life.tokens])
        end[life.tokens[rows]] = until[rows, life.tokens[rows]]
        _, first = np.unique(life.tokens, return_index=True)
        expected[life.tokens[first]] += np.maximum(end - until[first], 0)
        earlier, later = np.nonzero(life.ages_days[first, None] < life.ages_days)
        np.add.at(seen, (life.tokens[first][earlier], life.tokens[later]), 1)
    chosen = np.ix_(lifted, lifted)
    return np.log((seen[chosen] + PRIOR_EVENTS) / (expected[chosen] + PRIOR_EVENTS)).astype(
        np.float32
    )


def _mean_lift(
    lives: Iterable[Life], sexes: Iterable[int], lift: Matrix, lifted: Ints, n_tokens: int
) -> Matrix:
    """Give the mean sum of lifts in each sex and age, weighed by the days that it stands."""
    row = np.full(n_tokens, len(lifted))
    row[lifted] = np.arange(len(lifted))
    lift = np.concatenate([lift, np.zeros_like(lift[:1])])
    total, days = np.zeros((SEXES, N_BINS, len(lifted))), np.zeros((SEXES, N_BINS, 1))
    for life, sex in zip(lives, sexes, strict=True):
        _, first = np.unique(life.tokens, return_index=True)
        first = np.sort(first)
        standing = np.cumsum(lift[row[life.tokens[first]]], 0)
        ages = np.append(life.ages_days[first], life.ages_days[-1])
        by_bin = _days_by_bin(ages[:-1], ages[1:])  # (n_first, N_BINS)
        for which in {sex, SEXES - 1}:
            total[which] += by_bin.T @ standing
            days[which] += by_bin.sum(0)[:, None]
    return (total / np.maximum(days, 1)).astype(np.float32)
