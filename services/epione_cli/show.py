"""A plan and its changes as a clinician would read them."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from epione.medicine.drug_recommendations import is_ahead
from epione.medicine.recommendation import Plan, PlanState, Recommendation, SubjectKind
from epione.wire import Change, Changed

MARK = {Change.ADDED: "+", Change.SUPERSEDED: "~", Change.RETRACTED: "−"}
STYLE = {Change.ADDED: "green", Change.SUPERSEDED: "yellow", Change.RETRACTED: "red"}
AHEAD = "before ordering"
TESTS = "tests"


def plan_view(plan: Plan) -> RenderableType:
    """Show a plan: what is held back, then a row for each drug, each risk, the tests."""
    if plan.state is PlanState.MERGED:
        return Text(f"This record was merged; its plan is that of {plan.merged_into}.")
    held = [Text(f"Held back: {hold}", style="yellow") for hold in plan.holds]
    if not plan.recommendations:
        return Group(*held, Text("Nothing is recommended."))
    table = Table(show_lines=True, expand=True, header_style="bold")
    table.add_column("About", ratio=2)
    table.add_column("What to do", ratio=5)
    table.add_column("Because", ratio=5)
    for about, recommendations in _grouped(plan.recommendations).items():
        table.add_row(*_row(about, recommendations))
    return Group(*held, table)


def changes_view(changes: Sequence[Changed]) -> RenderableType:
    """Show what became of recommendations, one line a subject, with the facts that made it so."""
    if not changes:
        return Text("nothing changed", style="dim")
    return Group(*(_change(change, about, of) for (change, about), of in _by_change(changes)))


def _grouped(recommendations: Iterable[Recommendation]) -> dict[str, list[Recommendation]]:
    """Gather what belongs together: ordered drugs, risks, tests, then advice ahead."""
    groups: dict[str, list[Recommendation]] = {}
    for recommendation in sorted(recommendations, key=_place):
        groups.setdefault(_about(recommendation), []).append(recommendation)
    return groups


def _place(recommendation: Recommendation) -> int:
    if is_ahead(recommendation):
        return 3
    return (SubjectKind.DRUG, SubjectKind.RISK, SubjectKind.TEST).index(recommendation.subject.kind)


def _about(recommendation: Recommendation) -> str:
    if is_ahead(recommendation):
        return AHEAD
    is_test = recommendation.subject.kind is SubjectKind.TEST
    return TESTS if is_test else recommendation.subject.name


def _row(about: str, recommendations: Sequence[Recommendation]) -> tuple[Text, Group, Group]:
    title = Text(about, style="bold")
    if about == AHEAD:
        return title, Group(_names_ahead(recommendations)), _because(recommendations, changes=False)
    if about != TESTS:
        title.append(f"\n{recommendations[0].subject.kind}", style="not bold dim")
    return title, Group(*map(_action, recommendations)), _because(recommendations)


def _action(recommendation: Recommendation) -> Text:
    return Text(f"• {recommendation.action} ").append(f"[{recommendation.strength}]", style="dim")


def _names_ahead(recommendations: Sequence[Recommendation]) -> Text:
    names = ", ".join(_distinct(each.subject.name for each in recommendations))
    return Text(f"Another drug or dose for these genes: {names}")


def _because(recommendations: Sequence[Recommendation], changes: bool = True) -> Group:
    texts = _distinct(
        reason.text
        for each in recommendations
        for reason in each.reasons
        if changes or reason.event_ids
    )
    would = _distinct(change for each in recommendations for change in each.would_change_if)
    sources = _distinct(source for each in recommendations for source in _sources(each))
    return Group(
        *(Text(f"• {text}") for text in texts),
        *(Text(f"↺ {change}", style="dim") for change in would if changes),
        *(Text(source, style="dim italic") for source in sources if changes),
    )


def _sources(recommendation: Recommendation) -> Iterator[str]:
    for each in recommendation.evidence:
        yield ", ".join(_distinct((each.source, each.release, each.reference)))


def _by_change(
    changes: Sequence[Changed],
) -> Iterator[tuple[tuple[Change, str], list[Changed]]]:
    groups: dict[tuple[Change, str], list[Changed]] = {}
    for changed in changes:
        groups.setdefault((changed.change, _about(changed.recommendation)), []).append(changed)
    yield from groups.items()


def _change(change: Change, about: str, changes: Sequence[Changed]) -> RenderableType:
    first = changes[0].recommendation
    line = Text(f"{MARK[change]} {change} ", style=STYLE[change])
    line.append(about, style="bold")
    if change is Change.RETRACTED:
        return line.append(f": {', '.join(each.recommendation.subject.name for each in changes)}")
    if about == AHEAD:
        return line.append(f": {_names_ahead([each.recommendation for each in changes])}")
    more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
    line.append(f": {first.action}{more}")
    because = "; ".join(_news(changes))
    return Group(line, Text(f"    for {because}", style="dim")) if because else line


def _news(changes: Sequence[Changed]) -> list[str]:
    """Give the facts that came with the events that made the change."""
    return _distinct(
        reason.text
        for changed in changes
        for reason in changed.recommendation.reasons
        if not set(reason.event_ids).isdisjoint(changed.caused_by)
    )


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
