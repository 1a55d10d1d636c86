"""The door of operation: `/health/live`, `/health/ready`, `/metrics`.

It runs on the service's own event loop: one that is blocked does not answer, and that says it.
No token is asked here; the network is to let in the prober and the scraper alone.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import prometheus_client
import uvicorn

from epione.operations.health import Health, Verdict
from epione.operations.listening import Server, listening

Answer = tuple[int, str, bytes]  # status, content type, body
Scope = dict[str, Any]  # ASGI's own types are as loose
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@asynccontextmanager
async def door(health: Health, host: str, port: int) -> AsyncIterator[int]:
    """Answer for `health` and the metrics until the block ends; give the port.

    Raises:
        Misconfigured: The address is taken.
    """
    config = uvicorn.Config(
        app(health), access_log=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    async with listening(Server(config), host, port) as bound:
        yield bound


def app(health: Health) -> App:
    """Make the application, as ASGI asks it."""
    answers: dict[str, Callable[[], Answer]] = {
        "/health/live": lambda: _verdicts("alive", health.alive()),
        "/health/ready": lambda: _verdicts("ready", health.ready()),
        "/metrics": _metrics,
    }

    async def answer(scope: Scope, _: Receive, send: Send) -> None:
        status, kind, body = answers.get(scope["path"], _nothing)()
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def _verdicts(claim: str, verdicts: Mapping[str, Verdict]) -> Answer:
    why_not = {name: verdict.said for name, verdict in verdicts.items() if not verdict.holds}
    holds = {name: verdict.said for name, verdict in verdicts.items() if verdict.holds}
    body = json.dumps({claim: not why_not, "why_not": why_not, "holds": holds})
    return 503 if why_not else 200, "application/json", body.encode()


def _metrics() -> Answer:
    return 200, prometheus_client.CONTENT_TYPE_LATEST, prometheus_client.generate_latest()


def _nothing() -> Answer:
    return 404, "text/plain", b"/health/live, /health/ready, /metrics\n"
