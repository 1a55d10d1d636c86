"""What a cohort is said to hold enough of."""

from tests.unit.training.lives.worlds import DEATH, FEMALE, A, B, C, cohort_of, life

from epione_training.lives.support import support_of


def test_ages_are_those_of_all_but_the_first_and_last_events() -> None:
    lives = [life((0, FEMALE), (100 * n, A)) for n in range(1, 102)]

    assert support_of(cohort_of(lives))["ages_days"] == [200, 10_000]


def test_a_code_of_fewer_than_thirty_cases_is_rare() -> None:
    lives = [life((0, FEMALE), (9, A), (10, B), (11, DEATH)) for _ in range(29)]
    lives += [life((0, FEMALE), (9, A), (11, DEATH))]

    assert support_of(cohort_of(lives))["rare"] == ["B", "C"]
    assert C not in lives[0].tokens


def test_lives_begin_at_birth_where_most_do() -> None:
    born, seen = life((0, FEMALE), (9, A)), life((9, FEMALE), (9, A))

    assert support_of(cohort_of([born, born, seen]))["from_birth"] is True
    assert support_of(cohort_of([born, seen, seen]))["from_birth"] is False
