"""What is published of a patient stands under the patient's key, with one set of attributes."""

from dataclasses import replace

import pytest
from tests.unit.timeline.records import DAY, START, event, order

from epione.messaging import attributes_of, topics
from epione.patient_message import event_message, patient_message
from epione.wire import event_from_wire


def test_a_message_of_a_patient_says_what_it_is_and_whence() -> None:
    message = patient_message(
        topics.PATIENT_PLANS,
        "north",
        "p-1",
        b"plan",
        event_id="p-1/0/7",
        source="/epione/inference",
        kind="Plan",
        time=START + DAY,
    )

    said = attributes_of(message.headers)
    assert (message.topic, message.key, message.value) == (
        topics.PATIENT_PLANS,
        b"north/p-1",
        b"plan",
    )
    assert (said["ce_id"], said["ce_source"], said["ce_type"]) == (
        "p-1/0/7",
        "/epione/inference",
        "epione.v1.Plan",
    )


def test_an_event_is_named_by_its_delivery() -> None:
    ordered = event(order("309362"), "order")

    message = event_message(ordered, "/epione/ingestion")

    assert message.topic == topics.PATIENT_EVENTS
    assert event_from_wire(message.value) == ordered
    assert attributes_of(message.headers)["ce_id"] == ordered.delivery_id


@pytest.mark.parametrize(
    ("origin", "owner"),
    [
        pytest.param("", None, id="its own"),
        pytest.param("p-1", None, id="its own, said"),
        pytest.param("p-0", "north/p-0", id="a merged record's"),
    ],
)
def test_what_a_merged_record_stated_stays_that_records_to_forget(
    origin: str, owner: str | None
) -> None:
    told = replace(event(order("309362"), "order"), origin=origin)

    message = event_message(told, "/epione/inference")

    assert attributes_of(message.headers).get("epione_owner") == owner


def test_an_event_may_be_named_otherwise() -> None:
    message = event_message(event(order("309362"), "order"), "/epione/inference", "told/1")

    assert attributes_of(message.headers)["ce_id"] == "told/1"
