"""A reader is told which fact changed, and not who the patient is."""

import pytest
from tests.unit.timeline.records import condition, consent, event, merge, order, person, reading

from epione.timeline import (
    LOINC,
    Allergy,
    Body,
    Code,
    Encounter,
    Note,
    Observation,
    Procedure,
    Recompute,
    Status,
    TimeReached,
    fact_in_words,
)
from epione.timeline.codes import SMOKING_STATUS, SYSTOLIC
from epione.timeline.events import RXNORM, SNOMED

NEVER = Code(SNOMED, "266919005", "never smoked tobacco")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(reading(SYSTOLIC, 148), "LOINC 8480-6: 148 mm[Hg]", id="a number"),
        pytest.param(reading(SYSTOLIC, 90, "", "<"), "LOINC 8480-6: <90 mm[Hg]", id="a bound"),
        pytest.param(
            Observation(SMOKING_STATUS, NEVER),
            "tobacco smoking status: never smoked tobacco",
            id="an answer",
        ),
        pytest.param(Observation(Code(LOINC, "1-8"), None), "LOINC 1-8", id="no value"),
        pytest.param(
            Procedure(Code("urn:id:L", "OP")), "urn:id:L OP", id="a code of a sender's own"
        ),
        pytest.param(
            condition("44054006"),
            "condition SNOMED CT 44054006: active, confirmed",
            id="a condition",
        ),
        pytest.param(
            order("309362", "clopidogrel", state="stopped"),
            "order of clopidogrel: stopped",
            id="an order",
        ),
        pytest.param(
            Allergy(Code(RXNORM, "7980", "penicillin G")),
            "allergy to penicillin G: active",
            id="an allergy",
        ),
        pytest.param(
            consent("genomics", permitted=True), "consent to genomics: permitted", id="yes"
        ),
        pytest.param(consent("research", permitted=False), "consent to research: denied", id="no"),
        pytest.param(person("1970-04-21"), "who the patient is", id="no birth date"),
        pytest.param(
            merge("p-0", "p-1")[0].body, "two records are one patient's", id="no record's name"
        ),
        pytest.param(Encounter("AMB"), "encounter", id="what no rule reads"),
        pytest.param(Note(Code(LOINC, "1-8"), "0"), "note", id="a note, whatever it says"),
        pytest.param(Recompute(""), "the plan was asked for again", id="a wish"),
        pytest.param(
            Recompute("knowledge 2025-11 → 2026-11"),
            "the plan was asked for again: knowledge 2025-11 → 2026-11",
            id="a wish that says why",
        ),
    ],
)
def test_a_fact_is_named_with_what_is_said_of_it(body: Body, words: str) -> None:
    assert fact_in_words(event(body)) == words


def test_what_is_taken_back_is_said_to_be() -> None:
    taken_back = event(order("309362", "clopidogrel"), status=Status.WITHDRAWN)

    assert fact_in_words(taken_back) == "order of clopidogrel: active, withdrawn"


def test_a_time_is_named_by_what_it_is_for() -> None:
    assert fact_in_words(event(TimeReached(event(person()).recorded_at))) == (
        "a time that the plan waited for"
    )
