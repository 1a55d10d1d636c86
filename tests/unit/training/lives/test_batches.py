"""Lives as tensors: what pads, what says that time went by, and what is cut."""

import numpy as np
import pytest
from tests.unit.training.lives.worlds import (
    DEATH,
    FEMALE,
    NO_EVENT,
    VOCABULARY,
    A,
    B,
    C,
    cohort_of,
    life,
    world,
)

from epione.timeline.told import QUIET_DAYS
from epione_training.lives.batches import Reading, batch_of, batches_of, shuffled

LONG = life((0, FEMALE), (10, A), (20, B), (30, C), (9_000, DEATH))
SHORT = life((0, FEMALE), (100, A))


def test_what_pads_lies_at_the_end_and_is_as_old_as_the_last_token() -> None:
    tokens, ages = batch_of([SHORT, LONG], Reading())

    assert tokens[0, :3].tolist() == [FEMALE, NO_EVENT, A]
    assert (tokens[0, 3:] == 0).all()
    assert (ages[0, 3:] == 100).all()


def test_quiet_years_are_told_every_five_until_the_last_event() -> None:
    tokens, ages = batch_of([LONG], Reading())

    quiet = ages[tokens == NO_EVENT].tolist()

    assert quiet == pytest.approx([1 + n * QUIET_DAYS for n in range(5)])
    assert ages[0].tolist() == sorted(ages[0].tolist())


@pytest.mark.parametrize("begin", [0, 9_000], ids=["from birth", "from when it is observed"])
def test_quiet_years_begin_by_chance_in_training(begin: int) -> None:
    observed = life((begin, FEMALE), (begin + 9_000, DEATH))
    tokens, ages = batch_of([observed] * 400, Reading(), np.random.default_rng(0))

    told = [age[token == NO_EVENT].numpy() for token, age in zip(tokens, ages, strict=True)]
    first = np.array([each[0] for each in told]) - begin

    assert all(np.allclose(np.diff(each), QUIET_DAYS, atol=0.01) for each in told)
    assert (first >= 1).all()
    assert (first <= QUIET_DAYS + 1).all()
    assert first.mean() == pytest.approx(QUIET_DAYS / 2, rel=0.1)
    assert all(begin + 9_000 - each[-1] <= QUIET_DAYS for each in told)


def test_a_long_life_keeps_its_first_day_its_last_token_and_the_first_of_each_code() -> None:
    long = life((0, FEMALE), (10, A), (20, B), (30, B), (40, C), (50, C), (60, DEATH))

    tokens, ages = batch_of([long], Reading(longest=5), predicted=VOCABULARY.predicted)

    assert tokens[0].tolist() == [FEMALE, A, B, C, DEATH]
    assert ages[0].tolist() == [0, 10, 20, 40, 60]


def test_every_batch_of_a_cohort_is_cut_so() -> None:
    long = life((0, FEMALE), (10, A), *((20 + n, B) for n in range(20)), (60, DEATH))

    (batch,) = batches_of(cohort_of([long]), Reading(longest=6))

    assert A in batch.tokens[0]
    assert len(batch.tokens[0]) == 6


def test_every_life_comes_once_and_with_its_like() -> None:
    cohort = world(500)

    batches = list(shuffled(cohort.lengths, 32, np.random.default_rng(0)))

    assert sorted(np.concatenate(batches)) == list(range(500))
    spread = [np.ptp(cohort.lengths[rows]) for rows in batches]
    assert np.mean(spread) < np.ptp(cohort.lengths) / 2


def test_in_order_every_life_comes_once() -> None:
    cohort = world(100)

    assert sum(len(batch.tokens) for batch in batches_of(cohort, Reading(size=32))) == 100
