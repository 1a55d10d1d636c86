from dataclasses import replace

import pytest
from rich.console import Console, RenderableType
from tests.unit.cli.plans import AHEAD_OF_CITALOPRAM, AVOID_CLOPIDOGREL, GENOTYPE, PLAN

from epione.medicine.recommendation import PlanState, Reason, Recommendation
from epione.wire import Change, Changed, Revision
from epione_cli.show import changes_view, plan_view


def shown(view: RenderableType) -> str:
    console = Console(width=140, color_system=None)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("clopidogrel", id="what it is about"),
        pytest.param("• Use another antiplatelet drug [Strong]", id="what to do, how strongly"),
        pytest.param("CYP2C19 *2/*2: Poor Metabolizer; an active order", id="why"),
        pytest.param("↺ the order ends", id="what would change it"),
        pytest.param("CPIC 2024-04: PMID 35034351", id="who says so"),
        pytest.param("• Genotype SLCO1B1 [for information]", id="a test"),
        pytest.param("Another drug or dose, for these genes: citalopram", id="what is ahead"),
    ],
)
def test_a_plan_shows_of_each_recommendation(text: str) -> None:
    assert text in shown(plan_view(PLAN))


def test_what_is_ahead_of_any_order_comes_last() -> None:
    view = shown(plan_view(PLAN))

    assert view.index("SLCO1B1") < view.index("before ordering")


def test_a_caveat_of_every_change_is_said_once() -> None:
    view = shown(plan_view(PLAN))

    assert view.count("the model's answer") == 1
    assert "↺ systolic pressure 129 mmHg" in view


def test_drugs_come_before_risks() -> None:
    view = shown(plan_view(PLAN))

    assert view.index("clopidogrel") < view.index("cardiovascular risk")


def test_what_is_held_back_is_said_first() -> None:
    view = shown(plan_view(replace(PLAN, holds=("consent to use the genome was withdrawn",))))

    assert view.startswith("Held back: consent to use the genome was withdrawn")


def test_an_empty_plan_says_so() -> None:
    assert "Nothing is recommended" in shown(plan_view(replace(PLAN, recommendations=())))


def test_a_merged_record_points_to_the_plan_that_counts() -> None:
    merged = replace(PLAN, state=PlanState.MERGED, merged_into="77ab", recommendations=())

    assert "its plan is that of 77ab" in shown(plan_view(merged))


def change(kind: Change, *recommendations: Recommendation) -> list[Changed]:
    return [
        Changed("north", "3f2a", kind, each, Revision(0, 7), ("genome.samples.v1/0/1/0",))
        for each in recommendations
    ]


@pytest.mark.parametrize(
    ("changes", "starts"),
    [
        pytest.param(
            change(Change.ADDED, AVOID_CLOPIDOGREL),
            "+ added clopidogrel: Use another antiplatelet drug\n",
            id="added",
        ),
        pytest.param(
            change(Change.SUPERSEDED, AVOID_CLOPIDOGREL),
            "~ superseded clopidogrel: Use",
            id="put anew",
        ),
        pytest.param(
            change(Change.RETRACTED, GENOTYPE),
            "− retracted tests: SLCO1B1 genotype\n",
            id="taken back",
        ),
        pytest.param(
            change(Change.ADDED, AVOID_CLOPIDOGREL, AVOID_CLOPIDOGREL),
            "+ added clopidogrel: Use another antiplatelet drug (and 1 more)\n",
            id="two of one subject",
        ),
        pytest.param(
            change(Change.ADDED, AHEAD_OF_CITALOPRAM),
            "+ added before ordering: Another drug or dose, for these genes: citalopram\n",
            id="ahead of an order",
        ),
        pytest.param([], "nothing changed", id="nothing"),
    ],
)
def test_a_change_says_what_became_of_what(changes: list[Changed], starts: str) -> None:
    assert shown(changes_view(changes)).startswith(starts)


def test_a_change_is_explained_by_the_facts_that_came_with_it() -> None:
    view = shown(changes_view(change(Change.ADDED, AVOID_CLOPIDOGREL)))

    assert "for CYP2C19 *2/*2: Poor Metabolizer\n" in view


def test_what_was_said_before_explains_no_change() -> None:
    view = shown(changes_view(change(Change.SUPERSEDED, AVOID_CLOPIDOGREL), {"3f2a": PLAN}))

    assert "Poor Metabolizer" not in view


def test_what_is_taken_back_is_explained_too() -> None:
    gone = replace(GENOTYPE, reasons=(Reason("a genome", ("genome.samples.v1/0/1/0",)),))

    view = shown(changes_view(change(Change.RETRACTED, gone)))

    assert view == "− retracted tests: SLCO1B1 genotype\n    for a genome\n"
