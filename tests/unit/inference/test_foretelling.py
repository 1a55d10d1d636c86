"""A model of a life in the stream: asked once a batch, told where a risk moved, the same folded."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.inference.stream import (
    Answers,
    Foretelling,
    Stream,
    inference,
    record_of,
)
from tests.unit.medicine.patients import COMPLETE, NORMAL, NOW, OneGuideline, genome
from tests.unit.timeline.records import condition, consent, event, merge, order, reading

from epione.timeline import PatientEvent, SourceVersion, Status, codes, time_reached
from epione.wire import Change, Changed, plan_from_wire, recommendation_from_wire
from epione_inference.handler import Inference

TODAY = time_reached("north", "p-1", NOW)
SICK = event(condition("38341003", "essential hypertension"), "sick", day=3)
LUNGS = event(condition("195967001", "asthma"), "lungs", day=4)
KNOWN = [*COMPLETE, TODAY, SICK]
WEIGHED = event(reading(codes.BODY_MASS_INDEX, 31.4), "bmi", version=2, day=5)
GENOME = event(genome(NORMAL), "genome", day=3)
WITHDRAWN = replace(SICK, version=SourceVersion(2), status=Status.WITHDRAWN, delivery_id="sick@2")


def streamed(*events: PatientEvent) -> Stream:
    return Stream(events, lives=Foretelling()).run()


def of_life(stream: Stream) -> list[Changed]:
    changes = [recommendation_from_wire(each) for each in stream.changes]
    return [each for each in changes if each.recommendation.key.startswith("risk/life")]


def told(stream: Stream) -> list[tuple[Change, str]]:
    return [(each.change, each.recommendation.key) for each in of_life(stream)]


def test_a_risk_is_told_with_the_events_that_are_its_reasons() -> None:
    (added,) = of_life(streamed(*KNOWN))

    assert (added.change, added.recommendation.key) == (Change.ADDED, "risk/life/stroke")
    assert {"who@1", "sick@1"} <= set(added.caused_by)


def test_an_event_that_moves_a_risk_supersedes_and_is_the_cause() -> None:
    stream = streamed(*KNOWN)
    stream.append(LUNGS)

    *_, changed = of_life(stream.run())

    assert (changed.change, changed.recommendation.key) == (Change.SUPERSEDED, "risk/life/stroke")
    assert changed.caused_by == ("lungs@1",)


def test_an_event_that_moves_no_risk_is_told_of_by_none() -> None:
    stream = streamed(*KNOWN)
    before = len(of_life(stream))
    stream.append(WEIGHED)

    assert len(of_life(stream.run())) == before


def test_a_history_that_is_taken_back_leaves_the_answer_that_there_is_not_enough() -> None:
    stream = streamed(*KNOWN)
    stream.append(WITHDRAWN)

    assert told(stream.run())[1:] == [
        (Change.ADDED, "risk/life"),
        (Change.RETRACTED, "risk/life/stroke"),
    ]


HISTORY = [*KNOWN, GENOME, LUNGS, WITHDRAWN, *merge("p-0", "p-1")]


@settings(deadline=None, max_examples=30)
@given(st.permutations(HISTORY + HISTORY[-4:]), st.integers(1, 6))
def test_the_last_plans_are_the_same_whatever_the_order_and_the_batches(
    events: list[PatientEvent], batch_size: int
) -> None:
    stream = Stream(events, lives=Foretelling()).run(batch_size)
    whole = streamed(*HISTORY)

    plans = [plan_from_wire(each.plans["north/p-1"])[0] for each in (stream, whole)]
    assert plans[0] == plans[1]
    assert any(each.key == "risk/life/stroke" for each in plans[0].recommendations)


def test_a_batch_is_one_question_of_each_and_equal_ones_are_one() -> None:
    events = [*KNOWN, *(replace(each, patient="p-2") for each in KNOWN)]
    lives = Foretelling()

    asyncio.run(inference(lives=lives)([(record_of(each), each) for each in events], {}))

    assert [len(each) for each in lives.asked] == [1]


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param(merge("p-1", "p-0")[0], id="merged"),
        pytest.param(event(consent("treatment", False), "consent"), id="withheld"),
    ],
)
def test_nothing_is_asked_of_whom_nothing_is_said(stops: PatientEvent) -> None:
    lives = Foretelling()
    events = [*KNOWN, stops]

    asyncio.run(inference(lives=lives)([(record_of(each), each) for each in events], {}))

    assert lives.asked == [[]]


def test_products_are_named_by_their_ingredients() -> None:
    lives = Foretelling()
    taken = event(order("309362", "clopidogrel 75 MG Oral Tablet"), "order", day=4)
    events = [*KNOWN, taken]

    asyncio.run(inference(lives=lives)([(record_of(each), each) for each in events], {}))

    ((question,),) = lives.asked
    assert "RXNORM/32968" in {each.name for each in question.entries}


def test_without_a_model_of_a_life_its_question_is_never_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody asks")

    monkeypatch.setattr("epione.medicine.plan.question_of", refuse)

    folded = asyncio.run(
        Inference(Answers(), OneGuideline())([(record_of(each), each) for each in KNOWN], {})
    )

    assert folded.outputs
