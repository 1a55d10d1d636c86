"""A collector of traces for tests: takes OTLP over HTTP, and remembers every span."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Seen:
    """A span as it came, with the service that sent it."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    began_ns: int
    ended_ns: int
    links: tuple[str, ...]
    said: str  # everything of it, as text


@dataclass
class Collector:
    address: str
    spans: list[Seen] = field(default_factory=list)

    def of(self, trace_id: str) -> list[Seen]:
        return sorted(
            (span for span in self.spans if span.trace_id == trace_id), key=lambda s: s.began_ns
        )


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector until the block ends."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.spans += spans_of(read(body))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()


def read(body: bytes) -> ExportTraceServiceRequest:
    """Read a request by OpenTelemetry's own schema, which knows no field that we made up."""
    return ParseDict(_with_bytes(json.loads(body)), ExportTraceServiceRequest())


def _with_bytes(node: Any) -> Any:
    """Give ids as protobuf's own JSON has them: OTLP has hexadecimal in the place of base 64."""
    if isinstance(node, list):
        return [_with_bytes(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode()
        if key in ("traceId", "spanId", "parentSpanId")
        else _with_bytes(value)
        for key, value in node.items()
    }


def spans_of(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for resource in request.resource_spans:
        named = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Seen(
                    named["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    tuple(link.trace_id.hex() for link in span.links),
                    str(span),
                )
