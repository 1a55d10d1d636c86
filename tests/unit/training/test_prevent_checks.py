"""What a card asks wherever its model is loaded: every equation, and the published example."""

from epione.medicine.risk import COLUMNS, Model, refusal_of
from epione.medicine.risk.coefficients import coefficients
from epione_training.prevent_checks import DECIMALS, PEOPLE, TOLERANCE, checks_of
from epione_training.prevent_equations import Prevent

CHECKS = checks_of(Prevent(coefficients()))
OUTPUTS = CHECKS["outputs"]


def test_nobody_of_them_is_refused() -> None:
    assert [refusal_of(person) for person in PEOPLE] == [None] * len(PEOPLE)


def test_each_of_the_equations_answers_once() -> None:
    assert sorted(OUTPUTS["model"]) == list(range(len(Model)))


# Khan et al. 2024, Supplement, Table S25.
def test_the_first_is_the_published_example() -> None:
    ten, thirty = OUTPUTS["risks"][0]

    assert (round(ten[0], 3), round(thirty[0], 3)) == (0.147, 0.530)


def test_a_question_is_a_row_without_nan() -> None:
    (first, *_) = CHECKS["inputs"]["inputs"]

    assert len(first) == len(COLUMNS)
    assert first[COLUMNS.index("uacr")] is None


def test_answers_are_written_more_exactly_than_they_are_held_against() -> None:
    assert 10**-DECIMALS < TOLERANCE
