"""A plan and its changes as a clinician would read them."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from epione.medicine.recommendation import (
    Evidence,
    Plan,
    PlanState,
    Recommendation,
    RiskEstimate,
    SubjectKind,
)
from epione.wire import Change, Changed

ORDER = (SubjectKind.DRUG, SubjectKind.RISK, SubjectKind.TEST)
OUTCOME = {
    "total_cvd": "cardiovascular disease",
    "ascvd": "atherosclerotic disease",
    "heart_failure": "heart failure",
    "chd": "coronary heart disease",
    "stroke": "stroke",
}
MARK = {Change.ADDED: "+", Change.SUPERSEDED: "~", Change.RETRACTED: "−"}
STYLE = {Change.ADDED: "green", Change.SUPERSEDED: "yellow", Change.RETRACTED: "red"}


def plan_view(plan: Plan) -> RenderableType:
    """Show a plan: what is held back, then a table of drugs, risks and tests."""
    held = [Text(f"Held back: {hold}", style="yellow") for hold in plan.holds]
    if plan.state is PlanState.MERGED:
        return Text(f"This record was merged; its plan is that of {plan.merged_into}.")
    if not plan.recommendations:
        return Group(*held, Text("Nothing is recommended."))
    table = Table(show_lines=True, expand=True, header_style="bold")
    table.add_column("About", ratio=2)
    table.add_column("What to do", ratio=4)
    table.add_column("Because", ratio=5)
    for kind in ORDER:
        for recommendation in plan.recommendations:
            if recommendation.subject.kind is kind:
                table.add_row(*_row(recommendation))
    return Group(*held, table)


def change_view(changed: Changed) -> RenderableType:
    """Show in two lines what became of one recommendation, and why."""
    recommendation, mark = changed.recommendation, MARK[changed.change]
    line = Text(f"{mark} {changed.change} ", style=STYLE[changed.change])
    line.append(f"{recommendation.subject.kind} ", style="dim")
    line.append(recommendation.subject.name, style="bold")
    if changed.change is Change.RETRACTED:
        return line
    line.append(f": {recommendation.action}")
    because = "; ".join(reason.text for reason in recommendation.reasons)
    return Group(line, Text(f"    {because}", style="dim")) if because else line


def _row(recommendation: Recommendation) -> tuple[Text, Group, Group]:
    about = Text(recommendation.subject.name, style="bold")
    about.append(
        f"\n{recommendation.subject.kind} · {recommendation.strength}", style="not bold dim"
    )
    todo = Group(Text(recommendation.action), *map(Text, risk_lines(recommendation.risks)))
    because = Group(
        *(Text(f"• {reason.text}") for reason in recommendation.reasons),
        *(Text(f"↺ {change}", style="dim") for change in recommendation.would_change_if),
        *(Text(source, style="dim italic") for source in cited(recommendation.evidence)),
    )
    return about, todo, because


def risk_lines(risks: Sequence[RiskEstimate]) -> Iterator[str]:
    """Say risks a line per horizon as recorded, then what each scenario makes of them."""
    recorded = [risk for risk in risks if not risk.scenario]
    for years in sorted({risk.horizon_years for risk in recorded}):
        yield f"{years} years: {_listed(risk for risk in recorded if risk.horizon_years == years)}"
    was = {(risk.outcome, risk.horizon_years): risk.probability for risk in recorded}
    for risk in risks:
        before = was.get((risk.outcome, risk.horizon_years))
        if risk.scenario and before is not None:
            outcome = f"{_name(risk)} in {risk.horizon_years} years"
            change = f"{percent(risk.probability)} instead of {percent(before)}"
            yield f"with {risk.scenario}: {outcome} {change}"


def _listed(risks: Iterable[RiskEstimate]) -> str:
    return ", ".join(f"{_name(risk)} {percent(risk.probability)}" for risk in risks)


def _name(risk: RiskEstimate) -> str:
    return OUTCOME.get(risk.outcome, risk.outcome)


def percent(probability: float) -> str:
    """Write a probability to the tenth of a per cent.

    >>> percent(0.1474)
    '14.7 %'
    """
    return f"{100 * probability:.1f} %"


def cited(evidence: Sequence[Evidence]) -> Iterator[str]:
    """Name each source with its release and where to read it."""
    for each in evidence:
        yield " ".join(part for part in (each.source, each.release, each.reference) if part)
