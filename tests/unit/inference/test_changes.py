"""What is added, superseded and retracted between two plans."""

from dataclasses import replace

import pytest
from tests.unit.medicine.patients import COMPLETE, MODELS, NOW, OneGuideline, timeline_of

from epione.medicine.plan import plan_of
from epione.medicine.recommendation import Plan, Reason, SubjectKind
from epione.wire import Change, Changed, Revision
from epione_inference.changes import changes_of

PLAN = plan_of(timeline_of(*COMPLETE), OneGuideline(), MODELS, NOW)
RISK = PLAN.recommendations[0]
AT = Revision(1, 7)


def changes(before: dict[str, str], plan: Plan = PLAN, *causes: str) -> list[Changed]:
    return list(
        changes_of(before, plan, AT, [Reason(f"what {each} says", (each,)) for each in causes])
    )


@pytest.mark.parametrize(
    ("before", "change", "replaces"),
    [
        pytest.param({}, Change.ADDED, "", id="it was not there"),
        pytest.param({RISK.key: "old"}, Change.SUPERSEDED, "old", id="it said something else"),
    ],
)
def test_what_is_new_is_said_with_what_it_replaces(
    before: dict[str, str], change: Change, replaces: str
) -> None:
    (found,) = changes(before)

    assert (found.change, found.replaces, found.revision) == (change, replaces, AT)
    assert found.recommendation == RISK


def test_what_says_the_same_is_not_said_again() -> None:
    assert changes({RISK.key: RISK.id}) == []


def test_what_no_longer_stands_is_retracted_by_its_key() -> None:
    nothing = replace(PLAN, recommendations=())

    (found,) = changes({"drug/clopidogrel/CPIC": "old"}, nothing, "order@2")

    assert (found.change, found.replaces) == (Change.RETRACTED, "old")
    assert (found.recommendation.key, found.recommendation.id) == ("drug/clopidogrel/CPIC", "")
    assert found.recommendation.subject.kind is SubjectKind.DRUG
    assert found.caused_by == ("order@2",)
    assert found.recommendation.reasons == (Reason("what order@2 says", ("order@2",)),)


def test_a_retraction_says_what_holds_the_plan_back() -> None:
    held = replace(PLAN, recommendations=(), holds=("consent is denied",))

    (found,) = changes({"drug/clopidogrel/CPIC": "old"}, held)

    assert found.recommendation.reasons == (Reason("consent is denied"),)


def test_a_change_says_why_the_plan_was_asked_for_again() -> None:
    asked = Reason("the plan was asked for again: newer knowledge", ("recompute/1",))
    cited = Reason("another reading", ("sbp@1",))

    (found,) = changes_of({RISK.key: "old"}, PLAN, AT, [cited, asked], [asked])

    assert found.recommendation == replace(RISK, reasons=(*RISK.reasons, asked))
    assert found.caused_by == ("sbp@1", "recompute/1")


@pytest.mark.parametrize(
    ("causes", "caused_by"),
    [
        pytest.param(("note@1", "sbp@1"), ("sbp@1",), id="those that it cites"),
        pytest.param(("note@1", "sbp@2"), ("note@1", "sbp@2"), id="all, where it cites none"),
    ],
)
def test_a_change_names_the_messages_behind_it(
    causes: tuple[str, ...], caused_by: tuple[str, ...]
) -> None:
    (found,) = changes({}, PLAN, *causes)

    assert found.caused_by == caused_by
