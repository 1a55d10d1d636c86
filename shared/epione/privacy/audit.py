"""Who asked for what of a patient, when, why, and what came of it: kept on audit.v1, for good.

An entry names a patient by pseudonym alone. What takes time is said twice, by one id: begun, done.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum

from epione.errors import MalformedEvent
from epione.messaging import JSON, Message, Record, headers_of
from epione.messaging.topics import AUDIT

KIND = "epione.privacy.Audit"
NOBODY = "-/-"  # the key of what names no patient


class Action(StrEnum):
    FORGET = "forget"
    RESOLVE = "resolve"


class Outcome(StrEnum):
    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit."""

    id: str
    at: datetime
    who: str
    action: Action
    patient: str  # the key of their records: "north/4f2a"; "" where none was named
    why: str
    outcome: Outcome
    records: Sequence[str] = ()  # the keys of all records that it is about
    details: str = ""  # names no one


def audit_message(entry: Entry, source: str) -> Message:
    """Put an entry on the audit, under its patient's key."""
    text = json.dumps({**asdict(entry), "at": entry.at.isoformat()}, ensure_ascii=False)
    headers = headers_of(
        event_id=f"{entry.id}/{entry.outcome}",
        source=source,
        kind=KIND,
        time=entry.at,
        content_type=JSON,
    )
    return Message(AUDIT, (entry.patient or NOBODY).encode(), text.encode(), headers)


def entry_of(record: Record) -> Entry:
    """Read an entry.

    Raises:
        MalformedEvent: It is none.
    """
    try:
        said = json.loads(record.value or b"")
        known = {field.name: said[field.name] for field in fields(Entry)}
        return Entry(
            **{
                **known,
                "at": datetime.fromisoformat(known["at"]).astimezone(UTC),
                "action": Action(known["action"]),
                "outcome": Outcome(known["outcome"]),
                "records": tuple(known["records"]),
            }
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise MalformedEvent(f"no entry of the audit: {type(fault).__name__}") from None
