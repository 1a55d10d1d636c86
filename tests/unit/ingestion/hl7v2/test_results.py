from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.unit.ingestion.given import RULES, bodies, events, only
from tests.unit.ingestion.hl7v2.messages import ALSO, OTHER, PATIENT, PID, hl7, obx, oru

from epione.errors import MalformedEvent, UnknownPatient
from epione.timeline import LOINC, SNOMED, Code, Demographics, Gender, Observation, Quantity, Status
from epione_ingestion import translate

OBR = "OBR|1|P1^PLACER|F1^FILLER|24331-1^Lipids^LN|||20260228080000+0100"
CHOLESTEROL = Code(LOINC, "2093-3")


def test_a_result_is_an_observation_of_the_patient() -> None:
    event = only(oru(OBR, obx()))

    assert event.patient == PATIENT
    assert event.body == Observation(CHOLESTEROL, Quantity(210, "mg/dL"))
    assert event.status is Status.FINAL
    assert event.effective_at == datetime(2026, 2, 28, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "value", "absent_reason"),
    [
        pytest.param("NM|2093-3^^LN||210.5|mg/dL", Quantity(210.5, "mg/dL"), "", id="a number"),
        pytest.param("NM|2093-3^^LN||<5|mg/dL", Quantity(5, "mg/dL", "<"), "", id="NM with <"),
        pytest.param("SN|2093-3^^LN||>=^200|mg/dL", Quantity(200, "mg/dL", ">="), "", id="SN"),
        pytest.param("SN|2093-3^^LN||=^200|mg/dL", Quantity(200, "mg/dL"), "", id="SN with ="),
        pytest.param("SN|2093-3^^LN||^1^:^128|", None, "unsupported", id="a ratio"),
        pytest.param("ST|2093-3^^LN||< 5.0|mg/dL", Quantity(5, "mg/dL", "<"), "", id="ST number"),
        pytest.param("ST|2093-3^^LN||210|", None, "free-text", id="ST without a unit"),
        pytest.param("TX|2093-3^^LN||Mr Cole smokes|", None, "free-text", id="a text"),
        pytest.param(
            "CWE|2093-3^^LN||8517006^Ex-smoker^SCT|", Code(SNOMED, "8517006"), "", id="a code"
        ),
        pytest.param(
            "CE|2093-3^^LN||X^^L^8517006^^SCT|", Code(SNOMED, "8517006"), "", id="the second code"
        ),
        pytest.param("CE|2093-3^^LN||Cole^Vito|", None, "free-text", id="a code of no system"),
        pytest.param("CE|2093-3^^LN||1^Cole^Vito|", None, "free-text", id="a name as a system"),
        pytest.param("CE|2093-3^^LN||1^^L|", Code("urn:id:L", "1"), "", id="a sender's own code"),
        pytest.param("NM|2093-3^^LN||1~2|mg/dL", None, "unsupported", id="two numbers"),
        pytest.param("ED|2093-3^^LN||^AP^^Base64^QQ==|", None, "unsupported", id="a document"),
        pytest.param('NM|2093-3^^LN||""|mg/dL', None, "unknown", id="a value deleted"),
        pytest.param("NM|2093-3^^LN|||mg/dL", None, "unknown", id="no value"),
    ],
)
def test_a_value_is_read_by_its_type(
    sent: str, value: Quantity | Code | None, absent_reason: str
) -> None:
    assert only(oru(OBR, obx(sent))).body == Observation(CHOLESTEROL, value, absent_reason)


@pytest.mark.parametrize(
    ("flag", "status"),
    [
        ("P", Status.PRELIMINARY),
        ("R", Status.PRELIMINARY),
        ("S", Status.PRELIMINARY),
        ("F", Status.FINAL),
        ("U", Status.FINAL),
        ("C", Status.CORRECTED),
        ("D", Status.WITHDRAWN),
        ("W", Status.WITHDRAWN),
        ("X", Status.WITHDRAWN),
    ],
)
def test_the_status_says_how_far_it_may_be_trusted(flag: str, status: Status) -> None:
    assert only(oru(OBR, obx(status=flag))).status is status


