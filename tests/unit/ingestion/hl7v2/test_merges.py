import pytest
from tests.unit.ingestion.given import KEYS, RULES, bodies, events
from tests.unit.ingestion.hl7v2.messages import ALSO, OTHER, PATIENT, PID, hl7

from epione.errors import MalformedEvent, UnknownPatient
from epione.identity import link_id
from epione.timeline import Demographics, Gender, PatientsMerged, PatientsUnmerged
from epione_ingestion import translate

MRG = "MRG|67890^^^HOSP^MR"
LINK = link_id(KEYS, "north", PATIENT, OTHER)


def test_a_merge_stands_on_both_logs() -> None:
    found = events(hl7("ADT^A40", PID, MRG))

    assert [event.patient for event in found] == [OTHER, PATIENT]
    assert [event.body for event in found] == [PatientsMerged(OTHER, PATIENT)] * 2
    assert {event.entity_id for event in found} == {LINK}


def test_an_unmerge_is_a_later_version_of_the_merge_on_both_logs() -> None:
    merged = events(hl7("ADT^A40", PID, MRG))
    unmerged = events(hl7("ADT^A37", PID, ALSO))

    assert [event.body for event in unmerged] == [PatientsUnmerged(OTHER, PATIENT)] * 2
    assert {event.entity_id for event in unmerged} == {LINK}
    assert unmerged[0].version > merged[0].version


def test_an_unmerge_names_the_two_in_any_order() -> None:
    assert {event.entity_id for event in events(hl7("ADT^A37", ALSO, PID))} == {LINK}


def test_a_merge_of_the_surviving_patient_s_pid_gives_demographics() -> None:
    assert bodies(hl7("ADT^A40", PID + "||1970|M", MRG))[0] == Demographics("1970", Gender.MALE)


def test_a_message_may_hold_several_merges() -> None:
    found = events(hl7("ADT^A40", PID, MRG, "PID|1||3^^^HOSP^MR", "MRG|4^^^HOSP^MR"))

    assert len({event.entity_id for event in found}) == 2


def test_a_merge_without_a_type_takes_the_only_number() -> None:
    assert len(events(hl7("ADT^A40", PID, "MRG|67890^^^HOSP"))) == 2


@pytest.mark.parametrize(
    ("kind", "segments", "error"),
    [
        pytest.param("ADT^A40", [PID], MalformedEvent, id="nothing merged"),
        pytest.param("ADT^A40", [PID, "MRG|"], UnknownPatient, id="no retired record"),
        pytest.param("ADT^A40", ["PID|1", MRG], UnknownPatient, id="no surviving record"),
        pytest.param("ADT^A40", [PID, "MRG|12345^^^HOSP^MR"], MalformedEvent, id="with itself"),
        pytest.param("ADT^A37", [PID], MalformedEvent, id="one record to tell apart"),
        pytest.param("ADT^A37", [PID, "PID|2"], UnknownPatient, id="one record that has no name"),
    ],
)
def test_a_merge_that_does_not_name_both_is_refused(
    kind: str, segments: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        translate(hl7(kind, *segments), RULES)


def test_a_merge_at_fault_does_not_hide_another() -> None:
    message = hl7("ADT^A40", PID, MRG, "PID|1", "MRG|4^^^HOSP^MR")

    assert len(events(message)) == 2
    assert str(translate(message, RULES).refusal).startswith("PID[2]: ")
