"""What inference says stands on the right topic, under the patient's key, with its attributes."""

from datetime import UTC, datetime

import pytest
from tests.unit.medicine.patients import NOW

from epione.messaging import attributes_of, topics
from epione.timeline import Recompute, TimeReached, time_reached
from epione.wire import event_from_wire
from epione_inference.messages import EPOCH, recompute_messages, time_message, told_message


def test_a_time_that_has_come_is_told_to_the_patients_log() -> None:
    message = time_message("north/p-1", int(NOW.timestamp()) * 1_000 + 5)

    event = event_from_wire(message.value)
    assert (message.topic, message.key) == (topics.PATIENT_EVENTS, b"north/p-1")
    assert event.body == TimeReached(NOW.replace(microsecond=5_000))
    assert event.recorded_at == NOW.replace(microsecond=5_000)


def test_the_same_time_told_again_is_the_same_event() -> None:
    once, again = (time_message("north/p-1", 1_000) for _ in range(2))

    assert once == again
    assert attributes_of(once.headers)["ce_id"] == "time/1970-01-01T00:00:01+00:00/p-1/p-1"


def test_asking_for_a_plan_again_lets_no_time_pass() -> None:
    (message,) = recompute_messages(["north/p-1"])

    event = event_from_wire(message.value)
    assert isinstance(event.body, Recompute)
    assert event.recorded_at == EPOCH == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("key", ["", "north", "north/"])
def test_nobody_is_asked_for_a_key_that_is_no_patients(key: str) -> None:
    assert recompute_messages([key]) == []


def test_each_wish_for_a_plan_is_a_message_of_its_own() -> None:
    once, again = (recompute_messages(["north/p-1"])[0] for _ in range(2))

    assert once.headers != again.headers


def test_what_two_records_reached_at_one_time_is_two_messages() -> None:
    at = [time_reached("north", "p-1", NOW, origin=record) for record in ("p-0", "p-2")]

    assert len({attributes_of(told_message(each).headers)["ce_id"] for each in at}) == 2
