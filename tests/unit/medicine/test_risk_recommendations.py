"""The risk is given with its reasons and what would lower it, or it is said why it is not."""

import pytest
from tests.unit.medicine.patients import (
    COMPLETE,
    EGFR,
    HDL,
    MODELS,
    SBP,
    SMOKING,
    TOTAL,
    WHO,
    history,
    without,
)
from tests.unit.timeline.records import condition, event, person, reading

from epione.medicine.prevent_inputs import prevent_facts_of
from epione.medicine.recommendation import Recommendation, SubjectKind
from epione.medicine.risk import OUTCOMES
from epione.medicine.risk_recommendations import questions_of, risk_recommendations
from epione.timeline import PatientEvent, codes

INFARCTION = event(condition("22298006", "Myocardial infarction"), "infarction")


def recommended(*events: PatientEvent) -> dict[str, Recommendation]:
    found = risk_recommendations(prevent_facts_of(history(*events)), MODELS)
    return {each.key: each for each in found}


def risk(*events: PatientEvent) -> Recommendation:
    return recommended(*events)["risk/prevent"]


def test_all_outcomes_are_given_over_both_horizons() -> None:
    estimates = [each for each in risk(*COMPLETE).risks if not each.scenario]

    assert {(each.outcome, each.horizon_years) for each in estimates} == {
        (outcome, years) for outcome in OUTCOMES for years in (10, 30)
    }
    assert (estimates[0].probability, estimates[-1].probability) == (0.074, 0.222)


def test_the_action_says_the_risk_in_words() -> None:
    assert risk(*COMPLETE).action.startswith(
        "Risk of cardiovascular disease 7.4% over 10 years and 22.2% over 30 years"
    )


def test_every_stated_input_is_a_reason() -> None:
    cited = {event_id for reason in risk(*COMPLETE).reasons for event_id in reason.event_ids}

    assert cited == {each.delivery_id for each in COMPLETE}


def test_what_would_lower_it_changes_one_input_and_says_so() -> None:
    lowered = {each.scenario: each.probability for each in risk(*COMPLETE).risks if each.scenario}

    assert lowered["sbp=129"] == 0.0645
    assert any("systolic pressure 129 mmHg" in text for text in risk(*COMPLETE).would_change_if)


def test_the_models_are_asked_for_the_record_and_for_each_change() -> None:
    facts = prevent_facts_of(history(*COMPLETE))

    asked = questions_of(facts)

    assert asked[0] == facts.inputs
    assert {each.sbp for each in asked} == {148, 129}


def test_no_birth_date_is_told() -> None:
    assert "1970" not in repr(risk(*COMPLETE))


def test_known_disease_makes_it_not_applicable_and_the_models_are_not_asked() -> None:
    found = recommended(*COMPLETE, INFARCTION)

    assert list(found) == ["risk/prevent"]
    assert "without known cardiovascular disease" in found["risk/prevent"].action
    assert found["risk/prevent"].reasons[0].event_ids == (INFARCTION.delivery_id,)
    assert questions_of(prevent_facts_of(history(*COMPLETE, INFARCTION))) == ()


@pytest.mark.parametrize(
    ("missing", "key", "shown", "loinc"),
    [
        pytest.param(SBP, "sbp", "systolic blood pressure", "8480-6", id="pressure"),
        pytest.param(TOTAL, "total_c", "total cholesterol", "2093-3", id="total cholesterol"),
        pytest.param(HDL, "hdl_c", "HDL cholesterol", "2085-9", id="HDL cholesterol"),
        pytest.param(EGFR, "egfr", "eGFR", "2160-0", id="a creatinine for the eGFR"),
        pytest.param(SMOKING, "smoking", "smoking status", "72166-2", id="smoking status"),
    ],
)
def test_what_is_missing_is_named_and_asked_for(
    missing: PatientEvent, key: str, shown: str, loinc: str
) -> None:
    found = recommended(*without(missing))

    test = found[f"test/prevent/{key}"]
    assert found["risk/prevent"].action == f"PREVENT is not computed: {shown} is not known"
    assert (test.subject.kind, test.subject.code.code) == (SubjectKind.TEST, loinc)
    assert test.serves == (found["risk/prevent"].subject,)


def test_a_value_out_of_range_is_refused_by_name_with_its_reading() -> None:
    high = event(reading(codes.SYSTOLIC, 190), "high")

    found = recommended(*without(SBP), high)

    assert list(found) == ["risk/prevent"]
    assert found["risk/prevent"].action == (
        "PREVENT is not computed: systolic blood pressure 190 is outside 90 to 180"
    )
    assert found["risk/prevent"].reasons[0].event_ids == (high.delivery_id,)


@pytest.mark.parametrize(
    ("birth_date", "n_tests"),
    [
        pytest.param("1996-04-30", 0, id="29 years"),
        pytest.param("1996-04-01", 1, id="30 years"),
        pytest.param("1946-04-30", 1, id="79 years"),
        pytest.param("1946-04-01", 0, id="80 years"),
        pytest.param("", 0, id="age not known"),
    ],
)
def test_nothing_is_ordered_for_an_age_of_which_prevent_does_not_speak(
    birth_date: str, n_tests: int
) -> None:
    who = event(person(birth_date), "who")

    found = recommended(*without(WHO, HDL), who)

    assert len([key for key in found if key.startswith("test/")]) == n_tests
