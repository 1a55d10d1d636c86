"""Trace contexts in headers: which messages are traced, and by which span they were sent.

Source: W3C Trace Context, Recommendation of 23 November 2021, section 3.2 (traceparent). Every id
here is a function of the record that it is about: a batch that is read again gives the same spans,
and what a fold gives stays a function of its arguments.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

from epione.messaging.log import Headers, Message, Record

TRACEPARENT = "traceparent"
SAMPLED = 1

_FORM = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
_LONGEST = 200  # bytes that are looked at


class Context(NamedTuple):
    """A span, by name: ids in lower-case hexadecimal."""

    trace_id: str
    span_id: str

    @property
    def header(self) -> tuple[str, bytes]:
        return TRACEPARENT, f"00-{self.trace_id}-{self.span_id}-01".encode()


class Parent(NamedTuple):
    """What a header says of the span that sent its message."""

    context: Context
    is_sampled: bool


def parent_in(headers: Iterable[tuple[str, bytes]]) -> Parent | None:
    """Give the parent that headers name; None where they name none, or not by the rules."""
    for name, value in headers:
        if name == TRACEPARENT:
            return parent_of(value)
    return None


def parent_of(value: bytes) -> Parent | None:
    """Read a traceparent.

    >>> parent_of(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").is_sampled
    True
    """
    found = _FORM.fullmatch(value[:_LONGEST])
    if found is None:
        return None
    trace_id, span_id, flags = (group.decode() for group in found.groups())
    return Parent(Context(trace_id, span_id), bool(int(flags, 16) & SAMPLED))


def begins(record: Record, ratio: float) -> bool:
    """Say whether a trace begins with this record: always the same of the same record."""
    return crc32(_name(record)) < ratio * 2**32


def own_context(record: Record, service: str, parent: Context | None) -> Context:
    """Name the span of a service's work on a record; without a parent its trace begins here."""
    name = _name(record)
    trace_id = parent.trace_id if parent else blake2b(name, digest_size=16).hexdigest()
    span_id = blake2b(name + service.encode(), digest_size=8).hexdigest()
    return Context(trace_id, span_id)


def marked(record: Record, context: Context) -> Record:
    """Give the record with its service's own span as the last of its headers."""
    others = [header for header in record.headers if header[0] != TRACEPARENT]
    return record._replace(headers=(*others, context.header))


def traced_of(records: Sequence[Record]) -> list[int]:
    """Give the indices of the records that a service of ours sent on with a trace.

    Only the last two headers are looked at: it is asked for every record, and most are not traced.
    The trace is the last that a step adds; to seal a message adds one more.
    """
    return [
        index
        for index, record in enumerate(records)
        if len(headers := record.headers) > 1
        and (headers[-1][0] == TRACEPARENT or headers[-2][0] == TRACEPARENT)
    ]


class Marked(list[Record]):
    """A batch of which some records are marked: their marks are by offset, to be found at once."""

    def __init__(self, records: Iterable[Record]) -> None:
        super().__init__(records)
        self.marks: dict[int, Headers] = {}

    def mark(self, index: int, context: Context) -> None:
        self[index] = record = marked(self[index], context)
        self.marks[record.offset] = (context.header,)


def marks_of(records: Sequence[Record]) -> Mapping[int, Headers]:
    """Give, by offset, the header that what comes of a record of a batch is to carry."""
    return records.marks if isinstance(records, Marked) else {}


def mark_of(record: Record) -> Headers:
    """Give the mark of a record that stands by itself; none where it has none."""
    last = record.headers[-1:]
    return last if last and last[0][0] == TRACEPARENT else ()


def passed_on(messages: Sequence[Message], mark: Headers) -> tuple[Message, ...]:
    """Give the messages with a mark, where there is one; a dead letter has it of its original."""
    if not mark:
        return tuple(messages)
    return tuple(
        message if mark[0] in message.headers else message._replace(headers=message.headers + mark)
        for message in messages
    )


def trace_id_of(record: Record) -> str:
    """Give the trace of a marked record, or ""."""
    mark = mark_of(record)
    parent = parent_of(mark[0][1]) if mark else None
    return parent.context.trace_id if parent else ""


def _name(record: Record) -> bytes:
    at = f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp_ms}"
    return at.encode()
