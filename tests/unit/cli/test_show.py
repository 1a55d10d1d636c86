from dataclasses import replace

import pytest
from rich.console import Console, RenderableType
from tests.unit.cli.plans import AVOID_CLOPIDOGREL, CARDIOVASCULAR_RISK, PLAN

from epione.medicine.recommendation import PlanState
from epione.wire import Change, Changed, Revision
from epione_cli.show import change_view, plan_view, risk_lines


def shown(view: RenderableType) -> str:
    console = Console(width=140, color_system=None)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("clopidogrel", id="what it is about"),
        pytest.param("Use another antiplatelet drug", id="what to do"),
        pytest.param("drug · Strong", id="how strongly"),
        pytest.param("• CYP2C19 *2/*2: Poor Metabolizer", id="why"),
        pytest.param("↺ the order ends", id="what would change it"),
        pytest.param("CPIC 2024-04 PMID 35034351", id="who says so"),
    ],
)
def test_a_plan_shows_of_each_recommendation(text: str) -> None:
    assert text in shown(plan_view(PLAN))


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


def test_risks_are_listed_by_horizon_and_then_by_what_changes_them() -> None:
    assert list(risk_lines(CARDIOVASCULAR_RISK.risks)) == [
        "10 years: cardiovascular disease 14.7 %, stroke 5.4 %",
        "30 years: cardiovascular disease 53.0 %",
        "with sbp=129: cardiovascular disease in 10 years 12.1 % instead of 14.7 %",
    ]


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        pytest.param(Change.ADDED, "+ added drug clopidogrel: Use another", id="added"),
        pytest.param(Change.SUPERSEDED, "~ superseded drug clopidogrel: Use", id="put anew"),
        pytest.param(Change.RETRACTED, "− retracted drug clopidogrel\n", id="taken back"),
    ],
)
def test_a_change_says_what_became_of_what(change: Change, starts: str) -> None:
    changed = Changed("north", "3f2a", change, AVOID_CLOPIDOGREL, Revision(0, 7), ())

    assert shown(change_view(changed)).startswith(starts)


def test_a_change_says_why() -> None:
    changed = Changed("north", "3f2a", Change.ADDED, AVOID_CLOPIDOGREL, Revision(0, 7), ())

    assert "CYP2C19 *2/*2: Poor Metabolizer; an active order" in shown(change_view(changed))
