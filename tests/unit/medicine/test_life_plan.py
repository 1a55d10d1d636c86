"""Risks of a life in a plan: of one history one, whatever the order, and none where none may be."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.medicine.life.lives import SERVED, risk
from tests.unit.medicine.patients import (
    COMPLETE,
    MODELS,
    NORMAL,
    NOW,
    SBP,
    WHO,
    OneGuideline,
    genome,
    timeline_of,
)
from tests.unit.timeline.records import (
    DAY,
    START,
    condition,
    consent,
    event,
    merge,
    person,
    reading,
)

from epione.medicine.life import LifeAnswer, LifeQuestion
from epione.medicine.plan import case_of, plan_for, plan_of
from epione.medicine.recommendation import Plan
from epione.timeline import (
    ICD10CM,
    SNOMED,
    Code,
    Condition,
    PatientEvent,
    SourceVersion,
    Status,
    codes,
    now_of,
)

MODELS_OF_LIFE = replace(MODELS, life=SERVED)
SICK = event(condition("38341003", "essential hypertension"), "sick", day=3)
WITHDRAWN = replace(SICK, version=SourceVersion(2), status=Status.WITHDRAWN, delivery_id="sick@2")
SICK_AGAIN = replace(SICK, version=SourceVersion(3), delivery_id="sick@3")
LUNGS = event(condition("195967001", "asthma"), "lungs", day=4)
GENOME = event(genome(NORMAL, observed_sex="XY"), "genome", day=3)
HIGHER = event(reading(codes.SYSTOLIC, 190), "sbp", version=2, status=Status.CORRECTED, day=5)
WHOLE = [*COMPLETE, SICK, LUNGS, GENOME]
SMALL = [WHO, SBP, HIGHER, SICK, WITHDRAWN, LUNGS, GENOME]


def planned(*events: PatientEvent) -> Plan:
    return plan_of(timeline_of(*events), OneGuideline(), MODELS_OF_LIFE, NOW)


def as_of_its_log(events: list[PatientEvent]) -> Plan:
    timeline = timeline_of(*events)
    return plan_of(timeline, OneGuideline(), MODELS_OF_LIFE, now_of(timeline))


def of_life(plan: Plan) -> list[str]:
    return [each.key for each in plan.recommendations if each.key.startswith("risk/life")]


def ids(plan: Plan) -> dict[str, str]:
    return {each.key: each.id for each in plan.recommendations}


@settings(deadline=None)
@given(st.permutations(SMALL + SMALL))
def test_every_order_and_duplication_of_a_history_gives_one_plan(
    events: list[PatientEvent],
) -> None:
    plan = as_of_its_log(events)

    assert plan == as_of_its_log(SMALL)
    assert of_life(plan) == ["risk/life/stroke"]


def test_what_is_stated_taken_back_and_stated_again_ends_as_it_was() -> None:
    first = planned(*WHOLE)
    without = planned(*WHOLE, WITHDRAWN)
    again = planned(*WHOLE, WITHDRAWN, SICK_AGAIN)

    assert ids(first)["risk/life/stroke"] != ids(without)["risk/life/stroke"]
    assert ids(again) == ids(first)


def test_a_reason_cites_the_delivery_that_states_it() -> None:
    (stroke,) = (r for r in planned(*WHOLE).recommendations if r.key == "risk/life/stroke")

    cited = {each.text: each.event_ids for each in stroke.reasons}
    without = "of the same record without it"
    assert cited[f"essential hypertension, known since 55: rate x1.56 {without}"] == ("sick@1",)
    assert cited[f"the genome: rate x1.25 {without}"] == ("genome@1",)
    assert [ids for text, ids in cited.items() if text.startswith("men of the same age")] == [
        ("who@1",)
    ]


def test_prevent_and_the_model_are_told_of_together_and_apart() -> None:
    risks = {each.key: each for each in planned(*WHOLE).recommendations if each.risks}

    said_by = {each.by for each in risks["risk/life/stroke"].risks}
    assert {"PREVENT", "combined", ""} <= said_by
    assert {each.by for each in risks["risk/prevent"].risks} == {""}


def test_a_record_without_history_is_told_why_nothing_is_foretold() -> None:
    plan = planned(*COMPLETE)

    (silent,) = (each for each in plan.recommendations if each.key == "risk/life")
    assert "not enough history" in silent.action


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param(
            event(consent("treatment", False), "consent"), id="treatment is not consented"
        ),
        pytest.param(
            event(person(deceased_at=START + 20 * DAY), "who", version=2, day=21), id="died"
        ),
        pytest.param(merge("p-1", "p-9")[0], id="merged"),
    ],
)
def test_nothing_is_asked_of_whom_nothing_will_be_said(stops: PatientEvent) -> None:
    case = case_of(timeline_of(*WHOLE, stops), NOW)

    plan = plan_for(case, OneGuideline(), MODELS_OF_LIFE)

    assert case.life_question is None
    assert of_life(plan) == []


@pytest.mark.parametrize(
    "survived",
    [
        pytest.param(Code(SNOMED, "275526006", "history of stroke"), id="history of stroke"),
        pytest.param(Code(ICD10CM, "Z86.73", ""), id="Z86.73"),
        pytest.param(Code(ICD10CM, "I69.3", ""), id="sequelae"),
    ],
)
def test_who_survived_a_stroke_is_told_of_no_first_one(survived: Code) -> None:
    stated = event(Condition(survived), "survived", day=4)

    plan = planned(*WHOLE, stated)

    assert of_life(plan) == ["risk/life"]
    (silent,) = (each for each in plan.recommendations if each.key == "risk/life")
    assert [(each.text, each.event_ids) for each in silent.reasons] == [
        ("stroke: it is on the record; the model foretells the first only", ("survived@1",))
    ]


def test_of_a_wider_disease_it_is_said_what_is_on_the_record() -> None:
    legs = event(Condition(Code(ICD10CM, "I73.9", "")), "legs", day=4)
    chd = replace(SERVED, answer=lambda _: LifeAnswer(risks=(risk("chd"),)))

    plan = plan_of(timeline_of(*WHOLE, legs), OneGuideline(), replace(MODELS, life=chd), NOW)

    (silent,) = (each for each in plan.recommendations if each.key == "risk/life")
    assert [(each.text, each.event_ids) for each in silent.reasons] == [
        (
            "coronary disease: atherosclerotic cardiovascular disease is on the record; "
            "the model foretells the first only",
            ("legs@1",),
        )
    ]
    assert silent.would_change_if == ("what is on the record of it proves wrong",)


def test_a_record_is_read_for_a_model_of_life_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = LifeQuestion((), 20_000)
    read = iter([asked])
    monkeypatch.setattr("epione.medicine.plan.question_of", lambda *_: next(read))
    case = case_of(timeline_of(*WHOLE), NOW)
    answering = replace(SERVED, answer={asked: LifeAnswer("no birth date")}.__getitem__)

    plan = plan_for(case, OneGuideline(), replace(MODELS, life=answering))

    assert case.life_question == asked
    assert of_life(plan) == ["risk/life"]


def test_without_a_model_of_life_nothing_is_said_of_it() -> None:
    case = case_of(timeline_of(*WHOLE), NOW)

    assert of_life(plan_for(case, OneGuideline(), MODELS)) == []
    assert ids(plan_for(case, OneGuideline(), MODELS)).items() <= ids(planned(*WHOLE)).items()


def test_a_plan_names_the_version_that_foretold() -> None:
    assert planned(*WHOLE).versions["life"] == "v1"
