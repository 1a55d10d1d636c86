"""Which codes a cohort's vocabulary has, and where ranges lie."""

from tests.unit.training.cohorts.told_lives import FEMALE, MANY, POOR, SICK, glucose, told

from epione.timeline.tokens import Entry, NoLife
from epione.timeline.vocabulary import Kind
from epione_training.cohorts.census import vocabulary_of
from epione_training.cohorts.told import Told
from epione_training.lives.cohort import Split

HELD_OUT = [told(100 + n, Entry(5, "SNOMED/1"), split=Split.HELD_OUT) for n in range(50)]


def test_codes_come_by_kind_and_name_and_ranges_in_order() -> None:
    vocabulary = vocabulary_of(MANY.lives(), at_least=10)

    assert vocabulary.names == (
        "Padding",
        "No event",
        "Female",
        "Male",
        "CYP2C19/Poor Metabolizer",
        "LOINC/2339-0 [, 67.8) mg/dL",
        "LOINC/2339-0 [67.8, 75.6) mg/dL",
        "LOINC/2339-0 [75.6, 83.4) mg/dL",
        "LOINC/2339-0 [83.4, 91.2) mg/dL",
        "LOINC/2339-0 [91.2, ) mg/dL",
        "SNOMED/44054006",
        "DEATH",
    )
    assert vocabulary.kinds[4:6] == (Kind.GENOME, Kind.EVENT)


def test_a_code_counts_by_lives_and_not_by_how_often_it_is_there() -> None:
    often = told(1, *(Entry(age, "SNOMED/1") for age in range(99)))

    assert "SNOMED/1" not in vocabulary_of([often], at_least=2).by_name
    assert "SNOMED/1" in vocabulary_of([often], at_least=1).by_name


def test_who_is_held_out_has_no_say() -> None:
    lives: list[Told | NoLife] = [*HELD_OUT, told(1, SICK), NoLife.NO_BIRTH_DATE]

    assert "SNOMED/1" not in vocabulary_of(lives, at_least=1).by_name


def test_ranges_are_in_the_unit_that_most_lives_have() -> None:
    lives = [told(n, glucose(9, 80 + n)) for n in range(9)]
    others = [told(10, *(glucose(9 + n, 4 + n, "mmol/L") for n in range(50)))]

    scales = vocabulary_of([*others, *lives], at_least=1).scales

    assert {name: scale.unit for name, scale in scales.items()} == {"LOINC/2339-0": "mg/dL"}


def test_a_measurement_that_never_varies_has_one_range() -> None:
    lives = [told(n, glucose(9, 0)) for n in range(20)]

    assert "LOINC/2339-0 [, ) mg/dL" in vocabulary_of(lives, at_least=1).by_name


def test_edges_of_many_readings_are_those_of_a_fair_sample() -> None:
    """Of 30,000 readings, rising: the first alone would put every edge too low."""
    lives = [told(n, *(glucose(9, 1_000 * n + k) for k in range(1_000))) for n in range(30)]

    edges = vocabulary_of(lives, at_least=1).scales["LOINC/2339-0"].edges

    assert [round(edge / 30_000, 1) for edge in edges] == [0.2, 0.4, 0.6, 0.8]


def test_the_same_lives_give_the_same_vocabulary() -> None:
    lives = [told(n, FEMALE, POOR, *(glucose(9 + k, n + k) for k in range(700))) for n in range(20)]

    assert vocabulary_of(lives, at_least=1) == vocabulary_of(lives, at_least=1)


def test_a_code_that_is_named_like_padding_is_none() -> None:
    vocabulary = vocabulary_of([told(1, Entry(5, "Padding"))], at_least=1)

    assert vocabulary.names == ("Padding", "No event", "Female", "Male", "DEATH")
