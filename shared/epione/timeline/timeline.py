"""The fold: of each fact the highest version, whatever the order in which versions arrived.

A timeline is a join-semilattice: folding any order and any duplication of the same events gives the
same timeline. One event alone is not so: to forget takes out what stands before it.

After a merge, a log also holds what other records stated (`origin`); each record's facts are kept
apart, so that an unmerge takes out exactly what the merge brought in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from epione.timeline.events import (
    PatientEvent,
    PatientForgotten,
    Recompute,
    SourceVersion,
    Status,
    TimeReached,
)

TRUST = tuple(
    Status
)  # on equal versions the later word counts: withdrawn over corrected over final

Fact = tuple[str, str]  # the record that stated it (its pseudonym), and the entity it speaks of


@dataclass(frozen=True, slots=True)
class Timeline:
    """What one patient's log says."""

    tenant: str
    patient: str
    kept: Mapping[Fact, PatientEvent] = field(default_factory=dict)  # withdrawn ones included
    reached: Mapping[str, datetime] = field(default_factory=dict)  # latest time, by stating record


def fold(timeline: Timeline, events: Iterable[PatientEvent]) -> Timeline:
    """Give the timeline that also knows these events of its patient's log."""
    kept, reached = dict(timeline.kept), dict(timeline.reached)
    for event in events:
        if isinstance(event.body, PatientForgotten):
            record, is_own = event.body.record, event.body.record == timeline.patient
            kept = {f: each for f, each in kept.items() if not (is_own or f[0] == record)}
            reached = {r: at for r, at in reached.items() if not (is_own or r == record)}
            continue
        origin = origin_of(event)
        time = _time_of(event)
        if origin not in reached or time > reached[origin]:
            reached[origin] = time
        if isinstance(event.body, TimeReached | Recompute):
            continue
        fact = (origin, event.entity_id)
        if fact not in kept or is_later(event, kept[fact]):
            kept[fact] = event
    return Timeline(timeline.tenant, timeline.patient, kept, reached)


def time_reached(tenant: str, patient: str, at: datetime, origin: str = "") -> PatientEvent:
    """Give the event that says only that a time has come."""
    return PatientEvent(
        tenant=tenant,
        patient=patient,
        delivery_id=f"time/{at.isoformat()}",
        entity_id="time",
        version=SourceVersion(0),
        status=Status.FINAL,
        recorded_at=at,
        body=TimeReached(at),
        origin=origin,
    )


def origin_of(event: PatientEvent) -> str:
    """Give the record that stated the event first."""
    return event.origin or event.patient


def is_later(event: PatientEvent, other: PatientEvent) -> bool:
    """Say whether the event, and not the other, is what now counts of their entity.

    Of two deliveries that say the same, the first counts: a message sent again changes nothing. A
    message that was read again, as by a later release, counts as it was read last.
    """
    if event.version != other.version:
        return event.version > other.version
    if event.reading != other.reading:
        return event.reading > other.reading
    if (mine := _content(event)) != (theirs := _content(other)):
        return mine > theirs
    return (event.recorded_at, event.delivery_id) < (other.recorded_at, other.delivery_id)


def _content(event: PatientEvent) -> tuple[int, str]:
    return TRUST.index(event.status), repr((event.effective_at, event.body))


def _time_of(event: PatientEvent) -> datetime:
    return event.body.at if isinstance(event.body, TimeReached) else event.recorded_at
