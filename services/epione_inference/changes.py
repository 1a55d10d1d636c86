"""What became of recommendations between two plans of one patient, and which events did it."""

from collections.abc import Iterator, Mapping, Sequence

from epione.medicine.recommendation import Plan, Recommendation, Subject, SubjectKind
from epione.timeline import Code
from epione.wire import Change, Changed, Revision


def changes_of(
    before: Mapping[str, str], plan: Plan, revision: Revision, causes: Sequence[str]
) -> Iterator[Changed]:
    """Give what was added, superseded or retracted.

    Args:
        before: Ids of the recommendations last published, by key.
        plan: The plan that now stands, at `revision`.
        causes: Delivery ids of the events between the two.
    """
    standing = {recommendation.key for recommendation in plan.recommendations}
    for recommendation in plan.recommendations:
        replaced = before.get(recommendation.key)
        if replaced != recommendation.id:
            yield Changed(
                tenant=plan.tenant,
                patient=plan.patient,
                change=Change.ADDED if replaced is None else Change.SUPERSEDED,
                recommendation=recommendation,
                revision=revision,
                caused_by=_behind(recommendation, causes),
                replaces=replaced or "",
            )
    for key, retracted in sorted(before.items()):
        if key not in standing:
            yield Changed(
                tenant=plan.tenant,
                patient=plan.patient,
                change=Change.RETRACTED,
                recommendation=_retraction(key),
                revision=revision,
                caused_by=tuple(causes),
                replaces=retracted,
            )


def _behind(recommendation: Recommendation, causes: Sequence[str]) -> tuple[str, ...]:
    """Give the causes that the recommendation cites; all of them where it cites none."""
    cited = {event_id for reason in recommendation.reasons for event_id in reason.event_ids}
    return tuple(cause for cause in causes if cause in cited) or tuple(causes)


def _retraction(key: str) -> Recommendation:
    """Give what is left to say of a recommendation that no longer stands: its subject, by key."""
    kind, _, name = key.partition("/")
    subject = Subject(SubjectKind(kind), Code("", ""), name)
    return Recommendation("", key, subject, "", "", (), ())
