"""A service as a process: its log lines, its signals, and the status it exits with."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from epione.errors import EpioneError
from epione.messaging.log import Stream, Subscription
from epione.messaging.service import Beside, serve, stop_on_signals

LINE = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What a service does, everything that it needs being open."""

    log: Stream
    subscriptions: Sequence[Subscription]
    beside: Sequence[Beside] = ()


Opened = Callable[[], AbstractAsyncContextManager[Service]]


def main(opened: Opened) -> None:
    """Run a service until SIGTERM or SIGINT, whenever they come, and exit with 0.

    An error of ours ends it with one line and status 1; any other shows where it was raised.

    Args:
        opened: Opens what the service needs, and closes it after; settings are read here, too.
    """
    set_up_logging()
    try:
        asyncio.run(run(opened))
    except EpioneError as fault:
        _log.critical("%s: %s", type(fault).__name__, fault)
        sys.exit(1)


async def run(opened: Opened) -> None:
    """Open a service and serve until told to stop; a start that waits is then given up."""
    is_open = asyncio.Event()

    async def serving(stop: asyncio.Event) -> None:
        async with opened() as service:
            is_open.set()
            await serve(service.log, service.subscriptions, stop=stop, beside=service.beside)

    with stop_on_signals() as stop:
        served, told = asyncio.create_task(serving(stop)), asyncio.create_task(stop.wait())
        await asyncio.wait({served, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not is_open.is_set():
            served.cancel()
        for outcome in await asyncio.gather(served, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


def set_up_logging() -> None:
    """One line an entry on stderr, times in UTC; of the client's chatter what warns."""
    formatter = logging.Formatter(LINE, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
