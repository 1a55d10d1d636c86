"""Spans to a collector: as OTLP says, without waiting, and without a collector too."""

import logging
import time

import pytest
from tests.collector import collecting
from tests.unit.counted import counted

from epione.operations import Span, spans_to
from epione.operations.spans import LONGEST_QUEUE

SPAN = Span(
    name="process patient.events.v1",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    parent_id="a2fb4a1d1a96d312",
    began_ns=1_700_000_000_000_000_000,
    read_ns=1_700_000_000_100_000_000,
    ended_ns=1_700_000_001_000_000_000,
    said={"messaging.kafka.offset": 7},
)
NOBODY = "http://127.0.0.1:1"


def test_a_span_comes_as_it_was_told() -> None:
    with collecting() as collector, spans_to(collector.address, "inference") as spans:
        assert spans is not None
        spans.tell(SPAN)

    (seen,) = collector.spans
    assert (seen.service, seen.name) == ("inference", SPAN.name)
    assert (seen.trace_id, seen.span_id) == (SPAN.trace_id, SPAN.span_id)
    assert seen.parent_id == SPAN.parent_id
    assert (seen.began_ns, seen.ended_ns) == (SPAN.began_ns, SPAN.ended_ns)
    assert 'key: "messaging.kafka.offset"' in seen.said


def test_a_span_without_a_parent_begins_its_trace_and_one_may_point_to_another() -> None:
    elsewhere = ("1" * 32, "2" * 16)
    with collecting() as collector, spans_to(collector.address, "ingestion") as spans:
        assert spans is not None
        spans.tell(SPAN._replace(parent_id="", see=elsewhere))

    (seen,) = collector.spans
    assert seen.trace_id == SPAN.trace_id
    assert seen.parent_id == ""
    assert seen.links == (elsewhere[0],)


def test_without_a_collector_spans_are_dropped_counted_and_waited_for_by_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before, began_s = counted("epione_spans_dropped_total"), time.monotonic()
    with caplog.at_level(logging.WARNING), spans_to(NOBODY, "inference") as spans:
        assert spans is not None
        for _ in range(LONGEST_QUEUE + 1):
            spans.tell(SPAN)

    assert time.monotonic() - began_s < 8.0
    assert counted("epione_spans_dropped_total") == before + LONGEST_QUEUE + 1
    assert [line.getMessage() for line in caplog.records] == ["the collector of traces takes none"]


def test_without_an_address_there_is_nothing_to_tell() -> None:
    with spans_to("", "inference") as spans:
        assert spans is None
