"""What became of recommendations between two plans of one patient, and which events did it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from epione.medicine.recommendation import Plan, Reason, Recommendation, Subject, SubjectKind
from epione.timeline import Code
from epione.wire import Change, Changed, Revision


def changes_of(
    before: Mapping[str, str],
    plan: Plan,
    revision: Revision,
    causes: Sequence[Reason],
    asked: Sequence[Reason] = (),
) -> Iterator[Changed]:
    """Give what was added, superseded or retracted.

    Args:
        before: Ids of the recommendations last published, by key.
        plan: The plan that now stands, at `revision`.
        causes: The facts that changed between the two, with the events that state them.
        asked: Of these, why the plan was asked for again: no recommendation cites it by itself.
    """
    caused_by = _events_of(causes)
    standing = {recommendation.key for recommendation in plan.recommendations}
    for recommendation in plan.recommendations:
        replaced = before.get(recommendation.key)
        if replaced != recommendation.id:
            told = recommendation
            if asked:
                told = replace(told, reasons=(*told.reasons, *asked))
            yield Changed(
                tenant=plan.tenant,
                patient=plan.patient,
                change=Change.ADDED if replaced is None else Change.SUPERSEDED,
                recommendation=told,
                revision=revision,
                caused_by=_behind(told, caused_by),
                replaces=replaced or "",
            )
    for key, retracted in sorted(before.items()):
        if key not in standing:
            yield Changed(
                tenant=plan.tenant,
                patient=plan.patient,
                change=Change.RETRACTED,
                recommendation=_retraction(key, (*map(Reason, plan.holds), *causes)),
                revision=revision,
                caused_by=caused_by,
                replaces=retracted,
            )


def _behind(recommendation: Recommendation, caused_by: tuple[str, ...]) -> tuple[str, ...]:
    """Give the causes that the recommendation cites; all of them where it cites none."""
    cited = set(_events_of(recommendation.reasons))
    return tuple(cause for cause in caused_by if cause in cited) or caused_by


def _events_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event_id for reason in reasons for event_id in reason.event_ids))


def _retraction(key: str, reasons: tuple[Reason, ...]) -> Recommendation:
    """Give what is left to say of a recommendation that no longer stands: of what, and why."""
    kind, _, name = key.partition("/")
    subject = Subject(SubjectKind(kind), Code("", ""), name)
    return Recommendation("", key, subject, "", "", (), reasons)
