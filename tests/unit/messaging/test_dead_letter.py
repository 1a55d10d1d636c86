"""Dead letters keep the original and say why; a flood of them stops."""

import pytest

from epione.errors import DeadLetterFlood, MalformedEvent
from epione.messaging import Record, Topic, dead_letters_of
from epione.messaging.dead_letter import (
    ATTEMPTS,
    LOGGED_MS,
    NO_FLOOD,
    ORIGIN_OFFSET,
    ORIGIN_PARTITION,
    ORIGIN_TOPIC,
    REASON,
    STAGE,
    DeadLetters,
    logged_ms_of,
)

RAW = Topic("hospital.fhir.v1", retention_ms=1000)


def record(offset: int = 7, key: bytes | None = b"k", value: bytes | None = b"\xffraw") -> Record:
    return Record(RAW.name, 2, offset, key, value, (("ce_id", b"\xff"),), 5_000)


def test_a_dead_letter_has_the_original_and_its_origin() -> None:
    message = DeadLetters(RAW, "ingestion", 10).of(record(), MalformedEvent("no bytes"), 3)

    assert message.topic == dead_letters_of(RAW)
    assert (message.key, message.value) == (b"k", b"\xffraw")
    assert dict(message.headers) == {
        "ce_id": b"\xff",
        REASON: b"MalformedEvent: no bytes",
        STAGE: b"ingestion",
        ATTEMPTS: b"3",
        ORIGIN_TOPIC: b"hospital.fhir.v1",
        ORIGIN_PARTITION: b"2",
        ORIGIN_OFFSET: b"7",
        LOGGED_MS: b"5000",
    }


def test_a_record_without_key_or_value_is_kept_as_empty() -> None:
    message = DeadLetters(RAW, "ingestion", 10).of(record(7, None, None), MalformedEvent("none"), 1)

    assert (message.key, message.value) == (b"", b"")


@pytest.mark.parametrize(
    ("said", "logged_ms"),
    [
        pytest.param([], 5_000, id="not sent again"),
        pytest.param([b"900"], 900, id="sent again"),
        pytest.param([b"7000"], 5_000, id="later than the log took it"),
        pytest.param([b"900", b"800"], 800, id="twice"),
        pytest.param([b"-1"], 5_000, id="before all time"),
        pytest.param([b"noon"], 5_000, id="no number"),
        pytest.param([b"9" * 5_000], 5_000, id="no time"),
    ],
)
def test_a_message_counts_from_when_it_first_came(said: list[bytes], logged_ms: int) -> None:
    sent = record()._replace(headers=tuple((LOGGED_MS, each) for each in said))

    letter = DeadLetters(RAW, "ingestion", 10).of(sent, MalformedEvent("no"), 1)

    assert logged_ms_of(sent) == logged_ms
    assert [value for name, value in letter.headers if name == LOGGED_MS] == [b"%d" % logged_ms]


def test_a_long_reason_is_cut() -> None:
    message = DeadLetters(RAW, "ingestion", 10).of(record(), MalformedEvent("x" * 5000), 1)

    assert len(dict(message.headers)[REASON]) == 500


def test_one_too_many_in_a_row_is_a_flood() -> None:
    dead = DeadLetters(RAW, "ingestion", 3)
    dead.of(record(1), MalformedEvent("a"), 1)
    dead.of(record(2), MalformedEvent("b"), 1)

    with pytest.raises(DeadLetterFlood, match=r"ingestion: 3 messages in a row .*2/3.*: c"):
        dead.of(record(3), MalformedEvent("c"), 1)


def test_where_none_is_a_flood_any_number_are_dead_letters() -> None:
    dead = DeadLetters(RAW, "ingestion", NO_FLOOD)

    letters = [dead.of(record(offset), MalformedEvent("a"), 1) for offset in range(1_000)]

    assert len(letters) == 1_000


def test_a_good_record_ends_the_row() -> None:
    dead = DeadLetters(RAW, "ingestion", 2)

    for offset in range(10):
        dead.of(record(offset), MalformedEvent("a"), 1)
        dead.end_row()


def test_the_same_record_tried_again_counts_once() -> None:
    dead = DeadLetters(RAW, "ingestion", 2)

    for attempt in range(1, 10):
        dead.of(record(7), MalformedEvent("a"), attempt)
