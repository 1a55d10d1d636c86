"""What inference says stands on the right topic, under the patient's key, with its attributes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.inference.stream import Stream
from tests.unit.medicine.patients import COMPLETE, NOW

from epione.messaging import attributes_of, topics
from epione.timeline import Recompute, TimeReached, time_reached
from epione.wire import Revision, event_from_wire, plan_from_wire
from epione.wire.encoding import EPOCH
from epione_inference.changes import changes_of
from epione_inference.messages import (
    ANEW_MS,
    change_message,
    due_message,
    plan_message,
    recompute_messages,
    time_message,
    told_message,
)


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


def test_a_time_is_due_as_a_time_and_what_is_to_be_told_anew_as_a_wish() -> None:
    time, anew = (due_message("north/p-1", at_ms) for at_ms in (ANEW_MS + 1, ANEW_MS))

    assert isinstance(event_from_wire(time.value).body, TimeReached)
    assert event_from_wire(anew.value).body == Recompute("the whole log was read anew")


def test_a_plan_and_its_changes_are_named_by_what_they_say() -> None:
    """At one revision newer knowledge says something else: that is another event."""
    plan, revision = plan_from_wire(Stream(COMPLETE).run().plans["north/p-1"])
    reworded = replace(
        plan,
        recommendations=tuple(replace(each, action="other") for each in plan.recommendations),
    )

    messages = [plan_message(each, revision) for each in (plan, plan, reworded)]
    for each in (plan, plan, reworded):
        (changed, *_) = changes_of({}, each, Revision(0, 7), ())
        messages.append(change_message(changed, plan.as_of))

    names = [attributes_of(message.headers)["ce_id"] for message in messages]
    assert [name == names[0] for name in names[:3]] == [True, True, False]
    assert [name == names[3] for name in names[3:]] == [True, True, False]


def test_a_wish_says_who_has_it() -> None:
    (own,) = recompute_messages(["north/p-1"])
    (operators,) = recompute_messages(["north/p-1"], "newer knowledge", "/epione/cli")

    assert attributes_of(own.headers)["ce_source"] == "/epione/inference"
    assert attributes_of(operators.headers)["ce_source"] == "/epione/cli"
    assert event_from_wire(operators.value).body == Recompute("newer knowledge")
