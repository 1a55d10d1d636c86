"""Spans to a collector by OTLP over HTTP: off the event loop, and dropped where none takes them.

A span costs some microseconds of the loop, and its sender's thread some tens. By OpenTelemetry's
SDK and its protobuf encoder it was 270 (measured as in tests/benchmarks/): at one message in a
hundred, a twentieth of the processor.
"""

import logging
import threading
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Protocol

from epione.operations.otlp import Span, request_of
from epione.telemetry import SPANS_DROPPED

LONGEST_QUEUE = 4096
BATCH = 512
SEND_EVERY_S = 1.0
SEND_WITHIN_S = 5.0
CLOSE_WITHIN_S = 3.0

_log = logging.getLogger(__name__)


class Spans(Protocol):
    """Takes spans that have ended, and never waits."""

    def tell(self, span: Span) -> None: ...


@contextmanager
def spans_to(address: str, service: str) -> Iterator[Spans | None]:
    """Send spans to a collector until the block ends; None where no address is given."""
    if not address:
        yield None
        return
    sender = Sender(f"{address.rstrip('/')}/v1/traces", service)
    try:
        yield sender
    finally:
        sender.close(CLOSE_WITHIN_S)


class Sender:
    """Keeps spans until its thread has sent them; of those that find no room, the number."""

    def __init__(self, address: str, service: str) -> None:
        self._address, self._service = address, service
        self._queue: deque[Span] = deque()
        self._closing = threading.Event()
        self._is_down = False
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def tell(self, span: Span) -> None:
        if len(self._queue) < LONGEST_QUEUE:
            self._queue.append(span)
        else:
            SPANS_DROPPED.inc()

    def close(self, within_s: float) -> None:
        """Send what is left, for so long at most: a collector that is down must not hold us up."""
        self._closing.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        while not self._closing.wait(SEND_EVERY_S):
            self._send_all()
        self._send_all()

    def _send_all(self) -> None:
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            is_down = not self._sent(batch)
            if is_down:
                SPANS_DROPPED.inc(len(batch))
            if is_down != self._is_down:
                _log.warning("the collector of traces %s", "takes none" if is_down else "is back")
            self._is_down = is_down

    def _sent(self, batch: list[Span]) -> bool:
        """Send a batch, once; say whether it was taken."""
        request = urllib.request.Request(
            self._address,
            data=request_of(batch, self._service),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SEND_WITHIN_S) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False
