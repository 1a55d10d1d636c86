"""Operation: what a process says of itself, and where it says it."""

from epione.operations.door import door
from epione.operations.health import Claim, Claims, Health, Verdict
from epione.operations.listening import Server, listen, listening
from epione.operations.logs import TRACE_ID, set_up_logging
from epione.operations.otlp import Span
from epione.operations.spans import Spans, spans_to

__all__ = [
    "TRACE_ID",
    "Claim",
    "Claims",
    "Health",
    "Server",
    "Span",
    "Spans",
    "Verdict",
    "door",
    "listen",
    "listening",
    "set_up_logging",
    "spans_to",
]
