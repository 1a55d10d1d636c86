"""Patients' logs as lives: folded, and of whoever may be told of."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

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
from tests.unit.training.cohorts.told_lives import source

from epione.medicine.life import question_of
from epione.timeline import (
    GeneCall,
    GenomicFeatures,
    PatientEvent,
    PatientForgotten,
    Status,
    Timeline,
    fold,
    genome_of,
    history_of,
)
from epione.timeline.codes import HBA1C
from epione.timeline.tokens import Lived, NoLife, lived
from epione.timeline.vocabulary import Kind, Vocabulary, range_names
from epione_training.cohorts.mapped import map_lives, read_mapped
from epione_training.cohorts.meds_reading import meds_source
from epione_training.cohorts.meds_writing import write_meds
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


def test_a_patient_is_served_the_life_that_training_reads(tmp_path: Path) -> None:
    """By way of MEDS, whose numbers have 32 bits: 5.7 % lies at an edge."""
    call = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
    events = [
        BORN,
        event(reading(HBA1C, 5.7), "hba1c"),
        event(order("6809", ends_at=START + timedelta(days=3)), "metformin", day=1),
        event(GenomicFeatures("0", "GRCh38", "2026-11", (call,)), "genome", day=2),
        event(condition("44054006"), "sick", day=9),
    ]
    ranges = range_names("LOINC/4548-4", "%", [5.7, 6.5])
    names = ("CYP2C19/Poor Metabolizer", *ranges, "RXNORM/6809", "SNOMED/44054006")
    vocabulary = Vocabulary(
        ("Padding", "No event", "Female", "Male", *names),
        (Kind.PADDING, Kind.NO_EVENT, Kind.SEX, Kind.SEX, Kind.GENOME, *(Kind.EVENT,) * 5),
    )
    history = history_of(fold(Timeline("north", "p-1"), events), START + timedelta(days=9))

    write_meds(source(*lives_in(events, lambda _: None)), tmp_path / "meds")
    map_lives(meds_source(tmp_path / "meds"), tmp_path / "rows", like=vocabulary)
    asked = question_of(history, genome_of(history), lambda _: None)
    served = lived(asked.entries, vocabulary, asked.now_days)

    (read,) = read_mapped(tmp_path / "rows")
    assert isinstance(served, Lived)
    assert served.tokens.tolist() == read.tokens.tolist() == [3, 4, 6, 8, 9]
    assert served.ages_days.tolist() == read.ages_days.tolist()
