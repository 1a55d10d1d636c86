"""What is taken beside a medicine, and what is measured of the patient, in the plan."""

from datetime import datetime

import pytest
from tests.unit.inference.stream import Stream
from tests.unit.medicine.patients import MODELS, NOW, genome, history, timeline_of
from tests.unit.timeline.records import DAY, START, consent, event, order, person, reading

from epione.medicine.drug_recommendations import advice_ahead, drug_recommendations
from epione.medicine.pharmacogenomics import Guidelines
from epione.medicine.plan import case_of, plan_of
from epione.medicine.prevent_inputs import OLD_AFTER
from epione.medicine.recommendation import Recommendation
from epione.medicine.why_not import WhyNot, why_not
from epione.timeline import GeneCall, PatientEvent, codes, genome_of, time_reached
from epione.wire import Change, plan_from_wire, recommendation_from_wire

CYP2D6 = GeneCall(
    "CYP2D6", "*1/*1", ("*1/*1",), ("Normal Metabolizer",), (2.0,), ("2.0",), caller="Cyrius"
)
CYP2C9 = GeneCall("CYP2C9", "*1/*1", ("*1/*1",), ("Normal Metabolizer",), (2.0,), ("2.0",))
VKORC1 = GeneCall("VKORC1", "C/C", ("C/C",), ("-1639 GG",), (), ("-1639 GG",))
GENOME = event(genome(CYP2D6, CYP2C9, VKORC1), "genome")
AMITRIPTYLINE = event(order("704", "amitriptyline"), "order")
WARFARIN = event(order("855332", "warfarin sodium 5 MG Oral Tablet"), "warfarin")
KEY, WARFARIN_KEY = "drug/amitriptyline/CPIC", "drug/warfarin/CPIC/adults"
ENDS = START + 30 * DAY

WHO = event(person("1960-04-21"), "who")
HEIGHT = event(reading(codes.HEIGHT, 170), "height", effective_at=START)
WEIGHT = event(reading(codes.WEIGHT, 70.04), "weight", effective_at=START)


def paroxetine(
    starts_at: datetime | None = START, ends_at: datetime | None = None, state: str = "active"
) -> PatientEvent:
    body = order("32937", "paroxetine", starts_at=starts_at, ends_at=ends_at, state=state)
    return event(body, "paroxetine")


def recommended(*events: PatientEvent, now: datetime = NOW) -> dict[str, Recommendation]:
    known, guidelines = history(*events, now=now), Guidelines()
    genes = genome_of(known)
    ordered = drug_recommendations(known, genes, guidelines)
    return {each.key: each for each in (*ordered, *advice_ahead(known, genes, guidelines))}


def action(*events: PatientEvent) -> str:
    return recommended(GENOME, AMITRIPTYLINE, *events)[KEY].action


# ── phenoconversion ──


def test_an_inhibitor_among_the_current_medicines_changes_the_advice() -> None:
    assert action(paroxetine()) != action()
    assert action(paroxetine()).startswith("Avoid amitriptyline")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(paroxetine(starts_at=NOW + DAY), id="it begins later"),
        pytest.param(paroxetine(ends_at=NOW), id="it has ended"),
        pytest.param(paroxetine(state="stopped"), id="it was stopped"),
    ],
)
def test_what_is_not_taken_now_changes_nothing(other: PatientEvent) -> None:
    assert action(other) == action()


def test_the_inhibitor_is_dated_and_cites_its_order() -> None:
    found = recommended(GENOME, AMITRIPTYLINE, paroxetine(ends_at=NOW + DAY))[KEY]

    texts = {reason.text: reason.event_ids for reason in found.reasons}
    (about,) = (text for text in texts if text.startswith("paroxetine"))
    assert "is taken since 2026-01-01, until 2026-04-12: CYP2D6 counts as Poor" in about
    assert texts[about] == ("paroxetine@1",)


def test_a_start_that_is_not_told_is_the_date_of_the_record() -> None:
    found = recommended(GENOME, AMITRIPTYLINE, paroxetine(starts_at=None))[KEY]

    assert any("is on the record since 2026-01-01: CYP2D6" in each.text for each in found.reasons)


def test_the_versions_name_the_convention() -> None:
    versions = recommended(GENOME, AMITRIPTYLINE, paroxetine())[KEY].versions

    assert versions["CYP2D6 phenoconversion"] == "2021"
    assert "CYP2D6 phenoconversion" not in recommended(GENOME, AMITRIPTYLINE)[KEY].versions


def test_advice_stands_until_the_inhibitor_or_the_order_ends() -> None:
    ending = event(order("704", "amitriptyline", ends_at=NOW + DAY), "order")
    beside = paroxetine(ends_at=NOW + 2 * DAY)

    assert recommended(GENOME, AMITRIPTYLINE, beside)[KEY].valid_until == NOW + 2 * DAY
    assert recommended(GENOME, ending, beside)[KEY].valid_until == NOW + DAY
    assert recommended(GENOME, AMITRIPTYLINE, paroxetine())[KEY].valid_until is None


def test_a_medicine_that_is_not_ordered_is_spoken_of_where_an_inhibitor_makes_it_matter() -> None:
    assert KEY not in recommended(GENOME)
    assert recommended(GENOME, paroxetine())[KEY].action.startswith(
        "If amitriptyline is considered"
    )


def test_nothing_is_said_of_genes_where_consent_is_denied() -> None:
    denied = event(consent("genomics", permitted=False), "consent")

    assert recommended(GENOME, AMITRIPTYLINE, paroxetine(), denied) == {}