@pytest.mark.parametrize("flag", ["I", "N", "O"])
def test_what_has_no_result_yet_is_counted(flag: str) -> None:
    translation = translate(oru(OBR, obx(status=flag)), RULES)

    assert translation.unused == {f"OBX with status {flag}": 1}


def test_a_status_made_final_without_the_result_is_counted() -> None:
    unused = translate(oru(OBR, obx("NM|2093-3^^LN|||mg/dL", "U")), RULES).unused

    assert unused == {"OBX with status U": 1}


@pytest.mark.parametrize(
    ("of_order", "status"),
    [
        ("F", Status.FINAL),
        ("C", Status.CORRECTED),
        ("X", Status.WITHDRAWN),
        ("", Status.PRELIMINARY),
    ],
)
def test_without_a_status_the_order_s_counts(of_order: str, status: Status) -> None:
    order = OBR + "|" * 18 + of_order

    assert only(oru(order, obx(status=""))).status is status


@pytest.mark.parametrize("flag", ["F", "C", "D", "W", "X"])
def test_a_correction_is_a_version_of_the_same_fact_that_counts_more(flag: str) -> None:
    first = only(oru(OBR, obx(status="P")))
    later = only(oru(OBR, obx("NM|2093-3^^LN||190|mg/dL", flag), sent="20260301120500+0000"))

    assert later.entity_id == first.entity_id
    assert later.version > first.version


def test_at_the_same_time_the_later_stage_counts() -> None:
    versions = [only(oru(OBR, obx(status=flag))).version for flag in "PFCX"]

    assert versions == sorted(versions)
    assert len(set(versions)) == 4


def test_a_message_sent_again_says_the_same() -> None:
    first, again = only(oru(OBR, obx(), offset=1)), only(oru(OBR, obx(), offset=2))

    assert replace(again, delivery_id="", recorded_at=first.recorded_at) == replace(
        first, delivery_id=""
    )


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param(["OBR|1||F2^FILLER", obx()], id="another order"),
        pytest.param(["OBR|1||F1^ELSEWHERE", obx()], id="another filler"),
        pytest.param([OBR, obx("NM|2085-9^HDL^LN||50|mg/dL")], id="another code"),
        pytest.param([OBR, obx("NM|2093-3^^LN|2|210|mg/dL")], id="another sub-id"),
    ],
)
def test_what_differs_is_another_fact(segments: list[str]) -> None:
    assert only(oru(*segments)).entity_id != only(oru(OBR, obx())).entity_id


def test_the_order_s_number_may_stand_in_orc() -> None:
    in_orc = only(oru("ORC|RE||F1^FILLER", "OBR|1", obx()))

    assert in_orc.entity_id == only(oru("OBR|1||F1^FILLER", obx())).entity_id


def test_results_of_one_code_in_one_order_are_told_apart_by_time() -> None:
    at = "||20260301080000+0000"
    found = events(oru(OBR, obx(), obx() + at))

    assert len({event.entity_id for event in found}) == 2


def test_without_an_order_the_time_tells_facts_apart() -> None:
    morning, evening = obx() + "|||20260301080000+0000", obx() + "|||20260301200000+0000"

    first, second, again = (only(oru(each)) for each in (morning, evening, morning))

    assert first.entity_id == again.entity_id != second.entity_id


def test_a_map_does_not_change_which_fact_it_is() -> None:
    local = obx("NM|CHOL^Cholesterol^L||210|mg/dL")

    assert only(oru(OBR, local)).entity_id != only(oru(OBR, obx())).entity_id
    assert only(oru(OBR, local)).body == Observation(
        Code("urn:id:L", "CHOL"), Quantity(210, "mg/dL")
    )


def test_an_observation_of_the_specimen_is_not_the_patient_s() -> None:
    translation = translate(oru(OBR, "SPM|1", obx()), RULES)

    assert translation.unused == {"OBX of a specimen": 1}


def test_each_result_is_of_the_patient_before_it() -> None:
    found = events(hl7("ORU^R01", PID, OBR, obx(), ALSO, OBR, obx()))

    assert [event.patient for event in found] == [PATIENT, OTHER]


