"""Patients' logs as lives: folded, and of whoever may be told of."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.timeline.records import (
    START,
    condition,
    consent,
    event,
    merge,
    order,
    person,
    reading,
)

from epione.timeline import PatientEvent, PatientForgotten, Status
from epione.timeline.codes import HBA1C
from epione.timeline.tokens import NoLife
from epione_training.cohorts.stream import lives_in
from epione_training.cohorts.told import Told

BORN = event(person(), "person")


def read(*events: PatientEvent) -> list[Told | NoLife]:
    return list(lives_in([BORN, *events], lambda _: None))


def names(told: Told | NoLife) -> list[str]:
    assert isinstance(told, Told)
    return [entry.name for entry in told.entries]


def test_what_was_corrected_or_withdrawn_counts_as_it_stands() -> None:
    wrong = event(reading(HBA1C, 71.0), "hba1c")
    right = event(reading(HBA1C, 7.1), "hba1c", version=2, status=Status.CORRECTED)
    error = event(condition("44054006"), "sick", version=2, status=Status.WITHDRAWN)

    (told,) = read(wrong, event(condition("44054006"), "sick"), error, right)

    assert isinstance(told, Told)
    assert names(told) == ["Male", "LOINC/4548-4"]
    assert told.entries[1].value == 7.1


def test_a_medicine_that_has_ended_is_told() -> None:
    ended = event(order("6809", ends_at=START + timedelta(days=3)), "metformin")

    (told,) = read(ended, event(condition("44054006"), "sick", day=90))

    assert "RXNORM/6809" in names(told)


def test_the_number_of_a_patient_names_nobody() -> None:
    (told,) = read(event(condition("44054006"), "sick"))

    assert isinstance(told, Told)
    assert 0 <= told.subject < 2**63
    assert "p-1" not in repr(told)


def test_another_tenants_patient_of_the_same_name_is_another() -> None:
    own = [BORN, event(condition("44054006"), "sick")]
    others = [replace(each, tenant="south") for each in own]

    one, other = lives_in([*own, *others], lambda _: None)

    assert isinstance(one, Told)
    assert isinstance(other, Told)
    assert one.subject != other.subject


def test_a_merged_record_is_told_of_once_by_its_survivor() -> None:
    survivor = [
        event(person(), "person", patient="p-2"),
        event(condition("44054006"), "sick", patient="p-2"),
    ]

    people = read(event(condition("44054006"), "sick"), *survivor, *merge("p-1", "p-2"))

    assert len(people) == 1


@pytest.mark.parametrize(
    ("events", "left"),
    [
        pytest.param([event(PatientForgotten("p-1"), "forgotten")], [], id="forgotten"),
        pytest.param(
            [event(consent("research", False), "no")], [NoLife.DENIED], id="consent is denied"
        ),
        pytest.param(
            [event(person(""), "person", version=2)], [NoLife.NO_BIRTH_DATE], id="no birth date"
        ),
    ],
)
def test_who_may_not_be_told_of_is_not(
    events: list[PatientEvent], left: list[Told | NoLife]
) -> None:
    assert read(event(condition("44054006"), "sick"), *events) == left


def test_who_denied_treatment_alone_may_be_told_of() -> None:
    (told,) = read(event(condition("44054006"), "sick"), event(consent("treatment", False), "no"))

    assert isinstance(told, Told)