def test_an_inhibitor_that_ends_gives_the_genetic_advice_back_on_that_day_by_time_alone() -> None:
    events = [GENOME, AMITRIPTYLINE, paroxetine(ends_at=ENDS)]
    genetic = plan_of(timeline_of(GENOME, AMITRIPTYLINE), Guidelines(), MODELS, ENDS)
    stream = Stream(events, Guidelines()).run()
    before = plan_from_wire(stream.plans["north/p-1"])[0]
    stream.changes.clear()

    stream.append(time_reached("north", "p-1", ENDS))
    after = plan_from_wire(stream.run().plans["north/p-1"])[0]

    assert before.valid_until == ENDS
    assert [each for each in after.recommendations if each.key == KEY] == [
        each for each in genetic.recommendations if each.key == KEY
    ]
    changes = [recommendation_from_wire(each) for each in stream.changes]
    (superseded,) = (each for each in changes if each.recommendation.key == KEY)
    assert superseded.change is Change.SUPERSEDED


def test_the_time_at_which_an_inhibitor_ends_is_when_the_plan_is_due() -> None:
    stream = Stream([GENOME, AMITRIPTYLINE, paroxetine(ends_at=ENDS)], Guidelines()).run()

    assert stream.due == {"north/p-1": int(ENDS.timestamp()) * 1_000}


def test_a_day_before_its_end_the_inhibitor_still_counts() -> None:
    stream = Stream([GENOME, AMITRIPTYLINE, paroxetine(ends_at=ENDS)], Guidelines()).run()
    stream.append(time_reached("north", "p-1", ENDS - DAY))

    plan = plan_from_wire(stream.run().plans["north/p-1"])[0]

    (found,) = (each for each in plan.recommendations if each.key == KEY)
    assert found.action.startswith("Avoid amitriptyline")


# ── warfarin ──


def test_an_order_of_warfarin_is_answered_with_the_dose() -> None:
    found = recommended(GENOME, WHO, HEIGHT, WEIGHT, WARFARIN)[WARFARIN_KEY]

    assert "Start warfarin near 39.8 mg a week (5.7 mg a day)" in found.action
    assert found.versions["IWPC"] == "2009"


def test_a_dose_cites_the_measurements_the_birth_date_and_what_is_taken() -> None:
    amiodarone = event(order("703", "amiodarone"), "amiodarone")

    found = recommended(GENOME, WHO, HEIGHT, WEIGHT, WARFARIN, amiodarone)[WARFARIN_KEY]

    cited = {reason.text: reason.event_ids for reason in found.reasons}
    assert cited["age 65 years"] == ("who@1",)
    assert cited["height 170 cm on 2026-01-01"] == ("height@1",)
    assert cited["weight 70 kg on 2026-01-01"] == ("weight@1",)
    assert cited[
        "amiodarone is on the record since 2026-01-01: the algorithm has a term for it"
    ] == ("amiodarone@1",)


def test_ahead_of_an_order_a_dose_is_said_that_genes_change() -> None:
    heterozygous = GeneCall("VKORC1", "C/T", ("C/T",), ("-1639 AG",), (), ("-1639 AG",))
    other = event(genome(CYP2C9, heterozygous), "genome")

    assert WARFARIN_KEY not in recommended(GENOME, WHO, HEIGHT, WEIGHT)
    found = recommended(other, WHO, HEIGHT, WEIGHT)[WARFARIN_KEY]
    assert found.action.startswith("If warfarin is considered, adults: Start warfarin near")


def test_a_measurement_of_long_ago_is_none_to_dose_by() -> None:
    long_ago = event(reading(codes.WEIGHT, 28), "weight", effective_at=NOW - 6 * 366 * DAY)

    found = recommended(GENOME, WHO, HEIGHT, long_ago, WARFARIN)

    assert WARFARIN_KEY not in found
    assert found["test/warfarin/weight"].reasons[0].text == (
        "no starting dose: weight is not known"
    )


def test_a_dose_stands_until_the_first_of_its_measurements_is_old() -> None:
    found = recommended(GENOME, WHO, HEIGHT, WEIGHT, WARFARIN)[WARFARIN_KEY]

    assert found.valid_until == START + OLD_AFTER


def test_no_child_is_measured_for_a_dose_that_is_one_of_adults() -> None:
    child = event(person("2018-04-21"), "who")

    assert not [key for key in recommended(GENOME, child, WARFARIN) if "height" in key]


def test_a_measurement_that_an_ordered_dose_lacks_is_asked_for() -> None:
    found = recommended(GENOME, WHO, WEIGHT, WARFARIN)

    assert WARFARIN_KEY not in found
    test = found["test/warfarin/height"]
    assert (test.subject.code.code, test.subject.name) == ("8302-2", "height")
    assert test.reasons[0].text == "no starting dose: height is not known"
    assert [each.name for each in test.serves] == ["warfarin"]
    assert "test/warfarin/weight" not in found


def test_no_measurement_is_asked_for_a_medicine_that_is_not_ordered() -> None:
    assert not any(key.startswith("test/warfarin") for key in recommended(GENOME, WHO))


def asked(*events: PatientEvent) -> WhyNot:
    return why_not(case_of(timeline_of(*events), NOW), Guidelines(), "warfarin")


def test_why_there_is_no_dose_is_what_is_missing() -> None:
    assert asked(GENOME, WHO, WARFARIN).unmet.startswith(
        "no starting dose: height is not known; weight is not known; DPWG has no recommendation "
    )
    spoken_of = asked(GENOME, WHO, HEIGHT, WEIGHT, WARFARIN)
    assert "a guideline answers for them" in spoken_of.met
    assert "more than twelve months old" in spoken_of.unmet
