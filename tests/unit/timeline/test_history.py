"""What is true now: the latest, the present, the consented; with the message that says so."""

from datetime import timedelta

import pytest
from tests.unit.timeline.records import (
    DAY,
    START,
    condition,
    consent,
    event,
    order,
    person,
    reading,
)

from epione.timeline import Body, Gender, PatientEvent, Quantity, Status
from epione.timeline.codes import (
    ATHEROSCLEROSIS,
    DIABETES,
    EGFR,
    SMOKING_STATUS,
    STATIN,
    SYSTOLIC,
)
from epione.timeline.events import LOINC, SNOMED, Code, Observation, Procedure
from epione.timeline.history import History, history_of
from epione.timeline.timeline import Timeline, fold

NOW = START + 100 * DAY
ATORVASTATIN = "83367"
TYPE_2_DIABETES, INFARCTION = "44054006", "22298006"


def history(*events: PatientEvent) -> History:
    return history_of(fold(Timeline("north", "p-1"), events), NOW)


def test_the_latest_reading_is_the_one_measured_last_not_the_one_received_last() -> None:
    newer = event(reading(SYSTOLIC, 130), "new", day=1, effective_at=START + 1 * DAY)
    older = event(reading(SYSTOLIC, 150), "old", day=2, effective_at=START - 9 * DAY)

    latest = history(newer, older).latest(SYSTOLIC)

    assert latest is not None
    assert (latest.value, latest.event_id) == (130, newer.delivery_id)


def test_a_measurement_is_found_by_any_of_its_codes() -> None:
    by_equation = Observation(Code(LOINC, "33914-3"), reading_value(EGFR.unit))

    assert history(event(by_equation)).latest(EGFR) is not None


def reading_value(unit: str) -> Quantity:
    return Quantity(80.0, unit)


@pytest.mark.parametrize(
    "unread",
    [
        pytest.param(reading(SYSTOLIC, 17, unit="kPa"), id="another unit"),
        pytest.param(reading(SYSTOLIC, 150, comparator=">"), id="more than"),
        pytest.param(Observation(SYSTOLIC.code, None, "free-text"), id="no value"),
        pytest.param(Observation(Code("local", "8480-6"), Quantity(150, "mm[Hg]")), id="own code"),
    ],
)
def test_what_is_no_number_in_the_one_unit_is_not_read(unread: Body) -> None:
    assert history(event(unread)).latest(SYSTOLIC) is None


def test_a_result_that_is_not_read_is_told_only_where_no_other_is() -> None:
    text = event(reading(SYSTOLIC, 150, comparator=">"), "text")
    number = event(reading(SYSTOLIC, 130), "number")

    assert history(text).unread(SYSTOLIC) is not None
    assert history(text, number).unread(SYSTOLIC) is None
    assert history().unread(SYSTOLIC) is None


def test_what_is_measured_in_the_future_is_not_known_yet_but_awaited() -> None:
    tomorrow = event(reading(SYSTOLIC, 130), effective_at=NOW + DAY)

    known = history(tomorrow)

    assert known.latest(SYSTOLIC) is None
    assert known.upcoming == (NOW + DAY,)


def test_a_preliminary_reading_says_so() -> None:
    latest = history(event(reading(SYSTOLIC, 130), status=Status.PRELIMINARY)).latest(SYSTOLIC)

    assert latest is not None
    assert latest.preliminary


def test_the_last_answer_to_a_question_counts() -> None:
    asked = [
        event(Observation(SMOKING_STATUS, Code(SNOMED, code)), f"e{day}", day=day)
        for day, code in enumerate(("449868002", "8517006"))
    ]

    answer = history(*asked).latest_answer(SMOKING_STATUS)

    assert answer is not None
    assert answer.value.code == "8517006"


@pytest.mark.parametrize(
    ("body", "is_active"),
    [
        pytest.param(condition(TYPE_2_DIABETES), True, id="active"),
        pytest.param(condition(TYPE_2_DIABETES, clinical_status="relapse"), True, id="relapse"),
        pytest.param(condition(TYPE_2_DIABETES, clinical_status="resolved"), False, id="resolved"),
        pytest.param(condition(TYPE_2_DIABETES, abated_at=NOW), False, id="abated now"),
        pytest.param(condition(TYPE_2_DIABETES, abated_at=NOW + DAY), True, id="abates tomorrow"),
        pytest.param(condition(TYPE_2_DIABETES, onset_at=NOW + DAY), False, id="begins tomorrow"),
        pytest.param(
            condition(TYPE_2_DIABETES, verification="provisional"), False, id="only suspected"
        ),
        pytest.param(condition(TYPE_2_DIABETES, verification="refuted"), False, id="refuted"),
        pytest.param(condition("15777000"), False, id="prediabetes is another condition"),
    ],
)
def test_a_condition_is_active_while_it_surely_lasts(body: Body, is_active: bool) -> None:
    assert bool(history(event(body)).active(DIABETES)) is is_active


