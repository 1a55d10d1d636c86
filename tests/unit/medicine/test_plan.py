"""The plan: one for one history, whatever the order; held, merged or withheld where it must be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.medicine.patients import (
    COMPLETE,
    MODELS,
    NOW,
    POOR,
    SBP,
    SINCE,
    WHO,
    OneGuideline,
    genome,
    timeline_of,
    without,
)
from tests.unit.timeline.records import (
    DAY,
    START,
    condition,
    consent,
    event,
    merge,
    order,
    person,
    reading,
)

from epione.medicine.plan import case_of, plan_of
from epione.medicine.prevent_inputs import OLD_AFTER
from epione.medicine.recommendation import Plan, PlanState
from epione.timeline import (
    Gender,
    GenomicFeatures,
    PatientEvent,
    SourceVersion,
    Status,
    codes,
    now_of,
)

ORDERED = event(order("309362", "clopidogrel 75 MG Oral Tablet"), "order", day=2)
GENOME = event(genome(POOR, observed_sex="XY"), "genome", day=3)
WHOLE = [*COMPLETE, ORDERED, GENOME]


def planned(*events: PatientEvent, now: datetime = NOW) -> Plan:
    return plan_of(timeline_of(*events), OneGuideline(), MODELS, now)


def planned_as_of_its_log(events: list[PatientEvent]) -> Plan:
    timeline = timeline_of(*events)
    return plan_of(timeline, OneGuideline(), MODELS, now_of(timeline))


def keys(plan: Plan) -> list[str]:
    return [each.key for each in plan.recommendations]


SMALL = [
    WHO,
    replace(SBP, version=SourceVersion(1)),
    event(reading(codes.SYSTOLIC, 190), "sbp", version=2, status=Status.CORRECTED, day=5),
    ORDERED,
    replace(ORDERED, version=SourceVersion(2), status=Status.WITHDRAWN, delivery_id="order@2"),
    GENOME,
]


@settings(deadline=None)
@given(st.permutations(SMALL + SMALL))
def test_every_order_and_duplication_of_a_history_gives_one_plan(
    events: list[PatientEvent],
) -> None:
    assert planned_as_of_its_log(events) == planned_as_of_its_log(SMALL)


def test_a_plan_names_its_drugs_before_its_risks() -> None:
    assert keys(planned(*WHOLE))[:2] == ["drug/clopidogrel/CPIC", "risk/prevent"]


def test_every_key_stands_once() -> None:
    found = keys(planned(*WHOLE))

    assert len(found) == len(set(found))


def test_a_plan_says_which_knowledge_was_consulted() -> None:
    assert planned(*WHOLE).versions == {
        "CPIC": "2024-04",
        "PREVENT": "2024-02",
        "PREVENT equations": "base",
        "pharmacogenomics": "2026-01",
        "prevent": "1",
    }


def test_a_plan_is_empty_for_an_empty_history() -> None:
    assert keys(planned()) == ["risk/prevent"]


# ── what changes it ──


def test_a_corrected_result_changes_what_it_said() -> None:
    corrected = replace(SBP, body=reading(codes.SYSTOLIC, 120), version=SourceVersion(2))

    before, after = planned(*COMPLETE), planned(*COMPLETE, corrected)

    assert before.recommendations[0].id != after.recommendations[0].id


def test_a_withdrawn_result_is_no_longer_known() -> None:
    withdrawn = replace(SBP, version=SourceVersion(2), status=Status.WITHDRAWN)

    assert planned(*COMPLETE, withdrawn).recommendations[0].action == (
        "PREVENT is not computed: systolic blood pressure is not known"
    )


def test_going_back_to_the_first_value_gives_the_first_recommendations() -> None:
    away = replace(SBP, body=reading(codes.SYSTOLIC, 120), version=SourceVersion(2))
    back = replace(SBP, version=SourceVersion(3), delivery_id="again")

    there = [each.id for each in planned(*COMPLETE).recommendations]

    assert [each.id for each in planned(*COMPLETE, away).recommendations] != there
    assert [each.id for each in planned(*COMPLETE, away, back).recommendations] == there


def test_a_message_sent_again_or_a_day_that_passes_is_no_new_recommendation() -> None:
    again = replace(SBP, delivery_id="again", recorded_at=START + 50 * DAY)

    now, later = planned(*COMPLETE), planned(*COMPLETE, again, now=NOW + DAY)

    assert [each.id for each in now.recommendations] == [each.id for each in later.recommendations]
    assert now.as_of != later.as_of


def test_two_patients_have_no_recommendation_id_in_common() -> None:
    mine = planned(*COMPLETE)
    other = plan_of(replace(timeline_of(), patient="p-2"), OneGuideline(), MODELS, NOW)

    assert {each.id for each in mine.recommendations}.isdisjoint(
        each.id for each in other.recommendations
    )


# ── until when it stands ──


@pytest.mark.parametrize(
    ("more", "until"),
    [
        pytest.param([], START.replace(month=4, day=21), id="the next birthday"),
        pytest.param(
            [event(order("309362", ends_at=NOW + DAY), "order")], NOW + DAY, id="an order ends"
        ),
        pytest.param(
            [event(condition("77386006", abated_at=NOW + DAY), "c")], NOW + DAY, id="a condition"
        ),
        pytest.param(
            [event(reading(codes.HBA1C, 6.0), "a1c", effective_at=NOW + DAY - OLD_AFTER)],
            NOW + DAY,
            id="a reading turns old",
        ),
    ],
)
def test_a_plan_stands_until_the_first_time_at_which_it_may_change(
    more: list[PatientEvent], until: datetime
) -> None:
    assert planned(*COMPLETE, *more).valid_until == until


def test_a_plan_without_anything_awaited_stands() -> None:
    assert planned().valid_until is None


# ── held, merged, withheld ──


def test_without_consent_to_treatment_the_plan_is_withheld() -> None:
    denied = event(consent("treatment", permitted=False), "consent")

    plan = planned(*WHOLE, denied)

    assert (plan.state, plan.recommendations) == (PlanState.WITHHELD, ())
    assert "consent" in plan.holds[0]


def test_without_consent_to_genomics_only_what_is_not_genomic_stands() -> None:
    denied = event(consent("genomics", permitted=False), "consent")

    plan = planned(*WHOLE, denied)

    assert keys(plan) == ["risk/prevent"]
    assert "consent to genomics" in plan.holds[0]


def test_a_genome_that_contradicts_the_chart_is_held() -> None:
    plan = planned(*without(WHO), ORDERED, GENOME, event(person(gender=Gender.FEMALE), "who"))

    assert isinstance(GENOME.body, GenomicFeatures)
    assert "drug/clopidogrel/CPIC" not in keys(plan)
    assert "test/gene/CYP2C19" in keys(plan)
    assert "another sex" in plan.holds[0]


def test_nothing_is_recommended_for_the_dead() -> None:
    died = event(person(deceased_at=SINCE), "who", version=2)

    plan = planned(*WHOLE, died)

    assert (plan.state, plan.recommendations) == (PlanState.CURRENT, ())
    assert "died" in plan.holds[0]


def test_a_merged_record_points_to_its_survivor_and_recommends_nothing() -> None:
    (link,) = (each for each in merge("p-1", "p-0") if each.patient == "p-1")

    plan = planned(*WHOLE, link)

    assert (plan.state, plan.merged_into) == (PlanState.MERGED, "p-0")
    assert (plan.recommendations, plan.valid_until) == ((), None)


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param(event(consent("treatment", permitted=False), "consent"), id="withheld"),
        pytest.param(event(person(deceased_at=SINCE), "who", version=2), id="died"),
        pytest.param(merge("p-1", "p-0")[0], id="merged"),
    ],
)
def test_the_models_are_not_asked_for_whom_nothing_will_be_said(stops: PatientEvent) -> None:
    assert case_of(timeline_of(*WHOLE, stops), NOW).questions == ()


STALE_FROM = datetime(2027, 1, 2, tzinfo=UTC)  # a year and a day after the guideline's date


def test_advice_says_when_its_knowledge_has_grown_old_and_keeps_its_strength() -> None:
    young, old = (
        plan_of(timeline_of(WHO, ORDERED, GENOME), OneGuideline(), MODELS, at)
        for at in (STALE_FROM - timedelta(seconds=1), STALE_FROM)
    )

    before, after = (
        next(each for each in plan.recommendations if each.key == "drug/clopidogrel/CPIC")
        for plan in (young, old)
    )
    assert before.action == "avoid it; use another drug"
    assert after.action == (
        "avoid it; use another drug For information: its knowledge is of 2026-01-01, "
        "more than twelve months old."
    )
    assert after.strength == before.strength
    assert after.id != before.id


def test_a_plan_is_looked_at_again_when_its_knowledge_grows_old() -> None:
    young, old = (
        plan_of(timeline_of(WHO, ORDERED, GENOME), OneGuideline(), MODELS, at)
        for at in (STALE_FROM - timedelta(seconds=1), STALE_FROM)
    )

    assert young.valid_until == STALE_FROM
    assert old.valid_until is None or old.valid_until > STALE_FROM
