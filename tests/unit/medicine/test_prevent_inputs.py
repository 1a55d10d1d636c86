"""What PREVENT is asked, from where it is known, and what is taken for granted, said aloud."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from tests.unit.medicine.patients import (
    BMI,
    COMPLETE,
    EGFR,
    NOW,
    SBP,
    SINCE,
    SMOKES_DAILY,
    SMOKING,
    TOTAL,
    WHO,
    answer,
    history,
    without,
)
from tests.unit.timeline.records import condition, event, order, person, reading

from epione.medicine.prevent_inputs import OLD_AFTER, prevent_facts_of
from epione.medicine.risk import PreventInputs, egfr_of, refusal_of
from epione.timeline import Body, Gender, PatientEvent, Status, codes

LISINOPRIL, ATORVASTATIN, WARFARIN = "29046", "83367", "11289"


def inputs(*events: PatientEvent) -> PreventInputs:
    return prevent_facts_of(history(*events)).inputs


def reasons(*events: PatientEvent) -> list[str]:
    return [reason.text for reason in prevent_facts_of(history(*events)).reasons]


def test_a_complete_record_gives_every_required_input() -> None:
    asked = inputs(*COMPLETE)

    assert refusal_of(asked) is None
    assert asked == PreventInputs(
        age=55,
        sex="male",
        sbp=148,
        bp_tx=False,
        total_c=220,
        hdl_c=45,
        statin=False,
        dm=False,
        smoking=False,
        egfr=80,
        bmi=31.2,
    )


def test_every_input_is_a_reason_with_the_message_that_states_it() -> None:
    known = prevent_facts_of(history(*COMPLETE)).known["sbp"]

    assert known.reason is not None
    assert known.reason.text == "systolic blood pressure 148 mmHg on 2026-01-11"
    assert known.reason.event_ids == (SBP.delivery_id,)


@pytest.mark.parametrize(
    "assumption",
    [
        "no diabetes on the record",
        "no statin among the current medicines on the record",
        "no blood-pressure medicine among the current medicines on the record",
    ],
)
def test_what_the_record_does_not_say_is_a_reason_without_a_message(assumption: str) -> None:
    stated = {reason.text: reason for reason in prevent_facts_of(history(*COMPLETE)).reasons}

    assert stated[assumption].event_ids == ()


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        pytest.param(order(LISINOPRIL, "lisinopril"), "bp_tx", True, id="pressure medicine"),
        pytest.param(order(ATORVASTATIN, "atorvastatin"), "statin", True, id="statin"),
        pytest.param(condition("44054006", "type 2 diabetes"), "dm", True, id="diabetes"),
        pytest.param(reading(codes.HBA1C, 6.1), "hba1c", 6.1, id="HbA1c"),
        pytest.param(reading(codes.URINE_ALBUMIN_CREATININE, 42), "uacr", 42, id="uACR"),
    ],
)
def test_one_more_fact_changes_one_input(body: Body, name: str, value: float | bool) -> None:
    before, after = asdict(inputs(*COMPLETE)), asdict(inputs(*COMPLETE, event(body, "more")))

    assert after == {**before, name: value}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(order(WARFARIN, "warfarin"), id="a medicine of neither group"),
        pytest.param(order(ATORVASTATIN, state="stopped"), id="a statin that was stopped"),
        pytest.param(condition("15777000", "prediabetes"), id="prediabetes is not diabetes"),
    ],
)
def test_a_fact_of_another_kind_changes_no_input(body: Body) -> None:
    assert inputs(*COMPLETE, event(body, "more")) == inputs(*COMPLETE)


@pytest.mark.parametrize(
    ("snomed", "smoking"),
    [
        pytest.param(SMOKES_DAILY, True, id="every day"),
        pytest.param("428041000124106", True, id="some days"),
        pytest.param("8517006", False, id="no longer"),
        pytest.param("266919005", False, id="never"),
        pytest.param("266927001", None, id="not known"),
    ],
)
def test_smoking_is_as_it_was_answered(snomed: str, smoking: bool | None) -> None:
    answered = event(answer(codes.SMOKING_STATUS, snomed), "smoking")

    assert inputs(*without(SMOKING), answered).smoking is smoking


def test_kidney_function_is_estimated_from_creatinine_where_no_laboratory_gave_it() -> None:
    creatinine = event(reading(codes.CREATININE, 1.5), "creatinine", effective_at=SINCE)
    egfr = egfr_of(1.5, 55, "male")
    assert egfr is not None

    known = prevent_facts_of(history(*without(EGFR), creatinine)).known["egfr"]

    assert known.value == round(egfr, 1)
    assert known.reason is not None
    assert "CKD-EPI 2021 from creatinine 1.5 mg/dL" in known.reason.text
    assert known.reason.event_ids == (creatinine.delivery_id,)


def test_a_result_that_is_no_number_in_the_unit_is_said_to_be_unused() -> None:
    text = event(reading(codes.TOTAL_CHOLESTEROL, 100, comparator="<"), "t", effective_at=SINCE)

    known = prevent_facts_of(history(*without(TOTAL), text)).known["total_c"]

    assert known.value is None
    assert known.reason is not None
    assert known.reason.text == (
        "total cholesterol of 2026-01-11 is not used: it is no number in mg/dL"
    )
    assert known.reason.event_ids == (text.delivery_id,)


def test_a_kidney_function_above_a_limit_is_estimated_from_creatinine() -> None:
    above = event(reading(codes.EGFR, 60, comparator=">"), "egfr")
    creatinine = event(reading(codes.CREATININE, 0.9), "creatinine")

    assert inputs(*without(EGFR), above, creatinine).egfr is not None


def test_a_reported_kidney_function_counts_before_an_estimated_one() -> None:
    assert inputs(*COMPLETE, event(reading(codes.CREATININE, 1.5), "creatinine")).egfr == 80


def test_body_mass_index_is_computed_from_height_and_weight_where_it_is_not_recorded() -> None:
    height, weight = event(reading(codes.HEIGHT, 180), "h"), event(reading(codes.WEIGHT, 100), "w")

    known = prevent_facts_of(history(*without(BMI), height, weight)).known["bmi"]

    assert known.value == 30.9
    assert known.reason is not None
    assert known.reason.event_ids == (weight.delivery_id, height.delivery_id)


@pytest.mark.parametrize("height_cm", [5e-324, 1e-200, 1e200, float("inf")])
def test_no_height_however_wrong_stops_the_stream(height_cm: float) -> None:
    height, weight = (
        event(reading(codes.HEIGHT, height_cm), "h"),
        event(reading(codes.WEIGHT, 100), "w"),
    )

    refusal = refusal_of(inputs(*without(BMI), height, weight))

    assert refusal is not None
    assert set(refusal.problems) == {"bmi"}


def test_height_alone_gives_no_body_mass_index() -> None:
    assert inputs(*without(BMI), event(reading(codes.HEIGHT, 180), "h")).bmi is None


def test_measurements_are_asked_as_they_are_shown() -> None:
    long = event(reading(codes.SYSTOLIC, 122.05759719832697), "sbp", effective_at=SINCE)

    assert inputs(*without(SBP), long).sbp == 122.1
    assert "systolic blood pressure 122.1 mmHg on 2026-01-11" in reasons(*without(SBP), long)


@pytest.mark.parametrize(
    ("age", "is_old"),
    [
        pytest.param(OLD_AFTER - timedelta(seconds=1), False, id="under five years"),
        pytest.param(OLD_AFTER, True, id="five years"),
    ],
)
def test_a_reading_of_five_years_is_called_old_and_still_used(age: timedelta, is_old: bool) -> None:
    facts = prevent_facts_of(
        history(*without(SBP), event(reading(codes.SYSTOLIC, 148), "sbp", effective_at=NOW - age))
    )

    known = facts.known["sbp"]
    assert facts.inputs.sbp == 148
    assert known.reason is not None
    assert ("more than 5 years old" in known.reason.text) is is_old


def test_the_time_at_which_a_reading_turns_old_is_foretold() -> None:
    assert set(prevent_facts_of(history(*COMPLETE)).turning_old) == {SINCE + OLD_AFTER}


def test_a_preliminary_result_is_used_and_called_so() -> None:
    early = replace(SBP, status=Status.PRELIMINARY)

    assert "systolic blood pressure 148 mmHg on 2026-01-11 (preliminary)" in reasons(
        *without(SBP), early
    )


def test_a_sex_that_the_equations_do_not_know_is_not_asked() -> None:
    other = event(person(gender=Gender.OTHER), "who")

    assert inputs(*without(WHO), other).sex is None


@pytest.mark.parametrize(
    ("body", "is_disease"),
    [
        pytest.param(condition("22298006", "infarction"), True, id="infarction"),
        pytest.param(
            condition("22298006", "infarction", clinical_status="resolved"), True, id="a past one"
        ),
        pytest.param(condition("230690007", "stroke"), True, id="stroke"),
        pytest.param(condition("84114007", "heart failure"), True, id="heart failure"),
        pytest.param(condition("49436004", "atrial fibrillation"), False, id="fibrillation"),
        pytest.param(condition("59621000", "hypertension"), False, id="hypertension"),
    ],
)
def test_known_cardiovascular_disease_is_seen(body: Body, is_disease: bool) -> None:
    facts = prevent_facts_of(history(*COMPLETE, event(body, "disease")))

    assert bool(facts.disease) is is_disease
