"""Why a medicine is not spoken of: the first unmet condition, one by one."""

import pytest
from tests.unit.medicine.patients import (
    NO_CALL,
    NORMAL,
    NOW,
    POOR,
    WHO,
    Guidelines,
    genome,
    timeline_of,
)
from tests.unit.timeline.records import consent, event, merge, order, person

from epione.medicine.plan import case_of
from epione.medicine.why_not import WhyNot, why_not
from epione.timeline import Gender, PatientEvent

ORDERED = event(order("309362"), "order")
CALLED = event(genome(NORMAL), "genome")


def asked(*events: PatientEvent, drug: str = "clopidogrel") -> WhyNot:
    return why_not(case_of(timeline_of(*events), NOW), Guidelines(), drug)


@pytest.mark.parametrize(
    ("events", "unmet"),
    [
        pytest.param(
            [merge("p-1", "p-0")[0], ORDERED, CALLED], "it was merged into p-0", id="merged"
        ),
        pytest.param(
            [ORDERED, CALLED, event(consent("treatment", permitted=False), "c")],
            "consent to the use of this record for treatment is denied",
            id="treatment denied",
        ),
        pytest.param(
            [ORDERED, CALLED, event(consent("genomics", permitted=False), "c")],
            "consent to genomics is denied",
            id="genomics denied",
        ),
        pytest.param(
            [ORDERED],
            "CYP2C19 is not in any genome on the record that may be used",
            id="no genome",
        ),
        pytest.param(
            [
                ORDERED,
                event(person(gender=Gender.FEMALE), "who", version=2),
                event(genome(NORMAL, observed_sex="XY"), "genome"),
            ],
            "CYP2C19 is not in any genome on the record that may be used",
            id="a held genome",
        ),
        pytest.param(
            [ORDERED, event(genome(NO_CALL), "genome")],
            "CYP2C19 is not called: positions are missing; missing positions 94762706",
            id="gene not called",
        ),
        pytest.param([CALLED], "it is not ordered, and would be used as usual", id="no order"),
        pytest.param([CALLED, ORDERED], "", id="nothing: it is ordered"),
        pytest.param([event(genome(POOR), "genome")], "", id="nothing: it is to be avoided"),
    ],
)
def test_the_first_unmet_condition_is_named(events: list[PatientEvent], unmet: str) -> None:
    assert asked(WHO, *events).unmet == unmet


def test_a_medicine_that_no_guideline_knows_is_named() -> None:
    assert asked(WHO, CALLED, drug="aspirin").unmet == (
        "no guideline of this release speaks of aspirin and a gene"
    )


def test_a_name_is_known_however_it_is_written() -> None:
    assert asked(WHO, CALLED, ORDERED, drug="Clopidogrel").unmet == ""


def test_the_conditions_before_it_are_told_too() -> None:
    assert asked(WHO, ORDERED).met == (
        "the record stands for itself",
        "nothing holds the plan back",
        "genomics is consented to, or not spoken of",
        "a guideline speaks of it",
    )
