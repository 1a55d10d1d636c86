"""What can be said of a life without a network: rates by age and sex, and lift of code upon code.

The first is the rate of each code among people of an age and sex who may still get it. The second
multiplies it, for each code that a person has had, by how much oftener the one follows the other
than age, sex and the rest explain (`lifts.py`). Both are counts, drawn to what is common where
there are few. What a genome says has a place among the lifts, and is found last (`genes.py`); so is
what a medicine adds where a genome says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.timeline.risk_within import NO_RATE
from epione.timeline.vocabulary import NO_EVENT, Kind
from epione_training.lives.batches import with_no_events
from epione_training.lives.cohort import Cohort, Floats, Ints, sex_of
from epione_training.lives.lifts import (
    N_BINS,
    SEXES,
    Matrix,
    bin_of,
    days_by_bin,
    lifts_of,
)

# This project's own choices; the loss on Delphi's simulated lives is flat about each of them.
OWN_AGE = 0.5  # weight of a bin; its two neighbours share the rest
PRIOR_EXPOSURE = 0.1  # of a bin's own, at the code's share of all that happens there
PRIOR_OF_BIN = 200.0  # events, that draw a bin to what it and its neighbours have together
PRIOR_EVENTS = 5.0  # of a sex, at the code's share of everyone's
RAREST, MOST_LIFTED = 10, 1_500  # how often a code is there for a lift, and of how many codes
MOST_LIVES = 20_000  # in which lifts are counted


@dataclass(frozen=True)
class Baseline:
    """Log rates a day by sex and age, and log lifts.

    `age_sex` is (SEXES, N_BINS, n_tokens). `lifted` are the tokens that have lifts: `lift` is
    (n_lifted, n_lifted), of the column's code where the row's was had; `mean_lift` (2, SEXES,
    N_BINS, n_lifted), what their sum is worth on average, without a genome and with one. `pairs`
    are (n_pairs, 2) tokens, of what a genome says and of a medicine: `pair_lift` (n_pairs,
    n_lifted) stands where both were had. `scale` weighs all, by lives not counted.
    """

    age_sex: Matrix
    lifted: Ints
    lift: Matrix
    mean_lift: Matrix
    once: npt.NDArray[np.bool_]  # (n_tokens,), what happens to nobody twice
    pairs: Ints
    pair_lift: Matrix
    scale: float = 1.0


def baseline_of(cohort: Cohort) -> Baseline:
    """Count a cohort's rates and lifts."""
    rates = _shrunk(*_counted(cohort))
    rates[..., ~_predicted(cohort)] = 0
    age_sex = np.log(np.maximum(rates, np.exp(NO_RATE))).astype(np.float32)
    commonest = np.argsort(-cohort.counts, kind="stable")[:MOST_LIFTED]
    lifted = np.sort(commonest[cohort.counts[commonest] >= RAREST])
    lifted = lifted[~np.isin(lifted, cohort.vocabulary.of_kind(Kind.SEX))]  # the rates are by sex
    lifted = lifted[lifted != NO_EVENT]  # and by age
    bare = cohort.without_genome().strided(MOST_LIVES)
    lives = [with_no_events(life) for life in bare]
    sexes = [sex_of(life, cohort.vocabulary) for life in lives]
    lift, mean_lift = lifts_of(lives, sexes, rates, lifted, cohort.once)
    means = np.stack([mean_lift, mean_lift])
    pairs, pair_lift = np.zeros((0, 2), np.int64), np.zeros((0, len(lifted)), np.float32)
    return Baseline(age_sex, lifted, lift, means, cohort.once, pairs, pair_lift)


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
        days = days_by_bin(life.ages_days[:1], life.ages_days[-1:])
        gone = days_by_bin(ages[once], np.broadcast_to(life.ages_days[-1], once.sum()))
        for sex in {sex_of(life, cohort.vocabulary), SEXES - 1}:
            np.add.at(counts[sex], (bin_of(ages), tokens), 1)
            exposure[sex] += days.T
            exposure[sex][:, tokens[once]] -= gone.T
    return counts, exposure


def _shrunk(counts: Floats, exposure: Floats) -> Floats:
    """Give rates a day: of a bin, drawn to its neighbours', and these to a share of all events."""
    of_everyone = counts[-1].sum(0) + 0.01
    share_of_all = of_everyone / of_everyone.sum()
    of_sex = counts.sum(1) + PRIOR_EVENTS * share_of_all
    share = of_sex / of_sex.sum(1, keepdims=True)
    near, around = _smoothed(counts), _smoothed(exposure)
    of_all = near.sum(2, keepdims=True) / np.maximum(around.max(2, keepdims=True), 1)
    near = near + PRIOR_EXPOSURE * of_all * share[:, None] * around
    rates = np.divide(near, np.maximum((1 + PRIOR_EXPOSURE) * around, 1))
    own: Floats = rates * (counts + PRIOR_OF_BIN) / (rates * exposure + PRIOR_OF_BIN)
    return own


def _smoothed(by_bin: Floats) -> Floats:
    padded = np.pad(by_bin, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return OWN_AGE * by_bin + (1 - OWN_AGE) / 2 * (padded[:, :-2] + padded[:, 2:])
