"""What is recommended by one release and not, or otherwise, by another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.medicine.patients import (
    CPIC,
    NOW,
    POOR,
    OneGuideline,
    genome,
    timeline_of,
)
from tests.unit.timeline.records import event, order

from epione.medicine.knowledge_differences import (
    ByKey,
    differences,
    n_said_alike,
    recommended,
)
from epione.medicine.pharmacogenomics import Circumstances, DrugAdvice, NoAdvice
from epione.medicine.plan import Case, case_of
from epione.timeline import Code, Consent, Demographics, GeneCall, PatientEvent

GENOME, ORDER = event(genome(POOR), "genome"), event(order("309362"), "order")
KEY = "drug/clopidogrel/CPIC"
STALE = datetime(2027, 6, 1, tzinfo=UTC)


class Otherwise(OneGuideline):
    """Another release."""

    def __init__(self, **said: object) -> None:
        self._said = said

    def answers_for(
        self, drug: Code, calls: Mapping[str, GeneCall], circumstances: Circumstances
    ) -> Sequence[DrugAdvice | NoAdvice]:
        return [
            replace(each, **self._said)  # type: ignore[arg-type]
            if isinstance(each, DrugAdvice)
            else each
            for each in super().answers_for(drug, calls, circumstances)
        ]


def case(*events: PatientEvent, now: datetime = NOW) -> Case:
    return case_of(timeline_of(*events), now)


KNOWN = case(GENOME, ORDER)
BEFORE = recommended(KNOWN, OneGuideline())


def said(**said: object) -> ByKey:
    return recommended(KNOWN, Otherwise(**said))


def test_what_is_recommended_is_by_key() -> None:
    assert list(BEFORE) == [KEY]
    assert BEFORE[KEY].subject.name == "clopidogrel"


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(said(action="use as usual"), id="an action"),
        pytest.param(said(strength="Moderate"), id="a grade"),
        pytest.param(
            said(action="avoid it; use another drug", kind="adjust", strength="Weak"), id="both"
        ),
    ],
)
def test_other_words_or_another_grade_differ(after: ByKey) -> None:
    (found,) = differences(BEFORE, after)

    assert (found.before, found.after) == (BEFORE[KEY], after[KEY])
    assert found.subject.name == "clopidogrel"
    assert n_said_alike(BEFORE, after) == 0


def test_what_only_one_release_recommends_differs() -> None:
    (went,), (came,) = differences(BEFORE, {}), differences({}, BEFORE)

    assert (went.before, went.after) == (BEFORE[KEY], None)
    assert (came.before, came.after) == (None, BEFORE[KEY])
    assert went.subject == came.subject == BEFORE[KEY].subject


@pytest.mark.parametrize(
    ("after", "n"),
    [
        pytest.param(said(), 0, id="nothing"),
        pytest.param(said(evidence=(replace(CPIC, release="2026-05"),)), 1, id="its evidence"),
        pytest.param(said(reasons=("in other words",)), 1, id="its reasons"),
    ],
)
def test_what_is_said_alike_is_only_counted(after: ByKey, n: int) -> None:
    assert list(differences(BEFORE, after)) == []
    assert n_said_alike(BEFORE, after) == n


def test_old_knowledge_that_is_replaced_by_less_old_is_said_alike() -> None:
    old = case(GENOME, ORDER, now=STALE)
    newer = Otherwise(evidence=(replace(CPIC, knowledge_as_of="2026-03-01"),))

    before, after = recommended(old, OneGuideline()), recommended(old, newer)

    assert before[KEY].action != after[KEY].action
    assert list(differences(before, after)) == []


def test_advice_that_is_acted_on_again_differs() -> None:
    old = case(GENOME, ORDER, now=STALE)
    newer = Otherwise(evidence=(replace(CPIC, knowledge_as_of="2027-03-01"),))

    (found,) = differences(recommended(old, OneGuideline()), recommended(old, newer))

    assert found.after is not None
    assert "For information" not in found.after.action


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([GENOME, ORDER, event(Consent("treatment", False), "no")], id="consent"),
        pytest.param([GENOME, ORDER, event(Demographics(deceased_at=NOW), "who")], id="deceased"),
    ],
)
def test_where_nothing_is_recommended_nothing_differs(events: list[PatientEvent]) -> None:
    assert recommended(case(*events), OneGuideline()) == {}


def test_a_record_that_was_merged_is_told_nothing() -> None:
    merged: Case = replace(KNOWN, survivor="p-2")

    assert recommended(merged, OneGuideline()) == {}
