"""Trace contexts: read by the rules of the W3C, made from the record alone."""

import pytest

from epione.messaging import Message, Record, Topic
from epione.messaging.trace import (
    TRACEPARENT,
    Context,
    Marked,
    begins,
    mark_of,
    marked,
    marks_of,
    own_context,
    parent_in,
    parent_of,
    passed_on,
    trace_id_of,
    traced_of,
)

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{SPAN}-01".encode()
OTHER = ("ce_id", b"7")


def record(offset: int = 0, headers: tuple[tuple[str, bytes], ...] = (OTHER,)) -> Record:
    return Record("hospital.fhir.v1", 3, offset, b"k", b"v", headers, 1_800_000_000_000)


@pytest.mark.parametrize(
    ("value", "is_sampled"),
    [
        pytest.param(SAMPLED, True, id="sampled"),
        pytest.param(f"00-{TRACE}-{SPAN}-00".encode(), False, id="not sampled"),
        pytest.param(f"00-{TRACE}-{SPAN}-03".encode(), True, id="an unknown flag too"),
        pytest.param(f"cc-{TRACE}-{SPAN}-01-more".encode(), True, id="a later version"),
    ],
)
def test_a_traceparent_is_read(value: bytes, is_sampled: bool) -> None:
    parent = parent_of(value)

    assert parent is not None
    assert parent == (Context(TRACE, SPAN), is_sampled)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(f"ff-{TRACE}-{SPAN}-01".encode(), id="a version that must not be"),
        pytest.param(f"00-{'0' * 32}-{SPAN}-01".encode(), id="no trace"),
        pytest.param(f"00-{TRACE}-{'0' * 16}-01".encode(), id="no span"),
        pytest.param(f"00-{TRACE.upper()}-{SPAN}-01".encode(), id="capitals"),
        pytest.param(b"00-Jane Doe-1970-01", id="a name"),
        pytest.param(b"\xff" * 55, id="bytes"),
    ],
)
def test_what_is_no_traceparent_is_none(value: bytes) -> None:
    assert parent_of(value) is None


def test_the_header_is_found_wherever_it_stands() -> None:
    assert parent_in((OTHER, (TRACEPARENT, SAMPLED), OTHER)) == parent_of(SAMPLED)
    assert parent_in((OTHER,)) is None


def test_the_same_record_gives_the_same_span_and_another_gives_another() -> None:
    first, again = (own_context(record(1), "ingestion", None) for _ in range(2))
    others = {
        own_context(record(2), "ingestion", None),
        own_context(record(1)._replace(timestamp_ms=1), "ingestion", None),  # of another log
    }

    assert first == again
    assert first not in others
    assert parent_of(first.header[1]) == (first, True)


def test_a_service_goes_on_with_the_trace_by_a_span_of_its_own() -> None:
    parent = Context(TRACE, SPAN)

    contexts = {own_context(record(), service, parent) for service in ("genomics", "inference")}

    assert {context.trace_id for context in contexts} == {TRACE}
    assert len({context.span_id for context in contexts} | {SPAN}) == 3


@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.5, 1.0])
def test_about_the_asked_share_of_records_begins_a_trace(ratio: float) -> None:
    n_begun = sum(begins(record(offset), ratio) for offset in range(20_000))

    assert abs(n_begun / 20_000 - ratio) < 0.01


def test_a_marked_record_names_its_span_once_and_last() -> None:
    context = Context("1" * 32, "2" * 16)

    record_ = marked(record(headers=((TRACEPARENT, SAMPLED), OTHER)), context)

    assert record_.headers == (OTHER, context.header)
    assert mark_of(record_) == (context.header,)
    assert trace_id_of(record_) == "1" * 32


@pytest.mark.parametrize("headers", [(), (OTHER,)])
def test_a_record_that_is_not_traced_has_no_mark(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert mark_of(record(headers=headers)) == ()
    assert trace_id_of(record(headers=headers)) == ""


def test_what_comes_of_a_record_carries_its_mark_once() -> None:
    mark = (Context("1" * 32, "2" * 16).header,)
    plain = Message(Topic("out.v1"), b"k", b"v", (OTHER,))
    letter = Message(Topic("dead.v1"), b"k", b"v", (OTHER, *mark, ("why", b"")))

    assert passed_on([plain, letter], mark) == (plain._replace(headers=(OTHER, *mark)), letter)
    assert passed_on([plain], ()) == (plain,)


@pytest.mark.parametrize(
    ("headers", "is_traced"),
    [
        pytest.param((OTHER, (TRACEPARENT, SAMPLED)), True, id="last"),
        pytest.param((OTHER, (TRACEPARENT, SAMPLED), OTHER), True, id="before the key of a seal"),
        pytest.param((OTHER, OTHER), False, id="not there"),
        pytest.param((), False, id="no header at all"),
    ],
)
def test_what_a_service_of_ours_sent_with_a_trace_is_found(
    headers: tuple[tuple[str, bytes], ...], is_traced: bool
) -> None:
    sent = record(headers=headers)

    assert traced_of([record(), sent]) == [1] * is_traced


def test_a_batch_tells_the_marks_of_its_records_and_one_without_traces_has_none() -> None:
    context, batch = Context("1" * 32, "2" * 16), Marked([record(7), record(8)])

    batch.mark(1, context)

    assert marks_of(batch) == {8: (context.header,)}
    assert batch == [record(7), marked(record(8), context)]
    assert marks_of([marked(record(8), context)]) == {}
