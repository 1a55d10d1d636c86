"""What is kept of a patient between batches, as bytes and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from epione.timeline import TimeReached
from epione.timeline.timeline import Timeline, origin_of, time_reached
from epione.v1.state_pb2 import PatientState
from epione.wire import event_from_message, event_to_message
from epione.wire.encoding import time_of, timestamp_of


@dataclass(frozen=True, slots=True)
class Kept:
    """A timeline, and the ids of the recommendations last published, by key."""

    timeline: Timeline
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


def state_to_bytes(kept: Kept) -> bytes:
    """Give the same bytes for the same state, always.

    The times that merged records have reached go as events, each with its record as origin.
    """
    timeline = kept.timeline
    others = (
        time_reached(timeline.tenant, timeline.patient, time, origin=record)
        for record, time in sorted(timeline.reached.items())
        if record != timeline.patient
    )
    own = timeline.reached.get(timeline.patient)
    return PatientState(
        events=[event_to_message(event) for event in (*timeline.kept.values(), *others)],
        reached=None if own is None else timestamp_of(own),
        recommendation_ids=dict(kept.recommendation_ids),
    ).SerializeToString(deterministic=True)


def state_from_bytes(state: bytes, tenant: str, patient: str) -> Kept:
    """Read what was kept."""
    message = PatientState.FromString(state)
    events = [event_from_message(event) for event in message.events]
    reached = {
        origin_of(event): event.body.at for event in events if isinstance(event.body, TimeReached)
    }
    if message.HasField("reached"):
        reached[patient] = time_of(message.reached)
    facts = {
        (origin_of(event), event.entity_id): event
        for event in events
        if not isinstance(event.body, TimeReached)
    }
    timeline = Timeline(tenant, patient, facts, reached)
    return Kept(timeline, dict(message.recommendation_ids))
