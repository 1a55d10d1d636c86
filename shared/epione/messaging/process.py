"""A service as a process: its settings, signals, health, and the status it exits with."""

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from epione.errors import EpioneError
from epione.messaging.log import Stream, Subscription
from epione.messaging.service import Beside, serve, stop_on_signals
from epione.messaging.tracing import Tracing
from epione.operations import Claims, Health, door, set_up_logging, spans_to
from epione.settings import LogFormat, ServiceSettings, settings_of

S = TypeVar("S", bound=ServiceSettings)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What a service does, everything that it needs being open."""

    log: Stream
    subscriptions: Sequence[Subscription]
    beside: Sequence[Beside] = ()
    claims: Claims = field(default_factory=Claims)  # of its health


Opened = Callable[[], AbstractAsyncContextManager[Service]]


@dataclass(frozen=True, slots=True)
class Door:
    """Where health and metrics are told; port 0 for nowhere."""

    host: str = "127.0.0.1"
    port: int = 0


def main(
    name: str, kind: type[S], opened: Callable[[S], AbstractAsyncContextManager[Service]]
) -> None:
    """Run a service until SIGTERM or SIGINT, whenever they come, and exit with 0.

    An error of ours ends it with one line and status 1; any other shows where it was raised.

    Args:
        kind: Of the settings, which are read here from the environment.
        opened: Opens what the service needs, and closes it after.
    """
    set_up_logging(name)
    try:
        settings = settings_of(kind)
        set_up_logging(name, as_json=settings.log is LogFormat.JSON)
        where = Door(settings.ops_host, settings.ops_port)
        with spans_to(settings.traces, name) as spans:
            tracing = Tracing(name, spans, settings.trace_sample) if spans else None
            asyncio.run(run(partial(opened, settings), where, tracing))
    except EpioneError as fault:
        _log.critical("%s: %s", type(fault).__name__, fault)
        sys.exit(1)


async def run(opened: Opened, where: Door | None = None, tracing: Tracing | None = None) -> None:
    """Open a service and serve until told to stop; a start that waits is then given up.

    Health and metrics are told from before the start to after the end.
    """
    is_open, health = asyncio.Event(), Health()

    async def serving(stop: asyncio.Event) -> None:
        async with opened() as service:
            is_open.set()
            health.is_open(service.claims)
            reading = service.subscriptions
            if tracing is not None:
                reading = [tracing.of(subscription) for subscription in reading]
            await serve(service.log, reading, stop=stop, beside=service.beside)

    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        if where is not None and where.port:
            await stack.enter_async_context(door(health, where.host, where.port))
        served, told = asyncio.create_task(serving(stop)), asyncio.create_task(stop.wait())
        await asyncio.wait({served, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        health.is_stopping()
        if not is_open.is_set():
            served.cancel()
        for outcome in await asyncio.gather(served, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
