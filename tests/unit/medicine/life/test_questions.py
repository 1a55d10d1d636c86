"""What a model of a life is asked of a record."""

from dataclasses import replace
from itertools import permutations

import pytest
from tests.unit.medicine.patients import NOW, history
from tests.unit.timeline.records import condition, event, order, person

from epione.medicine.life import LifeQuestion, question_of
from epione.timeline import RXNORM, Code, PatientEvent, genome_of
from epione.timeline.tokens import NoLife

WHO = event(person("1970-04-21"), "who")
SICK = event(condition("38341003", "hypertension"), "sick", day=3)
TREATED = event(order("314076", "lisinopril 10 MG Oral Tablet"), "treated", day=3)
AGE_DAYS = 20_444  # from 1970-04-21 to 2026-04-11


def asked(*events: PatientEvent) -> LifeQuestion:
    record = history(*events)
    return question_of(record, genome_of(record), lambda _: Code(RXNORM, "29046", "lisinopril"))


def test_a_question_is_what_is_stated_and_the_age_now() -> None:
    question = asked(WHO, SICK, TREATED)

    assert [(each.age_days, each.name) for each in question.entries] == [
        (None, "Male"),
        (20_347, "RXNORM/29046"),
        (20_347, "SNOMED/38341003"),
    ]
    assert (question.now_days, question.none) == (AGE_DAYS, "")
    assert NOW.date().isoformat() == "2026-04-11"


def test_a_question_is_alike_in_whatever_order_things_came() -> None:
    asked_in = {asked(*each) for each in permutations((WHO, SICK, TREATED))}

    assert len(asked_in) == 1


def test_another_delivery_that_says_the_same_asks_the_same() -> None:
    again = replace(SICK, delivery_id="another")

    assert asked(WHO, again) == asked(WHO, SICK)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param((SICK,), NoLife.NO_BIRTH_DATE, id="no demographics"),
        pytest.param((event(person(""), "who"), SICK), NoLife.NO_BIRTH_DATE, id="no birth date"),
        pytest.param((event(person("2031-01-01"), "who"),), NoLife.BORN_IN_THE_FUTURE, id="future"),
        pytest.param((WHO,), NoLife.EMPTY, id="nothing but a person"),
    ],
)
def test_where_there_is_no_life_the_question_says_why(
    events: tuple[PatientEvent, ...], why: NoLife
) -> None:
    assert asked(*events) == LifeQuestion((), 0, why)
