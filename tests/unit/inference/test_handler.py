"""Batches of events in, plans and their changes out; the same whatever the batches were."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.inference.stream import Answers, Stream, inference, record_of, recorded
from tests.unit.medicine.patients import (
    COMPLETE,
    NOW,
    POOR,
    SBP,
    OneGuideline,
    genome,
    timeline_of,
)
from tests.unit.timeline.records import DAY, START, event, merge, order, person, reading, unmerge

from epione.errors import MalformedEvent
from epione.medicine.plan import case_of
from epione.medicine.recommendation import Plan, PlanState, Reason
from epione.messaging import topics
from epione.timeline import PatientEvent, SourceVersion, Status, codes, time_reached
from epione.wire import Change, Changed, Revision, plan_from_wire, recommendation_from_wire
from epione_inference.handler import Inference, decode
from epione_inference.messages import recompute_messages

KEY = "north/p-1"
GENOME = event(genome(POOR), "genome", day=3)
TODAY = time_reached("north", "p-1", NOW)
ORDER = event(order("309362", "clopidogrel 75 MG Oral Tablet"), "order", day=4)


def plan(stream: Stream, patient: str = "p-1") -> Plan:
    return plan_from_wire(stream.plans[f"north/{patient}"])[0]


def changes(stream: Stream) -> list[Changed]:
    return [recommendation_from_wire(each) for each in stream.changes]


def said(stream: Stream) -> list[tuple[Change, str]]:
    return [(each.change, each.recommendation.key) for each in changes(stream)]


# ── decoding ──


def test_an_event_is_read_from_its_patients_log() -> None:
    assert decode(record_of(SBP)) == SBP


def test_an_event_on_anothers_log_is_refused() -> None:
    with pytest.raises(MalformedEvent, match="key"):
        decode(record_of(SBP)._replace(key=b"north/p-2"))


def test_an_event_without_a_content_type_is_read_as_protobuf() -> None:
    assert decode(record_of(SBP)._replace(headers=())) == SBP


def test_what_is_not_an_event_is_refused() -> None:
    with pytest.raises(MalformedEvent):
        decode(record_of(SBP)._replace(value=b"\xff"))


# ── plans ──


def test_every_patient_of_a_batch_gets_a_plan() -> None:
    other = [replace(each, patient="p-2") for each in COMPLETE]

    stream = Stream([*COMPLETE, *other]).run()

    assert set(stream.plans) == {KEY, "north/p-2"}


def test_a_revision_is_the_offset_of_the_patients_last_event() -> None:
    stream = Stream([SBP, replace(SBP, patient="p-2")]).run()

    assert plan_from_wire(stream.plans[KEY])[1] == Revision(3, 0)
    assert plan_from_wire(stream.plans["north/p-2"])[1] == Revision(3, 1)


def test_a_plan_is_published_again_where_nothing_changed() -> None:
    stream = Stream([SBP]).run()
    stream.append(SBP)

    assert plan_from_wire(stream.run().plans[KEY])[1] == Revision(3, 1)
    assert len(changes(stream)) == len(changes(Stream([SBP]).run()))


HISTORY = [
    *COMPLETE,
    TODAY,
    GENOME,
    ORDER,
    replace(SBP, version=SourceVersion(2), body=reading(codes.SYSTOLIC, 120), delivery_id="sbp@2"),
    event(person("1980-02-03"), "who-a", patient="p-0"),
    *merge("p-0", "p-1"),
    event(order("36567"), "order-a", patient="p-0", day=9),
]


@settings(deadline=None, max_examples=40)
@given(st.permutations(HISTORY), st.integers(1, 6))
def test_the_last_plans_are_the_same_whatever_the_order_and_the_batches(
    events: list[PatientEvent], batch_size: int
) -> None:
    stream, whole = Stream(events).run(batch_size), Stream(HISTORY).run()

    assert plan(stream) == plan(whole)
    assert plan(stream, "p-0") == plan(whole, "p-0")


def test_the_time_at_which_a_plan_may_change_is_due_in_milliseconds() -> None:
    ends = START + 30 * DAY
    stream = Stream([event(order("309362", ends_at=ends.replace(microsecond=1)), "order")]).run()

    assert stream.due == {KEY: int(ends.timestamp()) * 1_000 + 1}


def test_nothing_is_due_for_a_plan_that_stands() -> None:
    assert Stream([SBP]).run().due[KEY] > 0
    assert Stream([ORDER]).run().due == {KEY: 0}


def test_when_the_time_has_come_the_plan_is_of_that_time() -> None:
    ends = START + 30 * DAY
    stream = Stream([GENOME, event(order("309362", ends_at=ends), "order")]).run()
    stream.append(time_reached("north", "p-1", ends))

    after = plan(stream.run())

    assert after.as_of == ends
    assert after.recommendations[-1].action.startswith("If clopidogrel is considered")


def test_asking_for_the_plan_again_publishes_it_and_lets_no_time_pass() -> None:
    stream = Stream([SBP]).run()
    (again,) = recompute_messages([KEY])
    stream.log.append(recorded(again, 1))
    before = plan(stream)

    stream.run()

    assert plan(stream) == before
    assert plan_from_wire(stream.plans[KEY])[1] == Revision(3, 1)


# ── what changed, and why ──


def test_a_first_plan_adds_its_recommendations() -> None:
    assert said(Stream([GENOME, ORDER]).run())[0] == (Change.ADDED, "drug/clopidogrel/CPIC")


def test_a_correction_supersedes_and_is_the_cause() -> None:
    stream = Stream([*COMPLETE, TODAY]).run()
    first = next(c for c in changes(stream) if c.recommendation.key == "risk/prevent")
    stream.changes.clear()
    stream.append(
        replace(
            SBP, version=SourceVersion(2), body=reading(codes.SYSTOLIC, 120), delivery_id="sbp@2"
        )
    )

    (superseded,) = changes(stream.run())

    assert superseded.change is Change.SUPERSEDED
    assert superseded.replaces == first.recommendation.id
    assert superseded.caused_by == ("sbp@2",)


def test_a_withdrawal_retracts_and_is_the_cause() -> None:
    stream = Stream([GENOME]).run()
    stream.changes.clear()
    stream.append(
        replace(GENOME, version=SourceVersion(2), status=Status.WITHDRAWN, delivery_id="genome@2")
    )

    (retracted,) = [c for c in changes(stream.run()) if c.recommendation.key.startswith("drug/")]

    assert retracted.change is Change.RETRACTED
    assert retracted.caused_by == ("genome@2",)
    assert retracted.recommendation.reasons == (Reason("a genome, withdrawn", ("genome@2",)),)


def test_a_message_sent_again_is_the_cause_where_time_went_by_meanwhile() -> None:
    stream = Stream([GENOME, event(order("309362", ends_at=START + 30 * DAY), "order")]).run()
    stream.changes.clear()
    stream.append(replace(GENOME, recorded_at=START + 40 * DAY, delivery_id="genome again"))

    changed = changes(stream.run())

    assert {each.caused_by for each in changed} == {("genome again",)}


def test_an_older_version_that_comes_late_changes_nothing() -> None:
    newer = replace(SBP, version=SourceVersion(2), delivery_id="sbp@2")
    stream = Stream([*COMPLETE, newer, TODAY]).run()
    stream.changes.clear()
    stream.append(replace(SBP, body=reading(codes.SYSTOLIC, 170)))

    assert changes(stream.run()) == []


# ── merged and taken apart ──


def test_a_merge_retracts_the_retired_plan_and_gives_its_facts_to_the_survivor() -> None:
    stream = Stream([GENOME, ORDER]).run()
    stream.append(*merge("p-1", "p-0"))

    stream.run()

    assert (plan(stream).state, plan(stream).merged_into) == (PlanState.MERGED, "p-0")
    assert plan(stream).recommendations == ()
    assert "drug/clopidogrel/CPIC" in {each.key for each in plan(stream, "p-0").recommendations}
    assert (Change.RETRACTED, "drug/clopidogrel/CPIC") in said(stream)
    assert stream.due[KEY] == 0


def test_an_unmerge_brings_both_plans_back() -> None:
    apart = Stream([GENOME, ORDER, event(person(), "who-0", patient="p-0")]).run()
    stream = Stream([GENOME, ORDER, event(person(), "who-0", patient="p-0")]).run()
    stream.append(*merge("p-1", "p-0"))
    stream.run()
    stream.append(*unmerge("p-1", "p-0"))

    stream.run()

    assert plan(stream).recommendations == plan(apart).recommendations
    assert plan(stream, "p-0").recommendations == plan(apart, "p-0").recommendations


def test_what_is_told_to_the_survivor_stands_on_its_log() -> None:
    batch = [(record_of(each), each) for each in (GENOME, merge("p-1", "p-0")[0])]

    outputs = asyncio.run(inference()(batch, {})).outputs

    told = [message for message in outputs if message.topic is topics.PATIENT_EVENTS]
    assert {message.key for message in told} == {b"north/p-0"}
    assert dict(told[0].headers)["ce_source"] == b"/epione/inference"


def test_models_are_asked_once_for_a_batch_and_once_for_equal_questions() -> None:
    mine = [*COMPLETE, TODAY]
    events = [*mine, *(replace(each, patient="p-2") for each in mine)]
    batch = [(record_of(each), each) for each in events]
    answers = Answers()

    asyncio.run(Inference(answers, OneGuideline())(batch, {}))

    assert answers.asked == [len(case_of(timeline_of(*COMPLETE), NOW).questions)]
