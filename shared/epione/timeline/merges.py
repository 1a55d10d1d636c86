"""Merged records: whose facts count in whose history, and who must be told of them.

A link says that one record is retired into another, or taken apart from it again. Each record has
one survivor at most, by its latest active link; of a ring, the oldest link is passed over. A record
tells its links to every survivor it was ever given, so that one learns when the record has gone
elsewhere; its facts go to the survivor of now alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from epione.timeline.events import PatientEvent, PatientsMerged, PatientsUnmerged, Status
from epione.timeline.timeline import Fact, Timeline, is_later, time_reached


def survivor_of(timeline: Timeline) -> str | None:
    """Give the record that this one was merged into, or None."""
    return _survivors(_links(timeline)).get(timeline.patient)


def survivors_ever(timeline: Timeline) -> frozenset[str]:
    """Give every record that was ever given this one's facts, by a merge that may be undone."""
    return frozenset(link.survivor for link in _own_links(timeline))


def members_of(timeline: Timeline) -> frozenset[str]:
    """Give the records whose facts are this patient's: its own, and those merged into it."""
    survivors = _survivors(_links(timeline))
    merged = (record for record in survivors if timeline.patient in _chain(record, survivors))
    return frozenset({timeline.patient, *merged})


def facts_of(timeline: Timeline) -> tuple[PatientEvent, ...]:
    """Give what now counts: of each entity the highest version that a member states.

    Withdrawn facts and links are left out. The order means nothing.
    """
    latest: dict[str, PatientEvent] = {}
    for member in sorted(members_of(timeline)):
        for (origin, entity), event in timeline.kept.items():
            if origin == member and (entity not in latest or is_later(event, latest[entity])):
                latest[entity] = event
    return tuple(
        event
        for event in latest.values()
        if event.status is not Status.WITHDRAWN and not _is_link(event)
    )


def now_of(timeline: Timeline) -> datetime:
    """Give the latest time that this patient's log has reached.

    Where only others have spoken, and the link that makes them members is still on its way, it is
    theirs.

    Raises:
        ValueError: The log is empty.
    """
    members = members_of(timeline)
    times = [time for record, time in timeline.reached.items() if record in members]
    return max(times or timeline.reached.values())


def forwarded(before: Timeline, after: Timeline) -> Iterator[PatientEvent]:
    """Give what survivors must be told after this log went on from `before` to `after`.

    A survivor that is new is told everything; one that was known, what changed.
    """
    for receiver in sorted(survivors_ever(after)):
        known, news = _told(before, receiver), _told(after, receiver)
        for fact, event in news.kept.items():
            if known.kept.get(fact) != event:
                yield replace(event, patient=receiver, origin=fact[0])
        for record, time in news.reached.items():
            if known.reached.get(record) != time:
                yield time_reached(after.tenant, receiver, time, origin=record)


@dataclass(frozen=True, slots=True)
class _Told:
    kept: Mapping[Fact, PatientEvent]
    reached: Mapping[str, datetime]


def _told(timeline: Timeline, receiver: str) -> _Told:
    """Give what a survivor is to know of this record and of those merged into it."""
    if not any(link.survivor == receiver for link in _own_links(timeline)):
        return _Told({}, {})
    members = members_of(timeline) if survivor_of(timeline) == receiver else frozenset()
    return _Told(
        {f: event for f, event in timeline.kept.items() if f[0] in members or _is_link(event)},
        {record: time for record, time in timeline.reached.items() if record in members},
    )


def _own_links(timeline: Timeline) -> list[PatientsMerged | PatientsUnmerged]:
    bodies = (event.body for event in _links(timeline))
    return [
        body
        for body in bodies
        if isinstance(body, PatientsMerged | PatientsUnmerged) and body.retired == timeline.patient
    ]


def _links(timeline: Timeline) -> list[PatientEvent]:
    """Give the latest version of each link, the latest link first."""
    latest: dict[tuple[str, str], PatientEvent] = {}
    for event in timeline.kept.values():
        if isinstance(event.body, PatientsMerged | PatientsUnmerged):
            pair = (event.body.retired, event.body.survivor)
            if pair not in latest or is_later(event, latest[pair]):
                latest[pair] = event
    ranked = sorted(latest.items(), key=lambda link: (link[1].version, link[0]), reverse=True)
    return [event for _, event in ranked]


def _survivors(links: Sequence[PatientEvent]) -> Mapping[str, str]:
    """Give each retired record's survivor: at most one each, and no ring."""
    survivors: dict[str, str] = {}
    for event in links:
        body = event.body
        if (
            isinstance(body, PatientsMerged)
            and event.status is not Status.WITHDRAWN
            and body.retired not in survivors
            and body.retired not in _chain(body.survivor, survivors)
        ):
            survivors[body.retired] = body.survivor
    return survivors


def _chain(record: str, survivors: Mapping[str, str]) -> list[str]:
    """Give a record and, in order, those it was merged into."""
    chain = [record]
    while (survivor := survivors.get(chain[-1])) is not None:
        chain.append(survivor)
    return chain


def _is_link(event: PatientEvent) -> bool:
    return isinstance(event.body, PatientsMerged | PatientsUnmerged)
