"""Lives as tensors: padded, of like length, with tokens that say that time went by.

Rates stand still between tokens. So that they follow a person's age where nothing happens, a life
gets a token "no event" every five years: from its beginning on, or in training from a random age.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from epione.timeline.told import LONGEST, QUIET_DAYS, longest_part, quiet_ages, with_quiet
from epione.timeline.vocabulary import PADDING
from epione_training.lives.cohort import Cohort, Ints, Life

BUCKET = 32  # batches' worth of lives that are sorted by length together


class Batch(NamedTuple):
    """Tokens (B, T) and the age in days of each (B, T); what pads lies at the end."""

    tokens: Tensor
    ages_days: Tensor


@dataclass(frozen=True)
class Reading:
    """How lives become batches; what is longer is cut as `longest_part` says."""

    size: int = 32  # lives
    longest: int = LONGEST  # tokens


def batch_of(
    lives: list[Life],
    reading: Reading,
    quiet: np.random.Generator | None = None,
    *,
    predicted: Sequence[int] = (),
) -> Batch:
    """Pad lives; without a generator the tokens of no event begin with them.

    Of a life that is too long the first of each token of `predicted` is kept: see `longest_part`.
    """
    filled = [_cut(with_no_events(life, quiet), reading.longest, predicted) for life in lives]
    width = max(len(life.tokens) for life in filled)
    tokens = np.full((len(filled), width), PADDING, np.int64)
    ages = np.zeros((len(filled), width), np.float32)
    for row, life in enumerate(filled):
        n = len(life.tokens)
        tokens[row, :n], ages[row, :n], ages[row, n:] = (
            life.tokens,
            life.ages_days,
            life.ages_days[-1],
        )
    return Batch(torch.from_numpy(tokens), torch.from_numpy(ages))


def batches_of(cohort: Cohort, reading: Reading) -> Iterator[Batch]:
    """Give every life once, as it is, the short ones first."""
    order = np.argsort(cohort.lengths, kind="stable")
    for begin in range(0, len(order), reading.size):
        lives = [cohort[n] for n in order[begin : begin + reading.size]]
        yield batch_of(lives, reading, predicted=cohort.vocabulary.predicted)


def shuffled(lengths: Ints, size: int, chance: np.random.Generator) -> Iterator[Ints]:
    """Give every life once, in batches of like length and by chance."""
    order = chance.permutation(len(lengths))
    batches: list[Ints] = []
    for begin in range(0, len(order), size * BUCKET):
        bucket = order[begin : begin + size * BUCKET]
        bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
        batches += [bucket[at : at + size] for at in range(0, len(bucket), size)]
    return (batches[n] for n in chance.permutation(len(batches)))


def with_no_events(life: Life, quiet: np.random.Generator | None = None) -> Life:
    """Say that time went by: every five years, from its beginning or an age by chance."""
    begin, end = life.ages_days[0], life.ages_days[-1]
    if quiet is not None:
        begin = begin + quiet.uniform(0, QUIET_DAYS)
    ages = quiet_ages(begin, end)
    return Life(*with_quiet(life.ages_days, life.tokens, ages))


def _cut(life: Life, longest: int, predicted: Sequence[int]) -> Life:
    kept = longest_part(life.ages_days, life.tokens, longest, predicted)
    return Life(life.ages_days[kept], life.tokens[kept])
