"""Spans to a collector by OTLP/HTTP: off the event loop, and dropped where none takes them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from epione.errors import Misconfigured

SEND_WITHIN_S = 5.0
CLOSE_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class Span:
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


class Spans(Protocol):
    """Takes spans that have ended, and never waits."""

    def tell(self, span: Span) -> None: ...


@contextmanager
def spans_to(address: str, service: str) -> Iterator[Spans | None]:
    """Send spans to a collector until the block ends; None where no address is given.

    Raises:
        Misconfigured: OpenTelemetry is not installed.
    """
    if not address:
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        from epione.operations.open_telemetry import OpenTelemetrySpans
    except ImportError as fault:
        raise Misconfigured("EPIONE_TRACES needs OpenTelemetry: install epione[tracing]") from fault
    endpoint = f"{address.rstrip('/')}/v1/traces"
    spans = OpenTelemetrySpans(OTLPSpanExporter(endpoint=endpoint, timeout=SEND_WITHIN_S), service)
    try:
        yield spans
    finally:
        spans.close(CLOSE_WITHIN_S)