def test_a_resolved_infarction_was_had_once() -> None:
    past = history(event(condition(INFARCTION, clinical_status="resolved")))

    assert past.ever(ATHEROSCLEROSIS)
    assert not past.active(ATHEROSCLEROSIS)


@pytest.mark.parametrize(
    ("body", "is_current", "is_taken"),
    [
        pytest.param(order(ATORVASTATIN), True, True, id="without dates"),
        pytest.param(order(ATORVASTATIN, ends_at=NOW), False, False, id="ends now"),
        pytest.param(order(ATORVASTATIN, ends_at=NOW + DAY), True, True, id="ends tomorrow"),
        pytest.param(order(ATORVASTATIN, starts_at=NOW), True, True, id="starts now"),
        pytest.param(
            order(ATORVASTATIN, starts_at=NOW + DAY), True, False, id="ordered, not begun"
        ),
        pytest.param(order(ATORVASTATIN, state="stopped"), False, False, id="stopped"),
        pytest.param(order(ATORVASTATIN, state="on-hold"), False, False, id="on hold"),
    ],
)
def test_an_order_is_current_until_it_ends_and_taken_from_its_start(
    body: Body, is_current: bool, is_taken: bool
) -> None:
    known = history(event(body))

    assert bool(known.medications) is is_current
    assert bool(known.taking(STATIN)) is is_taken


@pytest.mark.parametrize(
    ("body", "was_given"),
    [
        pytest.param(order(ATORVASTATIN), True, id="current"),
        pytest.param(order(ATORVASTATIN, ends_at=NOW - DAY), True, id="ended"),
        pytest.param(order(ATORVASTATIN, state="completed"), True, id="completed"),
        pytest.param(order(ATORVASTATIN, state="draft"), False, id="never ordered"),
        pytest.param(order(ATORVASTATIN, starts_at=NOW + DAY), False, id="not begun"),
    ],
)
def test_a_medicine_that_ended_was_given(body: Body, was_given: bool) -> None:
    assert bool(history(event(body)).given) is was_given


def test_a_procedure_is_known_once_it_was_done() -> None:
    colonoscopy = Procedure(Code(SNOMED, "73761001"))
    done = event(colonoscopy, "done")
    planned = event(colonoscopy, "planned", effective_at=NOW + DAY)

    assert [stated.value for stated in history(done, planned).procedures] == [colonoscopy]


def test_ends_and_birthdays_are_awaited() -> None:
    known = history(
        event(person("1970-05-01"), "who"),
        event(order(ATORVASTATIN, ends_at=NOW + 2 * DAY), "order"),
        event(order(ATORVASTATIN, ends_at=NOW + DAY, state="stopped"), "stopped"),
        event(condition(TYPE_2_DIABETES, abated_at=NOW + 3 * DAY), "diabetes"),
    )

    assert known.upcoming == (
        NOW + 2 * DAY,
        NOW + 3 * DAY,
        START.replace(month=5),
    )


def test_the_last_word_on_consent_counts() -> None:
    denied = event(consent("genomics", permitted=False), "c-1", day=1)
    granted = event(consent("genomics", permitted=True), "c-2", day=2)

    assert history(denied).denial("genomics") is not None
    assert history(denied).denial("treatment") is None
    assert history(denied, granted).denial("genomics") is None


def test_a_draft_of_a_consent_is_no_word_yet() -> None:
    denied = event(consent("treatment", permitted=False), "c-1", day=1)
    draft = event(consent("treatment", permitted=True), "c-2", day=2, status=Status.PRELIMINARY)

    assert history(denied, draft).denial("treatment") is not None
    assert history(draft).denial("treatment") is None


def test_demographics_that_leave_something_out_take_nothing_back() -> None:
    chart = event(person("1970-04-21", Gender.MALE), "chart", day=1)
    update = event(person("", Gender.MALE), "update", day=2)

    assert history(chart, update).age == 55
    assert history(update).sex is Gender.MALE


def test_a_patient_is_known_by_the_latest_demographics() -> None:
    known = history(
        event(person("1970-04-21", Gender.MALE), "who", version=1),
        event(person("1980-04-21", Gender.FEMALE), "who", version=2),
    )

    assert (known.sex, known.age) == (Gender.FEMALE, 45)


def test_without_demographics_neither_age_nor_sex_is_known() -> None:
    assert (history().sex, history().age) == (Gender.UNKNOWN, None)


def test_a_death_is_known_from_any_record_of_the_person() -> None:
    died = event(person(deceased_at=NOW - timedelta(hours=1)), "who")

    assert history(died).deceased is not None
    assert history(event(person(), "who")).deceased is None
