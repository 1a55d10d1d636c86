"""Which first-line drugs are open, and what in a record speaks against one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.guidelines.charts import ADULT, finding, found, having, keys_under, measured

from epione.medicine.guidelines import Problem
from epione.medicine.guidelines._knowledge import knowledge

STAGE_2 = measured(ADULT, 150, 95)
THIAZIDE = "thiazide-type diuretic"
DIHYDROPYRIDINE = "long-acting dihydropyridine calcium channel blocker"
ACE_INHIBITOR = "ACE inhibitor"
ARB = "angiotensin receptor blocker"


def test_four_classes_are_first_line() -> None:
    assert finding(STAGE_2, "first-line").action == (
        f"First-line drugs: {THIAZIDE}, {DIHYDROPYRIDINE}, {ACE_INHIBITOR}, {ARB}"
    )
    assert keys_under(STAGE_2, "avoid") == []


def test_that_nothing_speaks_against_a_class_is_a_reason_too() -> None:
    (ground,) = finding(STAGE_2, "first-line").grounds

    assert ground.text == "no contraindication to these is on the record"


@pytest.mark.parametrize(
    ("problem", "closed"),
    [
        pytest.param(Problem.GOUT, {THIAZIDE}, id="gout"),
        pytest.param(Problem.HYPONATRAEMIA, {THIAZIDE}, id="little sodium"),
        pytest.param(Problem.HYPOKALAEMIA, {THIAZIDE}, id="little potassium"),
        pytest.param(Problem.HYPERCALCAEMIA, {THIAZIDE}, id="much calcium"),
        pytest.param(Problem.HEART_FAILURE, {DIHYDROPYRIDINE}, id="heart failure"),
        pytest.param(Problem.TACHYARRHYTHMIA, {DIHYDROPYRIDINE}, id="tachyarrhythmia"),
        pytest.param(Problem.ANGIOEDEMA, {ACE_INHIBITOR}, id="angioedema"),
        pytest.param(Problem.HYPERKALAEMIA, {ACE_INHIBITOR, ARB}, id="much potassium"),
        pytest.param(Problem.RENAL_ARTERY_STENOSIS, {ACE_INHIBITOR, ARB}, id="both arteries"),
    ],
)
def test_a_problem_closes_the_classes_it_speaks_against(problem: Problem, closed: set[str]) -> None:
    chart = having(STAGE_2, problem)

    named = finding(chart, "first-line").action.removeprefix("First-line drugs: ").split(", ")

    assert set(named) == {THIAZIDE, DIHYDROPYRIDINE, ACE_INHIBITOR, ARB} - closed
    assert {
        each.name
        for each in knowledge().drug_classes
        for key in keys_under(chart, "avoid")
        if key.startswith(each.key)
    } == closed


def test_a_closed_class_says_why_and_by_whom() -> None:
    avoid = finding(having(STAGE_2, Problem.GOUT), "avoid/thiazide-type-diuretic/gout")

    assert (avoid.action, avoid.strength) == ("Avoid thiazide-type diuretic", "contraindicated")
    assert avoid.subject.code.code == "C03A"
    assert avoid.evidence[0].source == "McMaster Textbook"
    assert [ground.fact for ground in avoid.grounds] == ["gout"]


def test_where_every_class_is_closed_it_is_said() -> None:
    problems = (Problem.GOUT, Problem.HEART_FAILURE, Problem.HYPERKALAEMIA)

    assert "none of the four" in finding(having(STAGE_2, *problems), "first-line").action


# AHA/ACC 2025, sections 5.3.1.4 and 5.3.8.2.
@pytest.mark.parametrize(
    ("problems", "egfr", "uacr", "protects"),
    [
        pytest.param((), 59, 30, True, id="low eGFR with albuminuria"),
        pytest.param((), 59, 29, False, id="low eGFR alone"),
        pytest.param((), 60, 30, False, id="albuminuria alone"),
        pytest.param((Problem.DIABETES,), 59, None, True, id="diabetes with low eGFR"),
        pytest.param((Problem.DIABETES,), None, 30, True, id="diabetes with albuminuria"),
        pytest.param((Problem.DIABETES,), 60, 29, False, id="diabetes with neither"),
    ],
)
def test_kidney_signs_call_for_an_inhibitor_or_a_blocker_but_not_both(
    problems: tuple[Problem, ...], egfr: float | None, uacr: float | None, protects: bool
) -> None:
    chart = having(replace(STAGE_2, egfr=egfr, uacr=uacr), *problems)

    assert finding(chart, "first-line").action.endswith("among them, not both") is protects


def test_no_inhibitor_is_called_for_where_both_classes_are_closed() -> None:
    chart = having(replace(STAGE_2, egfr=50, uacr=40), Problem.HYPERKALAEMIA)

    assert "not both" not in finding(chart, "first-line").action


def test_a_contraindication_is_said_at_goal_too() -> None:
    chart = having(measured(ADULT, 120, 75), Problem.HYPERTENSION, Problem.ANGIOEDEMA)

    assert found(chart, "first-line") is None
    assert keys_under(chart, "avoid") == ["ace-inhibitor/angioedema"]


# How the outside facts call our classes and problems.
CLASS_WORDS = {
    "thiazide-type-diuretic": "thiazide",
    "dihydropyridine": "avoid DHP CCB",
    "ace-inhibitor": "avoid ACE inhibitor",
    "angiotensin-receptor-blocker": "avoid ARB",
}
PROBLEM_WORDS = {Problem.HEART_FAILURE: "HF", Problem.RENAL_ARTERY_STENOSIS: "bilateral renal"}


@pytest.mark.reference
def test_every_contraindication_is_among_the_facts_that_were_read(reference_data: Path) -> None:
    text = (reference_data / "guidelines" / "hypertension_facts.json").read_text(encoding="utf-8")
    facts = [each for each in json.loads(text)["facts"] if each["basis"] == "read"]
    # Of pregnancy and thiazides only the table itself speaks (knowledge/2025-08/SOURCE.toml).
    ours = {
        (each.key, avoid.problem) for each in knowledge().drug_classes for avoid in each.avoid
    } - {("thiazide-type-diuretic", Problem.PREGNANCY)}

    missing = [
        (key, problem)
        for key, problem in ours
        if not any(
            CLASS_WORDS[key] in fact["action"]
            and PROBLEM_WORDS.get(problem, problem.value) in fact["condition"]
            for fact in facts
            if fact["category"] == "contraindication"
        )
    ]

    assert missing == []