def test_results_after_a_patient_that_cannot_be_named_are_no_one_else_s() -> None:
    translation = translate(hl7("ORU^R01", PID, OBR, obx(), "PID|1", OBR, obx()), RULES)

    assert len(events(hl7("ORU^R01", PID, OBR, obx(), "PID|1", OBR, obx()))) == 1
    assert isinstance(translation.refusal, UnknownPatient)
    assert str(translation.refusal).startswith("PID[2]: ")


def test_a_whole_pid_gives_demographics_too() -> None:
    found = bodies(hl7("ORU^R01", PID + "||19700421|M", OBR, obx()))

    assert found[0] == Demographics("1970-04-21", Gender.MALE)


@pytest.mark.parametrize("flag", ["D", "W", "X"])
def test_what_is_withdrawn_needs_no_value_that_can_be_read(flag: str) -> None:
    event = only(oru(OBR, obx("NM|2093-3^^LN||not performed|mg/dL", flag)))

    assert event.status is Status.WITHDRAWN
    assert event.body == Observation(CHOLESTEROL, None, "unknown")


def test_a_birth_date_at_fault_does_not_hide_the_results() -> None:
    message = hl7("ORU^R01", PID + "||19700231|M", OBR, obx())

    assert len(events(message)) == 1
    assert str(translate(message, RULES).refusal) == "PID[1]-7 is no time of the calendar"


def test_a_result_before_any_patient_is_refused() -> None:
    message = hl7("ORU^R01", obx(), PID, OBR, obx())

    assert len(events(message)) == 1
    assert str(translate(message, RULES).refusal) == "OBX[1] stands before any PID"


def test_a_result_at_fault_does_not_hide_the_others() -> None:
    translation = translate(oru(OBR, obx("NM|2093-3^^LN||high|mg/dL"), obx()), RULES)

    assert str(translation.refusal) == "OBX[1]-5 must be a number"
    assert len(events(oru(OBR, obx("NM|2093-3^^LN||high|mg/dL"), obx()))) == 1


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        pytest.param(obx(status="Q"), r"OBX\[1\]-11 must be of HL7 table 0085", id="a status"),
        pytest.param(obx("SN|2093-3^^LN||?^200|mg/dL"), r"OBX\[1\]-5 must be", id="a comparator"),
        pytest.param(obx(f"NM|2093-3^^LN||{'9' * 400}|"), r"finite number", id="a huge number"),
        pytest.param(obx() + "|||yesterday", r"OBX\[1\]-14 must be YYYY", id="a time"),
        pytest.param(obx() + "|||20260230", r"OBX\[1\]-14 is no time", id="no day"),
    ],
)
def test_what_is_malformed_is_refused_by_its_place(segment: str, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason):
        translate(oru(OBR, segment), RULES)


def test_a_result_without_a_patient_is_refused() -> None:
    with pytest.raises(MalformedEvent, match="no PID"):
        translate(hl7("ORU^R01", OBR, obx()), RULES)


def test_a_time_without_a_zone_takes_the_header_s() -> None:
    event = only(oru(obx() + "|||20260301080000", sent="20260301120000+0100"))

    assert event.effective_at == datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_a_header_without_a_zone_takes_the_operator_s() -> None:
    rules = replace(RULES, zone=ZoneInfo("America/New_York"))
    event = only(oru(obx() + "|||20260701080000", sent="20260701120000"), rules)

    assert event.effective_at == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_without_any_zone_a_message_is_refused() -> None:
    with pytest.raises(MalformedEvent, match=r"MSH\[1\]-7 has no time zone, and EPIONE_ZONE"):
        translate(oru(obx(), sent="20260301120000"), replace(RULES, zone=None))


def test_a_date_needs_no_zone() -> None:
    event = only(oru(obx() + "|||20260301"), replace(RULES, zone=None))

    assert event.effective_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_unit_coded_in_ucum_is_preferred() -> None:
    unit = "mg per dl^^L^mg/dL^^UCUM"
    body = only(oru(OBR, obx(f"NM|2093-3^^LN||210|{unit}"))).body

    assert body == Observation(CHOLESTEROL, Quantity(210, "mg/dL"))
