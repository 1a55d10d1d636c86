"""The guideline's findings become recommendations with the messages behind each ground."""

from datetime import datetime, timedelta

import pytest
from tests.unit.medicine.patients import COMPLETE, MODELS, NOW, SINCE, WHO, history, without
from tests.unit.timeline.records import DAY, condition, event, order, reading

from epione.medicine.guideline_recommendations import (
    charted_of,
    guideline_recommendations,
    turning_old,
)
from epione.medicine.guidelines import Problem
from epione.medicine.prevent_inputs import OLD_AFTER, prevent_facts_of
from epione.medicine.recommendation import Recommendation
from epione.timeline import Body, PatientEvent, codes

HYPERTENSION = event(condition("59621000", "Essential hypertension"), "hypertension")


def pressure(systolic: float, diastolic: float, at: datetime) -> list[PatientEvent]:
    return [
        event(reading(codes.SYSTOLIC, systolic), f"sbp-{at.date()}", effective_at=at),
        event(reading(codes.DIASTOLIC, diastolic), f"dbp-{at.date()}", effective_at=at),
    ]


RAISED = [*COMPLETE, *pressure(146, 92, SINCE + 1 * DAY), *pressure(150, 94, SINCE + 2 * DAY)]


def recommended(*events: PatientEvent) -> dict[str, Recommendation]:
    known = history(*events)
    found = guideline_recommendations(known, prevent_facts_of(known), MODELS)
    return {each.key: each for each in found}


def problems(*events: PatientEvent) -> dict[Problem, str]:
    known = history(*events)
    return dict(charted_of(known, prevent_facts_of(known), MODELS).chart.problems)


def test_two_raised_occasions_give_a_category_a_goal_and_a_start() -> None:
    found = recommended(*RAISED)

    assert "Stage 2 hypertension" in found["risk/hypertension/category"].action
    assert {"risk/hypertension/goal", "risk/hypertension/start"} <= found.keys()


def test_a_reading_is_cited_by_its_systolic_and_its_diastolic_message() -> None:
    reason = recommended(*RAISED)["risk/hypertension/category"].reasons[0]

    assert reason.text == "blood pressure 146/92 mmHg on 2026-01-12"
    assert reason.event_ids == ("sbp-2026-01-12@1", "dbp-2026-01-12@1")


@pytest.mark.parametrize(
    ("age", "is_counted"),
    [
        pytest.param(OLD_AFTER - timedelta(seconds=1), True, id="under five years"),
        pytest.param(OLD_AFTER, False, id="five years"),
    ],
)
def test_an_old_reading_says_nothing_of_today(age: timedelta, is_counted: bool) -> None:
    found = recommended(*COMPLETE, *pressure(146, 92, NOW - age), *pressure(150, 94, NOW - age / 2))

    assert ("risk/hypertension/category" in found) is is_counted


def test_the_time_at_which_a_reading_no_longer_counts_is_foretold() -> None:
    known = history(*pressure(146, 92, SINCE), *pressure(150, 94, NOW - 2 * OLD_AFTER))

    assert turning_old(known) == (SINCE + OLD_AFTER,)


def test_a_systolic_reading_alone_is_no_blood_pressure() -> None:
    assert recommended(*COMPLETE) == {}


def test_a_diagnosis_asks_for_the_tests_that_are_not_on_the_record() -> None:
    found = recommended(*COMPLETE, HYPERTENSION)
    done = event(reading(codes.URINE_ALBUMIN_CREATININE, 12), "uacr")

    assert [each.name for each in found["test/hypertension/test/uacr"].serves] == [
        "high blood pressure"
    ]
    assert "test/hypertension/test/uacr" not in recommended(*COMPLETE, HYPERTENSION, done)


def test_a_condition_is_cited_by_its_message() -> None:
    diabetes = event(condition("44054006", "Type 2 diabetes"), "diabetes")

    reasons = recommended(*RAISED, diabetes)["risk/hypertension/goal"].reasons

    assert ("Type 2 diabetes", ("diabetes@1",)) in [(r.text, r.event_ids) for r in reasons]


def test_what_a_condition_forbids_is_a_recommendation_of_its_own() -> None:
    gout = event(condition("90560007", "Gout"), "gout")

    found = recommended(*RAISED, gout)

    assert found["drug/hypertension/avoid/thiazide-type-diuretic/gout"].reasons[0].event_ids == (
        "gout@1",
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(condition("38341003"), Problem.HYPERTENSION, id="hypertension"),
        pytest.param(condition("44054006"), Problem.DIABETES, id="diabetes"),
        pytest.param(condition("709044004"), Problem.KIDNEY_DISEASE, id="kidney disease"),
        pytest.param(condition("77386006"), Problem.PREGNANCY, id="pregnancy"),
        pytest.param(condition("53741008"), Problem.CARDIOVASCULAR_DISEASE, id="coronary"),
        pytest.param(condition("230690007"), Problem.STROKE, id="stroke"),
    ],
)
def test_problems_are_read_by_code(body: Body, problem: Problem) -> None:
    assert set(problems(*COMPLETE, event(body, "problem"))) == {problem}


def test_a_pregnancy_ends_and_a_stroke_does_not() -> None:
    past = [
        event(condition(code, clinical_status="resolved"), code)
        for code in ("77386006", "230690007")
    ]

    assert set(problems(*COMPLETE, *past)) == {Problem.STROKE}


def test_the_goal_says_whether_the_pressure_is_treated() -> None:
    treated = recommended(*RAISED, event(order("29046", "lisinopril"), "order"))

    assert "on treatment" in treated["risk/hypertension/goal"].action
    assert "risk/hypertension/start" not in treated


def test_nothing_is_said_of_who_is_not_known_to_be_adult() -> None:
    assert recommended(*without(WHO), *pressure(146, 92, SINCE + 1 * DAY), HYPERTENSION) == {}
