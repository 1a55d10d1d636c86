"""What is kept of a patient between batches, as bytes and back.

Reading a history costs more than planning for it. So the states written last are remembered with
their bytes: where Redis gives the same bytes back, nothing is read, and where another process or a
fault has changed them, they are not the same. A fact's bytes are kept beside it, so that writing a
state costs what changed in it.

The facts of one patient are much alike, and compressed take a fifth of the room. What cannot be
compressed are their ids, so these stand apart.
"""

import re
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from epione.timeline import Fact, PatientEvent, Timeline, TimeReached, origin_of, time_reached
from epione.v1.state_pb2 import PatientState
from epione.wire import event_from_message, event_to_message
from epione.wire.encoding import time_of, timestamp_of

REMEMBERED = 2_000  # patients: some 100 MB where each has a hundred facts
ID_BYTES = 16

_EVENT = b"\x0a"  # the tag of PatientState.events
_HASHED = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A timeline, and the ids of the recommendations last published, by key."""

    timeline: Timeline
    recommendation_ids: Mapping[str, str] = field(default_factory=dict)


class _Part(NamedTuple):
    """A fact as it is written: the bytes of a state of it alone, and its id, where it is apart."""

    event: PatientEvent
    plain: bytes
    apart: bytes


_Parts = Mapping[Fact, _Part]


class _Stored(NamedTuple):
    """A state as it is stored: its plain bytes, what they say, and the ids that stand apart."""

    plain: bytes
    message: PatientState
    of_events: bytes
    of_recommendations: bytes


@dataclass(frozen=True, slots=True)
class _Written:
    state: bytes
    kept: Kept
    parts: _Parts


def ids_in(state: bytes | None) -> dict[str, str]:
    """Give the ids of the recommendations last published, by key, and read nothing else."""
    if not state:
        return {}
    return _told(_stored(state))


def with_ids(state: bytes | None, recommendation_ids: Mapping[str, str]) -> bytes:
    """Give a state that says of others that they were last published."""
    stored = _stored(state or b"")
    message = stored.message
    message.recommendation_ids.clear()
    apart = _tell(message, recommendation_ids)
    return _deflated(message.SerializeToString(deterministic=True), stored.of_events + apart)


class States:
    """Reads and writes states by the keys of their patients."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._written: OrderedDict[str, _Written] = OrderedDict()

    def read(self, key: str, state: bytes | None) -> Kept:
        """Give what was kept of a patient; of one that nothing is kept of, an empty timeline."""
        tenant, _, patient = key.partition("/")
        if not state:
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
        rest, apart = _rest(kept)
        plain = b"".join((*(part.plain for part in parts.values()), rest))
        state = _deflated(plain, b"".join((*(part.apart for part in parts.values()), apart)))
        self._remember(key, _Written(state, kept, parts))
        return state

    def _remember(self, key: str, written: _Written) -> None:
        self._written[key] = written
        self._written.move_to_end(key)
        if len(self._written) > self._remembered:
            self._written.popitem(last=False)


def _stored(state: bytes) -> _Stored:
    """Inflate a state. Release 0.1.0 wrote all in plain."""
    stored = PatientState.FromString(state)
    plain = zlib.decompress(stored.deflated) if stored.deflated else state
    message = PatientState.FromString(plain)
    n_bytes = ID_BYTES * sum(not event.entity_id for event in message.events)
    return _Stored(plain, message, stored.ids[:n_bytes], stored.ids[n_bytes:])


def _deflated(plain: bytes, ids: bytes) -> bytes:
    state = PatientState(deflated=zlib.compress(plain), ids=ids)
    return state.SerializeToString(deterministic=True)


def _apart(digits: str) -> bytes:
    """Give an id as it stands apart; b"" where it is not of 32 hexadecimal digits."""
    return bytes.fromhex(digits) if _HASHED.fullmatch(digits) else b""


def _cut(ids: bytes) -> Iterator[bytes]:
    """Give each id."""
    return (ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES))


def _tell(message: PatientState, recommendation_ids: Mapping[str, str]) -> bytes:
    """Write the ids of recommendations; give those that stand apart."""
    ids = []
    for key, each in sorted(recommendation_ids.items()):
        ids.append(apart := _apart(each))
        message.recommendation_ids[key] = "" if apart else each
    return b"".join(ids)


def _told(stored: _Stored) -> dict[str, str]:
    """Read the ids of recommendations."""
    ids, told = _cut(stored.of_recommendations), stored.message.recommendation_ids
    return {key: each or next(ids).hex() for key, each in sorted(told.items())}


def _parts(timeline: Timeline, known: _Parts) -> _Parts:
    """Write each fact, those alone that are not yet written."""
    parts: dict[Fact, _Part] = {}
    for fact, event in timeline.kept.items():
        part = known.get(fact)
        parts[fact] = part if part and part.event is event else _part(event)
    return parts


def _part(event: PatientEvent) -> _Part:
    """Write a fact: the bytes of two messages, one after the other, are one."""
    message, apart = event_to_message(event), _apart(event.entity_id)
    if apart:
        message.entity_id = ""
    plain = PatientState(events=[message]).SerializeToString(deterministic=True)
    return _Part(event, plain, apart)


def _rest(kept: Kept) -> tuple[bytes, bytes]:
    """Write what is not a fact, and the ids that stand apart from it.

    The times that merged records reached go as events of theirs.
    """
    timeline = kept.timeline
    others = (
        time_reached(timeline.tenant, timeline.patient, time, origin=record)
        for record, time in sorted(timeline.reached.items())
        if record != timeline.patient
    )
    own = timeline.reached.get(timeline.patient)
    message = PatientState(
        events=[event_to_message(event) for event in others],
        reached=None if own is None else timestamp_of(own),
    )
    apart = _tell(message, kept.recommendation_ids)
    return message.SerializeToString(deterministic=True), apart


def _read(state: bytes, tenant: str, patient: str) -> _Written:
    stored = _stored(state)
    message, ids = stored.message, _cut(stored.of_events)
    reached = {patient: time_of(message.reached)} if message.HasField("reached") else {}
    parts: dict[Fact, _Part] = {}
    for each, plain in zip(message.events, _events_in(stored.plain), strict=True):
        apart = b"" if each.entity_id else next(ids, b"")
        each.entity_id = each.entity_id or apart.hex()
        event = event_from_message(each)
        origin = origin_of(event)
        if isinstance(event.body, TimeReached):
            reached[origin] = event.body.at
        else:
            parts[origin, event.entity_id] = _Part(event, plain, apart)
    facts = {fact: part.event for fact, part in parts.items()}
    timeline = Timeline(tenant, patient, facts, reached)
    return _Written(state, Kept(timeline, _told(stored)), parts)


def _events_in(plain: bytes) -> Iterator[bytes]:
    """Give the bytes of a state of each event alone: a tag, a length (a varint), the event.

    Source: Protocol Buffers, "Encoding". The events, field 1, come first.
    """
    at = 0
    while plain[at : at + 1] == _EVENT:
        length, shift, end = 0, 0, at + 1
        while True:
            byte = plain[end]
            length |= (byte & 0x7F) << shift
            shift, end = shift + 7, end + 1
            if byte < 0x80:
                break
        yield plain[at : end + length]
        at = end + length
