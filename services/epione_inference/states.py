"""What is kept of a patient between batches, as bytes and back.

Reading a history costs more than planning for it. So the states written last are remembered with
their bytes: where Redis gives the same bytes back, nothing is read, and where another process or a
fault has changed them, they are not the same. A fact's bytes are kept beside it, so that writing a
state costs what changed in it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from epione.timeline import Fact, PatientEvent, Timeline, TimeReached, origin_of, time_reached
from epione.v1.state_pb2 import PatientState
from epione.wire import event_from_message, event_to_message
from epione.wire.encoding import time_of, timestamp_of

REMEMBERED = 2_000  # patients: some 100 MB where each has a hundred facts


@dataclass(frozen=True, slots=True)
class Kept:
    """A timeline, and the ids of the recommendations last published, by key."""

    timeline: Timeline
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Written:
    state: bytes
    kept: Kept
    parts: Mapping[Fact, tuple[PatientEvent, bytes]]  # of each fact, the bytes of its event


def ids_in(state: bytes | None) -> dict[str, str]:
    """Give the ids of the recommendations last published, by key, and read nothing else."""
    return dict(PatientState.FromString(state).recommendation_ids) if state else {}


def with_ids(state: bytes | None, recommendation_ids: Mapping[str, str]) -> bytes:
    """Give a state that says of others that they were last published."""
    message = PatientState.FromString(state or b"")
    message.recommendation_ids.clear()
    message.recommendation_ids.update(recommendation_ids)
    return message.SerializeToString(deterministic=True)


class States:
    """Reads and writes states by the keys of their patients."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._written: OrderedDict[str, _Written] = OrderedDict()

    def read(self, key: str, state: bytes | None) -> Kept:
        """Give what was kept of a patient; of one that nothing is kept of, an empty timeline."""
        tenant, _, patient = key.partition("/")
        if state is None:
            return Kept(Timeline(tenant, patient))
        known = self._written.get(key)
        if known is None or known.state != state:
            known = _read(state, tenant, patient)
            self._remember(key, known)
        return known.kept

    def write(self, key: str, kept: Kept) -> bytes:
        """Give a state's bytes, its facts in the order in which they first came.

        Of nothing that is b"", and it is not remembered either.
        """
        if not (kept.timeline.kept or kept.timeline.reached or kept.recommendation_ids):
            self._written.pop(key, None)
            return b""
        known = self._written.get(key)
        parts = _parts(kept.timeline, known.parts if known else {})
        state = b"".join((*(part for _, part in parts.values()), _rest(kept)))
        self._remember(key, _Written(state, kept, parts))
        return state

    def _remember(self, key: str, written: _Written) -> None:
        self._written[key] = written
        self._written.move_to_end(key)
        if len(self._written) > self._remembered:
            self._written.popitem(last=False)


def _parts(
    timeline: Timeline, known: Mapping[Fact, tuple[PatientEvent, bytes]]
) -> Mapping[Fact, tuple[PatientEvent, bytes]]:
    """Write each fact, those alone that are not yet written."""
    parts: dict[Fact, tuple[PatientEvent, bytes]] = {}
    for fact, event in timeline.kept.items():
        part = known.get(fact)
        parts[fact] = part if part and part[0] is event else (event, _part(event))
    return parts


def _part(event: PatientEvent) -> bytes:
    """Write a state of this fact alone: the bytes of two messages, one after the other, are one."""
    return PatientState(events=[event_to_message(event)]).SerializeToString(deterministic=True)


def _rest(kept: Kept) -> bytes:
    """Write what is not a fact. The times that merged records reached go as events of theirs."""
    timeline = kept.timeline
    others = (
        time_reached(timeline.tenant, timeline.patient, time, origin=record)
        for record, time in sorted(timeline.reached.items())
        if record != timeline.patient
    )
    own = timeline.reached.get(timeline.patient)
    return PatientState(
        events=[event_to_message(event) for event in others],
        reached=None if own is None else timestamp_of(own),
        recommendation_ids=dict(kept.recommendation_ids),
    ).SerializeToString(deterministic=True)


def _read(state: bytes, tenant: str, patient: str) -> _Written:
    message = PatientState.FromString(state)
    reached = {patient: time_of(message.reached)} if message.HasField("reached") else {}
    parts: dict[Fact, tuple[PatientEvent, bytes]] = {}
    for each in message.events:
        event = event_from_message(each)
        origin = origin_of(event)
        if isinstance(event.body, TimeReached):
            reached[origin] = event.body.at
        else:
            part = PatientState(events=[each]).SerializeToString(deterministic=True)
            parts[origin, event.entity_id] = (event, part)
    facts = {fact: event for fact, (event, _) in parts.items()}
    timeline = Timeline(tenant, patient, facts, reached)
    return _Written(state, Kept(timeline, dict(message.recommendation_ids)), parts)
