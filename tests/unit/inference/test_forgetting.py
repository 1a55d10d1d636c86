"""A patient who is forgotten leaves no state and no plan, and may come back."""

import asyncio
from dataclasses import replace

import pytest
from tests.unit.inference.stream import Stream, inference, record_of
from tests.unit.inference.test_handler import GENOME, KEY, ORDER, plan
from tests.unit.medicine.patients import COMPLETE, NOW, SBP
from tests.unit.timeline.records import DAY, event, merge, order, person, unmerge

from epione.messaging import topics
from epione.timeline import PatientEvent, PatientForgotten, time_reached
from epione.wire.encoding import EPOCH
from epione_inference.single import case_in, plans_of
from epione_inference.states import States

BACK = event(order("36567", "simvastatin 40 MG"), "order-b", day=20)


def forgets(patient: str = "p-1", record: str = "") -> PatientEvent:
    """Give the entry of a patient's log that forgets a record, its own where none is named."""
    body = PatientForgotten(record or patient)
    return replace(event(body, "forget", patient=patient), recorded_at=EPOCH)


def in_two(before: list[PatientEvent], *after: PatientEvent) -> Stream:
    """Fold what was known, then what came after."""
    stream = Stream(before).run()
    stream.append(*after)
    return stream.run()


@pytest.mark.parametrize("batch_size", [1, 500])
def test_nothing_is_kept_and_a_tombstone_stands_for_the_plan(batch_size: int) -> None:
    stream = Stream([*COMPLETE, ORDER, forgets()]).run(batch_size)

    assert stream.states == {KEY: b""}
    assert stream.plans == {KEY: b""}
    assert stream.due == {KEY: 0}


@pytest.mark.parametrize("batch_size", [1, 500])
def test_who_comes_back_is_known_by_what_came_after_alone(batch_size: int) -> None:
    back = Stream([*COMPLETE, GENOME, forgets(), BACK]).run(batch_size)
    new = Stream([BACK]).run()

    assert plan(back).recommendations == plan(new).recommendations
    assert back.states == new.states


def test_the_tombstone_comes_before_the_plan_of_who_comes_back() -> None:
    batch = [(record_of(each), each) for each in (forgets(), BACK)]

    outputs = asyncio.run(inference()(batch, {})).outputs

    assert [bool(m.value) for m in outputs if m.topic == topics.PATIENT_PLANS] == [False, True]


def test_to_forget_is_no_reason_to_tell_of_what_was_retracted() -> None:
    stream = Stream([*COMPLETE, GENOME, ORDER]).run()
    stream.changes.clear()
    stream.append(forgets())

    assert stream.run().changes == []


def test_time_brings_nobody_back() -> None:
    stream = in_two([*COMPLETE, forgets()], time_reached("north", "p-1", NOW))

    assert stream.plans == {KEY: b""}


def test_a_log_that_states_nothing_has_no_plan() -> None:
    assert Stream([time_reached("north", "p-1", NOW)]).run().plans == {}


def test_a_record_that_is_forgotten_leaves_others_logs_too() -> None:
    """A merge that was undone: the former survivor was told what is now to be forgotten."""
    own = [event(person(), "who-0", patient="p-0"), *COMPLETE, GENOME]
    before = [*own, *merge("p-1", "p-0"), *unmerge("p-1", "p-0")]
    stream = in_two(before, forgets(), forgets("p-0", record="p-1"))
    alone = Stream(own[:1]).run()

    kept = States().read("north/p-0", stream.states["north/p-0"])
    assert {origin for origin, _ in kept.timeline.kept} == {"p-0"}
    assert plan(stream, "p-0").recommendations == plan(alone, "p-0").recommendations


def test_who_was_known_by_the_forgotten_record_alone_has_no_plan_any_more() -> None:
    before = [*COMPLETE, *merge("p-1", "p-0"), *unmerge("p-1", "p-0")]
    links = [each for each in before if each.patient == "p-0"]
    stream = in_two([each for each in before if each not in links], forgets("p-0", record="p-1"))

    assert stream.plans["north/p-0"] == b""


def test_a_single_process_over_the_log_gives_the_same() -> None:
    for log in ([*COMPLETE, forgets()], [*COMPLETE, forgets(), BACK]):
        stream = Stream(log).run(batch_size=2)
        standing = {key: value for key, value in stream.plans.items() if value}

        assert asyncio.run(plans_of(stream.log, inference())) == standing


def test_a_case_is_of_what_came_after_alone() -> None:
    log = [SBP, forgets(), replace(BACK, recorded_at=BACK.recorded_at + DAY)]

    case = case_in(record_of(each, n) for n, each in enumerate(log))

    assert case is not None
    assert not case.history.observations
    assert len(case.history.medications) == 1
