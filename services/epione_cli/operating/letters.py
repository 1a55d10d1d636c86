"""Dead letters: what they say, and how they are sent again.

That a letter is sent again is written down twice on a compacted topic, by its place: before, and
after. So it is never sent twice unless asked for, and where a command was killed between the two,
it is known that it may have been.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from epione.errors import Rejected
from epione.messaging import Archive, Message, Record, Topic, dead_letters_of, topics
from epione.messaging.dead_letter import (
    ATTEMPTS,
    LOGGED_MS,
    ORIGIN_OFFSET,
    ORIGIN_PARTITION,
    ORIGIN_TOPIC,
    REASON,
    STAGE,
    logged_ms_of,
)
from epione.privacy import KEY
from epione_cli.operating.places import Place

REQUEUES = "epione_requeues"  # how often a message was sent again
BEGUN, DONE = b"begun", b"done"
AT_ONCE = 200

ORIGINS = {topic.name: topic for topic in topics.CONSUMED}
_SAID = (REASON, STAGE, ATTEMPTS, ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET)
# What these say is of the message, and not of whom it is about.
_HARMLESS = {
    *_SAID,
    REQUEUES,
    LOGGED_MS,
    KEY,
    "content-type",
    *("ce_specversion", "ce_id", "ce_type", "ce_time", "ce_tenant", "ce_sender"),
}


class UnknownLetter(Rejected):
    """No dead letter is there."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter, as it stands on its topic."""

    place: Place
    record: Record
    reason: str  # its kind, then what was wrong
    stage: str
    attempts: str
    origin: Place
    n_requeues: int  # before it became this letter

    @property
    def kind(self) -> str:
        return self.reason.partition(":")[0]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.record.timestamp_ms / 1000, UTC)

    def headers(self, *, whole: bool) -> Iterator[str]:
        """Give each header as a line; of those that may identify a patient, only if `whole`."""
        for name, value in self.record.headers:
            is_told = whole or name.lower() in _HARMLESS
            yield f"{name}: {value.decode(errors='replace')}" if is_told else name

    def line(self, requeued: bytes | None) -> str:
        """Give it as JSON, without what it holds."""
        named = {
            "letter": str(self.place),
            "kind": self.kind,
            "reason": self.reason,
            "stage": self.stage,
            "attempts": self.attempts,
            "origin": str(self.origin),
            "at": self.at.isoformat(),
            "requeues": self.n_requeues,
            "requeued": (requeued or b"").decode(),
        }
        return json.dumps(named, ensure_ascii=False)


def letter_of(record: Record) -> Letter:
    """Read a dead letter; what it does not say is empty."""
    said = dict(record.headers)
    reason, stage, attempts, topic, partition, offset = (
        said.get(name, b"").decode(errors="replace") for name in _SAID
    )
    return Letter(
        place=Place(record.topic, record.partition, record.offset),
        record=record,
        reason=reason,
        stage=stage,
        attempts=attempts,
        origin=Place(topic, int(partition or 0), int(offset or 0)),
        n_requeues=_count_in(said.get(REQUEUES, b"")),
    )


def _count_in(text: bytes) -> int:
    """Read a count that a sender may have written; what is no number is 0."""
    return int(text) if re.fullmatch(rb"\d{1,9}", text) else 0


def dead_topics(name: str) -> Sequence[Topic]:
    """Give the dead-letter topic of a topic, named by either; all for "".

    Raises:
        UnknownLetter: It has none.
    """
    of = {origin: dead_letters_of(topic) for origin, topic in ORIGINS.items()}
    if not name:
        return tuple(of.values())
    for origin, dead in of.items():
        if name in (origin, dead.name):
            return (dead,)
    raise UnknownLetter(f"{name} has no dead letters; these have: {', '.join(ORIGINS)}")


async def letters(log: Archive, of: Iterable[Topic], since_ms: int = 0) -> AsyncIterator[Letter]:
    """Give the dead letters of topics, from a time on."""
    for topic in of:
        async for record in log.read_from(topic, await log.offsets_at(topic, since_ms)):
            yield letter_of(record)


async def letter_at(log: Archive, place: Place) -> Letter:
    """Give the one at a place.

    Raises:
        UnknownLetter: There is none.
    """
    (topic,) = dead_topics(place.topic)
    async for record in log.read_from(topic, {place.partition: place.offset}):
        if record.offset == place.offset:
            return letter_of(record)
        break
    raise UnknownLetter(f"there is no dead letter {place}")


async def requeued(log: Archive) -> dict[str, bytes]:
    """Give, by place, what is written down of letters that were sent again."""
    return {
        (record.key or b"").decode(): record.value or b""
        async for record in log.read(topics.DEAD_REQUEUES)
    }


async def requeue(log: Archive, chosen: Sequence[Letter]) -> None:
    """Send letters to where they came from, as they came."""
    for start in range(0, len(chosen), AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        await log.publish([_note(letter, BEGUN) for letter in some])
        await log.publish([again(letter) for letter in some])
        await log.publish([_note(letter, DONE) for letter in some])


def again(letter: Letter) -> Message:
    """Give the message that became a dead letter, with two headers.

    They say how often it was sent again, and when the log first took it: it is no news of a patient
    who was forgotten since then.

    Raises:
        UnknownLetter: It does not say where it came from.
    """
    origin = ORIGINS.get(letter.origin.topic)
    if origin is None:
        raise UnknownLetter(f"{letter.place} does not say which topic it is of")
    record = letter.record
    ours = (
        (REQUEUES, str(letter.n_requeues + 1).encode()),
        (LOGGED_MS, str(logged_ms_of(record)).encode()),
    )
    written = (*_SAID, REQUEUES, LOGGED_MS)
    own = [(name, value) for name, value in record.headers if name not in written]
    return Message(origin, record.key or b"", record.value or b"", (*own, *ours))


def _note(letter: Letter, said: bytes) -> Message:
    return Message(topics.DEAD_REQUEUES, str(letter.place).encode(), said)
