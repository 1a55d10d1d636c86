from datetime import UTC, datetime

import pytest
from tests.unit.ingestion.given import RECEIVED, RULES, bodies, events, only
from tests.unit.ingestion.hl7v2.messages import PATIENT, PID, hl7, obx

from epione.errors import MalformedEvent, UnknownPatient
from epione.timeline import (
    ICD10CM,
    SNOMED,
    Allergy,
    Body,
    Code,
    Condition,
    Demographics,
    Encounter,
    Gender,
    Observation,
    Status,
)
from epione_ingestion import translate

VISIT = "PV1|1|I" + "|" * 17 + "V1" + "|" * 25 + "20260301080000+0000|20260302080000+0000"
STROKE = "DG1|1||422504002^Stroke^SCT||20260301|"


@pytest.mark.parametrize("event", ["A01", "A04", "A08"])
def test_an_admission_says_who_the_patient_is(event: str) -> None:
    admission = only(hl7(f"ADT^{event}", PID + "||19700421|M"))

    assert admission.patient == PATIENT
    assert admission.body == Demographics("1970-04-21", Gender.MALE)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param("||197004|F", Demographics("1970-04", Gender.FEMALE), id="the month alone"),
        pytest.param("||1970|F", Demographics("1970", Gender.FEMALE), id="the year alone"),
        pytest.param("|||female", Demographics("", Gender.FEMALE), id="the word"),
        pytest.param("|||A", Demographics("", Gender.OTHER), id="ambiguous"),
        pytest.param("|||?", Demographics(), id="a sign that no table has"),
        pytest.param(
            "|||F" + "|" * 21 + "20260101",
            Demographics("", Gender.FEMALE, datetime(2026, 1, 1, tzinfo=UTC)),
            id="the time of death",
        ),
        pytest.param(
            "|||F" + "|" * 22 + "Y", Demographics("", Gender.FEMALE, RECEIVED), id="dead by then"
        ),
    ],
)
def test_demographics_are_kept_as_far_as_they_are_known(
    fields: str, expected: Demographics
) -> None:
    assert bodies(hl7("ADT^A08", PID + fields)) == [expected]


def test_a_pid_that_says_only_who_it_is_changes_nothing() -> None:
    translation = translate(hl7("ADT^A08", PID), RULES)

    assert events(hl7("ADT^A08", PID)) == []
    assert translation.unused == {"message without content": 1}


def test_an_update_is_a_later_version_of_the_same_demographics() -> None:
    first = only(hl7("ADT^A01", PID + "||19700421|M"))
    update = only(hl7("ADT^A08", PID + "||19700422|M", sent="20260301120001+0000"))

    assert update.entity_id == first.entity_id
    assert update.version > first.version


def test_a_visit_is_an_encounter() -> None:
    assert bodies(hl7("ADT^A01", PID, VISIT)) == [
        Encounter("IMP", datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("fields", "status", "verification"),
    [
        pytest.param("F", Status.FINAL, "confirmed", id="final"),
        pytest.param("A", Status.PRELIMINARY, "provisional", id="admitting"),
        pytest.param("W", Status.PRELIMINARY, "provisional", id="working"),
        pytest.param("F" + "|" * 15 + "D", Status.WITHDRAWN, "confirmed", id="deleted"),
    ],
)
def test_a_diagnosis_is_a_condition_as_sure_as_its_type(
    fields: str, status: Status, verification: str
) -> None:
    event = only(hl7("ADT^A01", PID, STROKE + fields))

    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert event.status is status
    assert event.body == Condition(
        Code(SNOMED, "422504002"), onset_at=at, verification=verification
    )


def test_a_diagnosis_is_known_by_its_identifier() -> None:
    identifier = "F" + "|" * 14 + "D1^HOSP"
    other_code = STROKE.replace("422504002", "230690007")

    first = only(hl7("ADT^A01", PID, STROKE + identifier))
    corrected = only(hl7("ADT^A08", PID, other_code + identifier))

    assert corrected.entity_id == first.entity_id


def test_without_an_identifier_a_diagnosis_is_known_by_visit_and_code() -> None:
    first = events(hl7("ADT^A01", PID, VISIT, STROKE + "A"))[1]
    final = events(hl7("ADT^A08", PID, VISIT, STROKE + "F"))[1]
    elsewhere = only(hl7("ADT^A08", PID, STROKE + "F"))

    assert final.entity_id == first.entity_id != elsewhere.entity_id


def test_an_allergy_is_read_by_its_code() -> None:
    assert bodies(hl7("ADT^A01", PID, "AL1|1|DA|T88.7^Penicillin^I10C|SV")) == [
        Allergy(Code(ICD10CM, "T88.7"))
    ]


def test_an_admission_s_observations_are_the_patient_s() -> None:
    (body,) = bodies(hl7("ADT^A01", PID, obx()))

    assert isinstance(body, Observation)


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        pytest.param("PV1|1|I", "PV1 without a visit number", id="a visit"),
        pytest.param("DG1|1||^Stroke", "DG1 without a code", id="a diagnosis"),
        pytest.param("AL1|1||^Penicillin", "AL1 without a code", id="an allergy"),
        pytest.param("NK1|1|COLE^ERICKA", "segment NK1", id="a segment not used"),
        pytest.param("ZPI|1", "segment of the sender's own", id="a sender's own"),
        pytest.param("QX7|1", "segment of unknown type", id="a segment that HL7 does not define"),
    ],
)
def test_what_is_not_used_is_counted(segment: str, name: str) -> None:
    assert translate(hl7("ADT^A01", PID + "||1970|M", segment), RULES).unused == {name: 1}


def test_a_segment_at_fault_does_not_hide_the_others() -> None:
    message = hl7("ADT^A01", PID + "||19700231|M", STROKE + "F")

    kinds: list[type[Body]] = [type(body) for body in bodies(message)]

    assert kinds == [Condition]
    assert str(translate(message, RULES).refusal) == "PID[1]-7 is no time of the calendar"


@pytest.mark.parametrize(
    ("segments", "error"),
    [
        pytest.param([], MalformedEvent, id="no PID"),
        pytest.param(["PID|1"], UnknownPatient, id="no identifier"),
        pytest.param(["PID|1||1^^^A^MR~2^^^A^MR"], UnknownPatient, id="two records"),
        pytest.param(
            ["PID|1||123456789^^^A^MR" + "|" * 16 + "123-45-6789"],
            UnknownPatient,
            id="the social security number as a record number",
        ),
    ],
)
def test_an_admission_of_no_one_is_refused(segments: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        translate(hl7("ADT^A01", *segments), RULES)
