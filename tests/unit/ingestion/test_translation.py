import sys
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ingestion.given import (
    ALIAS,
    PATIENT,
    RULES,
    Json,
    coded,
    fhir,
    on_topic,
    only,
    patient,
    record,
    resource,
)

from epione.errors import MalformedEvent, Rejected
from epione.messaging import attributes_of, topics
from epione.timeline import LOINC, Code, Observation, Quantity
from epione.wire import event_from_wire
from epione_ingestion import CodeMap, translate
from epione_ingestion.fhir import RESOURCE_TYPES

RAW = [topics.HOSPITAL_FHIR.name, topics.HOSPITAL_HL7V2.name, topics.HOSPITAL_GENOME.name]


def cholesterol(system: str = LOINC, code: str = "2093-3", unit: str = "mmol/L") -> Json:
    quantity = {"value": 5, "unit": unit}
    return resource("Observation", status="final", code=coded(system, code), valueQuantity=quantity)


def test_an_event_stands_under_its_patient_s_key_as_a_cloud_event() -> None:
    (message,) = translate(fhir(cholesterol(), offset=7), RULES).messages

    attributes = attributes_of(message.headers)
    assert message.topic == topics.PATIENT_EVENTS
    assert message.key == f"north/{ALIAS}".encode()
    assert attributes["ce_id"] == "hospital.fhir.v1/0/7/0"
    assert attributes["ce_source"] == "/epione/ingestion"
    assert attributes["ce_type"] == "epione.v1.PatientEvent"
    assert attributes["ce_time"] == "2026-03-01T12:00:00.007000Z"
    assert attributes["content-type"] == "application/protobuf"


def test_what_is_read_again_says_when_and_is_another_event() -> None:
    (message,) = translate(fhir(cholesterol(), offset=7), replace(RULES, reading=5)).messages

    assert event_from_wire(message.value).reading == 5
    assert attributes_of(message.headers)["ce_id"] == "hospital.fhir.v1/0/7/0@5"


def test_each_event_of_a_message_has_a_delivery_id_of_its_own() -> None:
    messages = translate(fhir([patient(), cholesterol()], offset=7), RULES).messages

    assert [
        event_from_wire(message.value).delivery_id
        for message in on_topic(messages, topics.PATIENT_EVENTS)
    ] == [f"hospital.fhir.v1/0/7/{index}" for index in range(4)]


def test_the_same_record_gives_the_same_bytes() -> None:
    sent = fhir([patient(), cholesterol()])

    assert translate(sent, RULES) == translate(sent, RULES)


def test_a_measurement_is_given_in_the_unit_that_is_read() -> None:
    assert only(fhir(cholesterol())).body == Observation(
        Code(LOINC, "2093-3"), Quantity(5 * 38.67, "mg/dL")
    )


def test_a_unit_that_no_rule_converts_is_kept_and_counted() -> None:
    translation = translate(fhir(cholesterol(unit="ng/mL")), RULES)

    assert translation.unconverted == 1
    assert only(fhir(cholesterol(unit="ng/mL"))).body == Observation(
        Code(LOINC, "2093-3"), Quantity(5, "ng/mL")
    )


def test_a_code_that_no_map_knows_is_kept_and_counted() -> None:
    translation = translate(fhir(cholesterol("urn:lab", "CHOL")), RULES)

    body = only(fhir(cholesterol("urn:lab", "CHOL"))).body
    assert translation.unmapped == {"Observation": 1}
    assert body == Observation(Code("urn:lab", "CHOL"), Quantity(5, "mmol/L"))


def test_a_code_that_a_map_knows_is_read_as_its_target() -> None:
    maps = CodeMap({("urn:lab", "CHOL"): Code(LOINC, "2093-3")})
    rules = replace(RULES, maps=maps)

    assert only(fhir(cholesterol("urn:lab", "CHOL")), rules).body == only(fhir(cholesterol())).body
    assert not translate(fhir(cholesterol("urn:lab", "CHOL")), rules).unmapped


def test_what_a_sender_writes_beside_a_code_is_not_kept() -> None:
    (message,) = translate(fhir(cholesterol()), RULES).messages

    assert b"as the sender says" not in message.value


