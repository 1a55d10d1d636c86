"""A message that can never succeed, as its dead-letter topic keeps it; and when to stop."""

import logging
import re

from epione.errors import DeadLetterFlood, Rejected
from epione.messaging.log import Message, Record
from epione.messaging.topics import Topic, dead_letters_of
from epione.messaging.trace import trace_id_of
from epione.operations import TRACE_ID

REASON = "epione_dead_reason"
STAGE = "epione_dead_stage"
ATTEMPTS = "epione_dead_attempts"
ORIGIN_TOPIC = "epione_dead_topic"
ORIGIN_PARTITION = "epione_dead_partition"
ORIGIN_OFFSET = "epione_dead_offset"
LOGGED_MS = "epione_logged_ms"  # ms since 1970; of a letter, and of the message sent again

FLOOD = 100  # dead letters in a row that stop a service
NO_FLOOD = 0  # none do

_LONGEST_REASON = 500  # characters
_MS = re.compile(rb"[0-9]{1,15}")

_log = logging.getLogger(__name__)


def dead_letter(
    record: Record, fault: Rejected, *, topic: Topic, stage: str, attempts: int
) -> Message:
    """Give the original bytes and headers, with why, where and whence."""
    said = (
        (REASON, _reason(fault)),
        (STAGE, stage),
        (ATTEMPTS, str(attempts)),
        (ORIGIN_TOPIC, record.topic),
        (ORIGIN_PARTITION, str(record.partition)),
        (ORIGIN_OFFSET, str(record.offset)),
        (LOGGED_MS, str(logged_ms_of(record))),
    )
    own = (header for header in record.headers if header[0] != LOGGED_MS)
    headers = (*own, *((name, value.encode()) for name, value in said))
    return Message(topic, record.key or b"", record.value or b"", headers)


def logged_ms_of(record: Record) -> int:
    """Give when the log first took what a record holds, in ms since 1970 UTC.

    A message that is sent again says when it came first, so that nobody who was forgotten since
    then comes back by it. A sender may write that, too: it never counts for later than the log
    took the record.
    """
    first_ms = record.timestamp_ms
    for name, value in record.headers:
        if name == LOGGED_MS and _MS.fullmatch(value):
            first_ms = min(first_ms, int(value))
    return first_ms


class DeadLetters:
    """Makes the dead letters of one topic, and stops at a flood of them."""

    def __init__(self, topic: Topic, stage: str, flood: int) -> None:
        self._topic, self._stage, self._flood = dead_letters_of(topic), stage, flood
        self._in_a_row: set[tuple[int, int]] = set()  # (partition, offset): a retry counts once

    def of(self, record: Record, fault: Rejected, attempt: int) -> Message:
        """Give the dead letter of a record.

        Raises:
            DeadLetterFlood: It is one too many in a row.
        """
        self._refuse_flood(record, fault)
        _log.warning(
            "%s: %s/%d/%d is a dead letter: %s",
            self._stage,
            record.topic,
            record.partition,
            record.offset,
            _reason(fault),
            extra={TRACE_ID: trace_id_of(record)},
        )
        return dead_letter(record, fault, topic=self._topic, stage=self._stage, attempts=attempt)

    def end_row(self) -> None:
        """Say that a record was good."""
        if self._in_a_row:
            self._in_a_row.clear()

    def _refuse_flood(self, record: Record, fault: Rejected) -> None:
        if self._flood == NO_FLOOD:
            return
        self._in_a_row.add((record.partition, record.offset))
        if len(self._in_a_row) >= self._flood:
            raise DeadLetterFlood(
                f"{self._stage}: {self._flood} messages in a row of {record.topic} cannot be used; "
                f"the last ({record.partition}/{record.offset}): {_reason(fault)}"
            )


def _reason(fault: Rejected) -> str:
    return f"{type(fault).__name__}: {fault}"[:_LONGEST_REASON]
