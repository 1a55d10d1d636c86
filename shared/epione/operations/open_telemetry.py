"""Spans by the OpenTelemetry SDK; only where traces are asked for is it imported."""

import logging
import threading
from collections.abc import Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    set_span_in_context,
)

from epione.operations.spans import Span
from epione.telemetry import SPANS_DROPPED

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)

_log = logging.getLogger(__name__)


class OpenTelemetrySpans:
    """Makes SDK spans of ours, and hands them to its thread, which sends them in batches.

    Its queue is bounded: where no collector takes them, spans are dropped and counted.
    """

    def __init__(self, exporter: SpanExporter, service: str) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # said once, by `Told`
        self._ids = Given()
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,  # what is told here was sampled where its trace began
            resource=Resource.create({"service.name": service, "service.namespace": "epione"}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(Told(exporter)))
        self._tracer = self._provider.get_tracer("epione")

    def tell(self, span: Span) -> None:
        self._ids.trace_id, self._ids.span_id = int(span.trace_id, 16), int(span.span_id, 16)
        parent = _context(span.trace_id, span.parent_id) if span.parent_id else None
        made = self._tracer.start_span(
            span.name,
            context=set_span_in_context(NonRecordingSpan(parent)) if parent else None,
            kind=SpanKind.CONSUMER,
            attributes=span.said,
            links=[Link(_context(*span.see))] if span.see else (),
            start_time=span.began_ns,
        )
        made.add_event("read", timestamp=span.read_ns)
        made.end(span.ended_ns)

    def close(self, within_s: float) -> None:
        """Send what is left, for so long at most: a collector that is down must not hold us up."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(within_s)


class Given(IdGenerator):
    """The ids of the span that is told now."""

    trace_id = span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class Told(SpanExporter):
    """An exporter that counts what it could not send, and says so once and not each time."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter, self._is_down = exporter, False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        is_down = result is not SpanExportResult.SUCCESS
        if is_down:
            SPANS_DROPPED.inc(len(spans))
        if is_down != self._is_down:
            _log.warning("the collector of traces %s", "takes none" if is_down else "is back")
        self._is_down = is_down
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=_SAMPLED)
