"""What a vocabulary says of its tokens, and ranges that travel in names."""

import numpy as np
import pytest

from epione.timeline.vocabulary import Kind, Vocabulary, range_names

HBA1C = "LOINC/4548-4"


def vocabulary(*names: str) -> Vocabulary:
    kinds = (Kind.PADDING, Kind.NO_EVENT, *(Kind.EVENT for _ in names))
    return Vocabulary(("Padding", "No event", *names), kinds)


@pytest.mark.parametrize(
    ("value", "token"),
    [
        pytest.param(5.6999, 2, id="below the lower edge"),
        pytest.param(5.7, 3, id="an edge belongs to the range above"),
        pytest.param(6.4999, 3, id="below the upper edge"),
        pytest.param(6.5, 4, id="the upper edge belongs to the range above"),
        pytest.param(99.0, 4, id="far above"),
    ],
)
def test_a_value_has_the_token_of_its_range(value: float, token: int) -> None:
    scale = vocabulary(*range_names(HBA1C, "%", [5.7, 6.5])).scales[HBA1C]

    assert scale.unit == "%"
    assert scale.token_of(value) == token


def test_a_value_that_was_a_32_bit_float_lies_where_it_lay() -> None:
    scale = vocabulary(*range_names(HBA1C, "%", [5.7])).scales[HBA1C]

    assert scale.token_of(float(np.float32(5.7))) == scale.token_of(5.7)


def test_ranges_are_read_again_from_json() -> None:
    known = vocabulary("SNOMED/44054006", *range_names(HBA1C, "%", [5.7]), "pH [, ) x")

    again = Vocabulary.from_json(known.to_json())

    assert again == known
    assert again.scales[HBA1C].edges == (5.7,)
    assert set(again.scales) == {HBA1C, "pH"}


def test_a_measurement_without_a_unit_has_ranges_too() -> None:
    assert vocabulary(*range_names("LOINC/1", "", [3.0])).scales["LOINC/1"].unit == ""


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("A [, 5) %", "A [6, ) %"), id="a gap"),
        pytest.param(("A [, 5) %", "A [5, ) g"), id="two units"),
        pytest.param(("A [, 5) %",), id="an open end"),
    ],
)
def test_ranges_that_are_no_scale_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="the ranges of A are not one scale"):
        _ = vocabulary(*names).scales


@pytest.mark.parametrize(
    ("known", "name", "known_as"),
    [
        pytest.param(["ICD10CM/I10"], "SNOMED/59621000", "ICD10CM/I10", id="by its category"),
        pytest.param(
            ["ICD10CM/I10", "SNOMED/59621000"],
            "SNOMED/59621000",
            "SNOMED/59621000",
            id="by its own name, where it is known",
        ),
        pytest.param(["ICD10CM/I10"], "X/1", "X/1", id="one without another name"),
        pytest.param(
            range_names("LOINC/2160-0", "mg/dL", [1]),
            "LOINC/38483-4",
            "LOINC/2160-0",
            id="creatinine by its first code",
        ),
        pytest.param(
            range_names("LOINC/38483-4", "mg/dL", [1]),
            "LOINC/38483-4",
            "LOINC/38483-4",
            id="creatinine as it is measured",
        ),
    ],
)
def test_what_a_vocabulary_does_not_name_is_known_by_its_other_name(
    known: list[str], name: str, known_as: str
) -> None:
    assert vocabulary(*known).known_as(name) == known_as


def test_death_is_the_token_of_its_kind() -> None:
    mortal = Vocabulary(("P", "N", "Death"), (Kind.PADDING, Kind.NO_EVENT, Kind.DEATH))

    assert mortal.death == 2
    assert vocabulary("A").death is None
