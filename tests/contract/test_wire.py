"""Every value comes back from the wire as it went, and nothing else is let in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from tests.contract import values

from epione import timeline as t
from epione.errors import MalformedEvent
from epione.medicine.recommendation import Plan, PlanState
from epione.v1 import genome_sample_pb2, patient_event_pb2, plan_pb2
from epione.wire import (
    Changed,
    GenomeSample,
    Revision,
    event_from_wire,
    event_to_message,
    event_to_wire,
    plan_from_wire,
    plan_to_wire,
    recommendation_from_wire,
    recommendation_to_wire,
    sample_from_wire,
    sample_to_wire,
)

RECEIVED = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
JSON = "application/json"

EVENT = t.PatientEvent(
    tenant="north",
    patient="p-7",
    delivery_id="hospital.fhir.v1/0/12/0",
    entity_id="e-1",
    version=t.SourceVersion(1_777_000_000_000_000),
    status=t.Status.FINAL,
    recorded_at=RECEIVED,
    body=t.Observation(t.Code(t.LOINC, "8480-6"), t.Quantity(142, "mm[Hg]")),
)


@pytest.mark.parametrize("body", values.BODIES, ids=lambda body: body.__name__)
@given(draw=st.data())
def test_an_event_of_every_body_comes_back_as_it_went(
    body: type[t.Body], draw: st.DataObject
) -> None:
    event = draw.draw(values.events(values.BODIES[body]))

    assert event_from_wire(event_to_wire(event)) == event


@pytest.mark.parametrize("body", values.BODIES, ids=lambda body: body.__name__)
@given(draw=st.data())
def test_an_event_of_every_body_may_be_sent_as_json(
    body: type[t.Body], draw: st.DataObject
) -> None:
    event = draw.draw(values.events(values.BODIES[body]))

    sent = json_format.MessageToJson(event_to_message(event)).encode()

    assert event_from_wire(sent, JSON) == event


def test_no_body_is_left_untried() -> None:
    assert set(values.BODIES) == set(get_args(t.Body))


@given(values.samples)
def test_a_genome_sample_comes_back_as_it_went(sample: GenomeSample) -> None:
    assert sample_from_wire(sample_to_wire(sample)) == sample


@given(values.plans, values.revisions)
def test_a_plan_comes_back_as_it_went(plan: Plan, revision: Revision) -> None:
    assert plan_from_wire(plan_to_wire(plan, revision)) == (plan, revision)


@given(values.changes())
def test_a_changed_recommendation_comes_back_as_it_went(changed: Changed) -> None:
    assert recommendation_from_wire(recommendation_to_wire(changed)) == changed


def test_a_plan_has_one_spelling_whatever_the_order_of_its_versions() -> None:
    forth = Plan("n", "p", RECEIVED, PlanState.CURRENT, (), versions={"a": "1", "b": "2"})
    back = replace(forth, versions={"b": "2", "a": "1"})

    assert plan_to_wire(forth, Revision(0, 1)) == plan_to_wire(back, Revision(0, 1))


def test_a_time_of_another_zone_comes_back_in_utc() -> None:
    east = RECEIVED.astimezone(timezone(timedelta(hours=9)))

    received = event_from_wire(event_to_wire(replace(EVENT, recorded_at=east))).recorded_at

    assert (received, received.tzinfo) == (RECEIVED, UTC)


def test_a_time_without_a_zone_is_the_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="no zone"):
        event_to_wire(replace(EVENT, recorded_at=RECEIVED.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("application/json; charset=utf-8", id="with a charset"),
        pytest.param("Application/JSON", id="in capitals"),
    ],
)
def test_a_content_type_is_read_as_http_has_it(content_type: str) -> None:
    sent = json_format.MessageToJson(event_to_message(EVENT)).encode()

    assert event_from_wire(sent, content_type) == EVENT


def test_json_of_proto_field_names_is_read_too() -> None:
    sent = json_format.MessageToJson(event_to_message(EVENT), preserving_proto_field_name=True)

    assert event_from_wire(sent.encode(), JSON) == EVENT


def test_a_field_of_a_newer_release_is_passed_over() -> None:
    unknown_field_900 = b"\xa2\x38\x03new"

    assert event_from_wire(event_to_wire(EVENT) + unknown_field_900) == EVENT


@pytest.mark.parametrize(
    ("value", "content_type", "says"),
    [
        pytest.param(None, "application/protobuf", "no bytes", id="tombstone"),
        pytest.param(b"", JSON, "no bytes", id="empty"),
        pytest.param(b"\xff\xff", "application/protobuf", "not readable", id="not protobuf"),
        pytest.param(b"{", JSON, "not readable", id="not JSON"),
        pytest.param(b"\xff\xfe", JSON, "not readable", id="not UTF-8"),
        pytest.param(b"[" * 5_000, JSON, "not readable", id="nested too deep"),
        pytest.param(b'{"tenat": "north"}', JSON, "not readable", id="misspelt field"),
        pytest.param(b"<a/>", "application/xml", "content-type is neither", id="another type"),
    ],
)
def test_what_is_no_event_is_malformed(value: bytes | None, content_type: str, says: str) -> None:
    with pytest.raises(MalformedEvent, match=says):
        event_from_wire(value, content_type)


@pytest.mark.parametrize(
    "field",
    ["tenant", "patient", "delivery_id", "entity_id", "status", "recorded_at", "observation"],
)
def test_an_event_without_what_every_event_has_is_malformed(field: str) -> None:
    message = event_to_message(EVENT)
    message.ClearField(field)  # type: ignore[arg-type]

    with pytest.raises(MalformedEvent, match="body" if field == "observation" else field):
        event_from_wire(message.SerializeToString())


def test_a_time_past_the_year_9999_is_malformed() -> None:
    message = event_to_message(EVENT)
    message.recorded_at.seconds = 2**62

    with pytest.raises(MalformedEvent, match="years 1 to 9999"):
        event_from_wire(message.SerializeToString())


def test_a_gender_outside_the_vocabulary_is_malformed() -> None:
    message = event_to_message(replace(EVENT, body=t.Demographics("1970")))
    message.demographics.gender = "F"

    with pytest.raises(MalformedEvent, match="gender"):
        event_from_wire(message.SerializeToString())


def test_a_malformed_message_is_not_quoted() -> None:
    with pytest.raises(MalformedEvent) as fault:
        event_from_wire(b'{"tenant": "north", "observation": "Rosalind"}', JSON)

    assert "Rosalind" not in str(fault.value)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(genome_sample_pb2.GenomeSample(tenant="n"), "patient", id="sample of no one"),
        pytest.param(plan_pb2.Plan(tenant="n"), "as_of", id="plan of no time"),
        pytest.param(plan_pb2.Recommendation(id="r"), "change", id="change of no kind"),
        pytest.param(
            plan_pb2.Recommendation(id="r", change=plan_pb2.Recommendation.CHANGE_ADDED),
            "kind",
            id="subject of no kind",
        ),
    ],
)
def test_what_lacks_its_substance_is_malformed(message: Message, says: str) -> None:
    read = {
        genome_sample_pb2.GenomeSample: sample_from_wire,
        plan_pb2.Plan: plan_from_wire,
        plan_pb2.Recommendation: recommendation_from_wire,
    }[type(message)]

    with pytest.raises(MalformedEvent, match=says):
        read(message.SerializeToString())


def test_a_withdrawn_sample_needs_no_content() -> None:
    sample = GenomeSample("n", "p", "d", "e", t.SourceVersion(1), RECEIVED, "ab", 0, withdrawn=True)

    assert sample_from_wire(sample_to_wire(sample)) == sample


def test_every_field_of_an_event_has_its_place_on_the_wire() -> None:
    fields = set(patient_event_pb2.PatientEvent.DESCRIPTOR.fields_by_name)
    bodies = {field.name for field in patient_event_pb2.PatientEvent.DESCRIPTOR.oneofs[0].fields}

    assert fields - bodies | {"body"} == set(t.PatientEvent.__dataclass_fields__)
