"""Which first-line drugs are open to a record, and which it speaks against."""

from epione.medicine.guidelines._knowledge import Avoid, DrugClass, knowledge
from epione.medicine.guidelines.chart import (
    Chart,
    albuminuria_ground,
    low_egfr_ground,
    problem_grounds,
)
from epione.medicine.guidelines.finding import Finding, Ground, hypertension_finding
from epione.medicine.guidelines.problems import Problem
from epione.medicine.recommendation import Subject, SubjectKind
from epione.timeline import Code

ATC = "http://www.whocc.no/atc"
RENIN_ANGIOTENSIN_SYSTEM = "C09"  # ATC: ACE inhibitors and angiotensin receptor blockers


def first_line_of(chart: Chart) -> Finding:
    """Name the open classes: section 5.3.1.3, preference by 5.3.1.4 and 5.3.8.2."""
    against = {each.key: _speaks_against(chart, each) for each in knowledge().drug_classes}
    open_classes = [each for each in knowledge().drug_classes if not against[each.key]]
    names = ", ".join(each.name for each in open_classes) or "none of the four is open"
    preferred = _kidney_protection(chart)
    action = f"First-line drugs: {names}"
    if preferred and any(each.atc.startswith(RENIN_ANGIOTENSIN_SYSTEM) for each in open_classes):
        action += "; with an ACE inhibitor or an angiotensin receptor blocker among them, not both"
    grounds = [
        Ground(avoid.problem.value, f"not {each.name}: {chart.problems[avoid.problem]}")
        for each in knowledge().drug_classes
        for avoid in against[each.key]
    ]
    none_recorded = Ground("contraindications", "no contraindication to these is on the record")
    return hypertension_finding(
        "first-line",
        action,
        "COR 1, LOE A",
        (*grounds, *preferred) or (none_recorded,),
        ("a contraindication is recorded, or proves wrong",),
    )


def _kidney_protection(chart: Chart) -> tuple[Ground, ...]:
    """Give what calls for an ACE inhibitor or ARB: diabetes with either, or both kidney signs."""
    egfr, albuminuria = low_egfr_ground(chart), albuminuria_ground(chart)
    diabetes = problem_grounds(chart, Problem.DIABETES)
    signs = tuple(sign for sign in (egfr, albuminuria) if sign)
    return (*diabetes, *signs) if len(signs) == 2 or (diabetes and signs) else ()


def _speaks_against(chart: Chart, drug_class: DrugClass) -> tuple[Avoid, ...]:
    return tuple(avoid for avoid in drug_class.avoid if avoid.problem in chart.problems)


def contraindications_of(chart: Chart) -> list[Finding]:
    """Say of each first-line class what in the record speaks against it."""
    return [
        hypertension_finding(
            f"avoid/{each.key}/{avoid.problem.value.replace(' ', '-')}",
            f"Avoid {each.name}",
            avoid.strength,
            problem_grounds(chart, avoid.problem),
            (f"{avoid.problem.value} is no longer present, or proves wrong",),
            subject=Subject(SubjectKind.DRUG, Code(ATC, each.atc, each.name), each.name),
            source=avoid.source,
        )
        for each in knowledge().drug_classes
        for avoid in _speaks_against(chart, each)
    ]