def test_a_patient_of_another_tenant_is_another_patient() -> None:
    north = translate(fhir(patient()), RULES).messages[0]
    south = translate(fhir(patient(), ce_tenant="south"), RULES).messages[0]

    assert north.key == f"north/{PATIENT}".encode()
    assert south.key.startswith(b"south/")
    assert PATIENT.encode() not in south.key


def test_of_many_faults_the_first_twenty_are_named() -> None:
    faults = [resource("Observation", status="done", code=coded(LOINC, "1")) for _ in range(25)]

    refusal = str(translate(fhir([*faults, cholesterol()]), RULES).refusal)

    assert "entry 19:" in refusal
    assert refusal.endswith("; and 5 more")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(resource("Condition", code=coded("urn:lab", "\ud800")), id="in a code"),
        pytest.param(patient(id="\ud800"), id="in a name"),
    ],
)
def test_half_of_a_surrogate_pair_is_refused(sent: Json) -> None:
    with pytest.raises(MalformedEvent, match="surrogate"):
        translate(fhir(sent), RULES)


def test_what_is_nested_too_deeply_to_be_named_is_refused() -> None:
    """Without an id a resource is named by its content, which is then written anew."""
    depths = range(sys.getrecursionlimit() - 200, sys.getrecursionlimit())
    sent = [
        b'{"resourceType": "Condition", "code": {"coding": [{"code": "1"}]}, "x": %s%s, %s}'
        % (b"[" * depth, b"]" * depth, b'"subject": {"reference": "Patient/p1"}')
        for depth in depths
    ]

    assert all(answered(topics.HOSPITAL_FHIR.name, each) for each in sent)


@pytest.mark.parametrize("topic", RAW)
def test_a_record_without_a_value_is_refused(topic: str) -> None:
    with pytest.raises(Rejected):
        translate(record(topic, b"")._replace(value=None), RULES)


def answered(topic: str, value: bytes, content_type: str = "") -> bool:
    """Say whether the value is used, counted or refused, and nothing else is raised."""
    sent = record(topic, value, 0, {"content-type": content_type})
    try:
        translation = translate(sent, RULES)
    except Rejected:
        return True
    return bool(translation.messages or translation.unused)


@settings(deadline=None)
@given(st.sampled_from(RAW), st.binary(max_size=200), st.sampled_from(["", "text/vcf"]))
def test_any_bytes_are_used_counted_or_refused(topic: str, value: bytes, kind: str) -> None:
    assert answered(topic, value, kind)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
ELEMENTS = sorted(
    {"id", "meta", "status", "code", "subject", "patient", "identifier", "component", "intent"}
    | {"valueQuantity", "valueCodeableConcept", "effectiveDateTime", "birthDate", "gender"}
    | {"medicationCodeableConcept", "clinicalStatus", "verificationStatus", "period", "provision"}
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(RESOURCE_TYPES)) | JSON,
    st.dictionaries(st.sampled_from(ELEMENTS), JSON),
)
def test_any_resource_is_used_counted_or_refused(kind: object, elements: Json) -> None:
    by_itself = fhir({**elements, "resourceType": kind})
    in_a_bundle = fhir([{**elements, "resourceType": kind}, cholesterol()])

    assert answered(by_itself.topic, cast(bytes, by_itself.value))
    assert answered(in_a_bundle.topic, cast(bytes, in_a_bundle.value))


FIELD = st.text(alphabet='AZ019^~&\\|"<>.:-+ é', max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["ADT^A01", "ADT^A40", "ADT^A37", "ORU^R01"]),
    st.lists(st.tuples(st.sampled_from(["PID", "OBX", "OBR", "PV1", "DG1", "AL1", "MRG"]), FIELD)),
)
def test_any_segments_are_used_counted_or_refused(
    kind: str, segments: list[tuple[str, str]]
) -> None:
    lines = [f"MSH|^~\\&|LAB|HOSP|||20260301120000+0000||{kind}|1|P|2.5.1"]
    lines += [f"{name}|{fields}" for name, fields in segments]

    assert answered(topics.HOSPITAL_HL7V2.name, "\r".join(lines).encode())
