"""Spans as OTLP writes them in JSON.

Source: OpenTelemetry Protocol 1.7, JSON Protobuf Encoding: ids in hexadecimal, 64-bit numbers as
text, enumerations as numbers.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

CONSUMER = 5  # SpanKind
SAMPLED = 1


class Span(NamedTuple):
    """The work of one service on one message. Ids in hexadecimal, times in ns since 1970 UTC."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str  # "" where the trace begins here
    began_ns: int
    read_ns: int
    ended_ns: int
    said: Mapping[str, str | int]  # never anything of a patient
    see: tuple[str, str] | None = None  # the trace and span that went on instead of this one


def request_of(spans: Sequence[Span], service: str) -> bytes:
    """Write an ExportTraceServiceRequest."""
    resource = _attributes({"service.namespace": "epione", "service.name": service})
    scope = {"scope": {"name": "epione"}, "spans": [_span(each) for each in spans]}
    request = {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [scope]}]}
    return json.dumps(request, separators=(",", ":")).encode()


def _span(span: Span) -> dict[str, object]:
    written: dict[str, object] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "flags": SAMPLED,
        "name": span.name,
        "kind": CONSUMER,
        "startTimeUnixNano": str(span.began_ns),
        "endTimeUnixNano": str(span.ended_ns),
        "attributes": _attributes(span.said),
        "events": [{"timeUnixNano": str(span.read_ns), "name": "read"}],
    }
    if span.see is not None:
        written["links"] = [{"traceId": span.see[0], "spanId": span.see[1], "flags": SAMPLED}]
    return written


def _attributes(said: Mapping[str, str | int]) -> list[dict[str, object]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in said.items()
    ]
