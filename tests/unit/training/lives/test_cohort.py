"""Who is held back, and what a cohort counts."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.training.lives.worlds import DEATH, FEMALE, MALE, A, B, C, cohort_of, life, world

from epione_training.lives.cohort import sex_of


def test_no_patient_is_on_both_sides_of_a_split() -> None:
    cohort = world(300)

    learned, held = cohort.split(10)

    both = np.concatenate([learned.patients[learned.chosen], held.patients[held.chosen]])
    assert sorted(both) == sorted(cohort.patients)
    assert 10 < len(held) < 60


def test_who_is_held_back_does_not_depend_on_the_rest_of_the_cohort() -> None:
    cohort = world(300)
    learned, held = cohort.split(10)

    assert len(held.split(10)[0]) == 0
    assert len(learned.split(10)[1]) == 0
    assert 0 < len(learned.split(10, byte=1)[1]) < 60


def test_what_no_life_holds_twice_happens_once() -> None:
    cohort = cohort_of([life((0, FEMALE), (9, A), (20, B), (30, A)), life((0, MALE), (9, B))])

    assert cohort.once.tolist() == [False, False, False, False, False, True, True, True]
    assert cohort.counts[[A, B, C, DEATH]].tolist() == [2, 2, 0, 0]


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        pytest.param(2, [0, 2], id="fewer"),
        pytest.param(3, [0, 1, 3], id="one of one and two thirds"),
        pytest.param(5, [0, 1, 2, 3, 4], id="as many as there are"),
        pytest.param(9, [0, 1, 2, 3, 4], id="more than there are"),
    ],
)
def test_lives_are_taken_evenly_from_the_first_to_the_last(most: int, kept: list[int]) -> None:
    assert world(5).strided(most).chosen.tolist() == kept
    assert len(world(5).where(np.zeros(5, bool)).strided(most)) == 0


def test_the_sex_of_a_life_is_the_token_that_says_it() -> None:
    cohort = cohort_of([life((0, FEMALE)), life((0, MALE)), life((0, A))])

    assert [sex_of(each, cohort.vocabulary) for each in cohort] == [0, 1, 2]


def test_tokens_that_are_left_out_are_in_no_life_length_or_count() -> None:
    cohort = cohort_of([life((0, FEMALE), (9, A), (20, B)), life((0, MALE), (9, A), (9, C))])

    without = cohort.without([A]).without([C])

    assert [each.tolist() for each in (without[0].tokens, without[1].tokens)] == [
        [FEMALE, B],
        [MALE],
    ]
    assert without[0].ages_days.tolist() == [0, 20]
    assert without.lengths.tolist() == [2, 1]
    assert without.counts[[A, B, C]].tolist() == [0, 1, 0]
    assert (cohort.n_events, without.n_events) == (4, 1)
    assert np.shares_memory(without.tokens, cohort.tokens)


def test_a_cohort_is_known_again_by_its_lives_and_by_nothing_else() -> None:
    cohort, others = world(40), world(40, seed=1)

    assert cohort.digest == world(40).digest
    assert len({cohort.digest, others.digest, cohort.strided(20).digest}) == 3
    assert replace(cohort, patients=cohort.patients + np.uint64(1)).digest != cohort.digest
