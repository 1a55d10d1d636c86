"""A plan and its changes as a clinician would read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from epione.medicine.drug_recommendations import is_ahead
from epione.medicine.recommendation import Plan, PlanState, Recommendation, SubjectKind
from epione.medicine.risk import CAVEAT
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
    table.add_column("What to do", ratio=1)
    table.add_column("Because (↺ would change it)", ratio=1, overflow="fold")
    for about, recommendations in _grouped(plan.recommendations).items():
        table.add_row(*_row(about, recommendations))
    return Group(*held, table)


def changes_view(
    changes: Sequence[Changed], before: Mapping[str, Plan] | None = None
) -> RenderableType:
    """Show what became of recommendations, one line a subject, with the facts that made it so.

    Args:
        before: The plans that stood before, by patient, where they are known: what they had
            already said is not repeated.
    """
    if not changes:
        return Text("nothing changed", style="dim")
    said = _said(before or {})
    return Group(*(_change(change, about, of, said) for (change, about), of in _by_change(changes)))


def _said(plans: Mapping[str, Plan]) -> frozenset[tuple[str, str]]:
    """Give each (key, text) of the plans' reasons."""
    return frozenset(
        (recommendation.key, reason.text)
        for plan in plans.values()
        for recommendation in plan.recommendations
        for reason in recommendation.reasons
    )


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


def _row(about: str, recommendations: Sequence[Recommendation]) -> tuple[Group, Group]:
    title = Text(about, style="bold")
    if about == AHEAD:
        return Group(title, Text(_names_ahead(recommendations))), Group(_genes(recommendations))
    return Group(title, *map(_action, recommendations)), Group(*_because(recommendations))


def _action(recommendation: Recommendation) -> Text:
    return Text(f"• {recommendation.action} ").append(f"[{recommendation.strength}]", style="dim")


def _names_ahead(recommendations: Sequence[Recommendation]) -> str:
    names = _distinct(each.subject.name for each in recommendations)
    return f"Another drug or dose, for these genes: {', '.join(names)}"


def _genes(recommendations: Sequence[Recommendation]) -> Text:
    texts = (r.text for each in recommendations for r in each.reasons if r.event_ids)
    return Text("; ".join(_distinct(texts)))


def _because(recommendations: Sequence[Recommendation]) -> Iterator[Text]:
    yield Text("; ".join(_distinct(r.text for each in recommendations for r in each.reasons)))
    changes = _distinct(text for each in recommendations for text in each.would_change_if)
    yield from (Text(f"↺ {text.replace(f' ({CAVEAT})', '')}") for text in changes)
    if any(CAVEAT in text for text in changes):
        yield Text(f"({CAVEAT})", style="dim")
    yield from (Text(source, style="dim italic") for source in _sources(recommendations))


def _sources(recommendations: Sequence[Recommendation]) -> Iterator[str]:
    """Name each source once, with its release and everything that it refers to."""
    references: dict[str, list[str]] = {}
    for each in (evidence for one in recommendations for evidence in one.evidence):
        name = each.source if each.release in each.source else f"{each.source} {each.release}"
        references.setdefault(name, []).append(each.reference)
    for name, refers in references.items():
        yield f"{name}: {', '.join(_distinct(refers))}"


def _by_change(
    changes: Sequence[Changed],
) -> Iterator[tuple[tuple[Change, str], list[Changed]]]:
    groups: dict[tuple[Change, str], list[Changed]] = {}
    for changed in changes:
        groups.setdefault((changed.change, _about(changed.recommendation)), []).append(changed)
    yield from groups.items()


def _change(
    change: Change, about: str, changes: Sequence[Changed], said: frozenset[tuple[str, str]]
) -> RenderableType:
    line = Text(f"{MARK[change]} {change} ", style=STYLE[change])
    line.append(about, style="bold")
    if about == AHEAD and change is not Change.RETRACTED:
        return line.append(f": {_names_ahead([each.recommendation for each in changes])}")
    line.append(f": {_what(change, changes)}")
    because = "; ".join(_news(changes, said))
    return Group(line, Text(f"    for {because}", style="dim")) if because else line


def _what(change: Change, changes: Sequence[Changed]) -> str:
    """Name what was taken back; of anything else, what to do."""
    if change is Change.RETRACTED:
        return ", ".join(each.recommendation.subject.name for each in changes)
    more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
    return f"{changes[0].recommendation.action}{more}"


def _news(changes: Sequence[Changed], said: frozenset[tuple[str, str]]) -> list[str]:
    """Give the facts that came with the events that made the change."""
    return _distinct(
        reason.text
        for changed in changes
        for reason in changed.recommendation.reasons
        if not set(reason.event_ids).isdisjoint(changed.caused_by)
        and (changed.recommendation.key, reason.text) not in said
    )


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
