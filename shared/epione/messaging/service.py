"""Running steps until the process is told to stop, or something fails."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from epione.messaging.log import Stream, Subscription

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
COLLECT_AFTER = (50_000, 20, 50)  # as `gc.set_threshold` takes it; Python's own: 700, 10, 10

Beside = Callable[[], Coroutine[Any, Any, None]]  # runs for as long as the service does


async def serve(
    log: Stream,
    subscriptions: Sequence[Subscription],
    *,
    stop: asyncio.Event,
    beside: Sequence[Beside] = (),
) -> None:
    """Consume until `stop` is set; the batches in hand are then done and committed.

    Args:
        beside: What else runs for as long as the service does. Its end is the service's, too.

    Raises:
        Exception: Whatever a step, or something beside, raised. The process is then to exit, and
            its supervisor to start it again: what was not committed comes again.
    """
    # What is loaded by now stays: not to look through it at each collection saves a third of the
    # processor's time for an event (measured in tests/benchmarks/). What is made afterwards goes
    # without a collection, for there are hardly any cycles in it; and to look through the states
    # that a service remembers takes as long as a batch.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    stopping = asyncio.Event()
    consuming = asyncio.create_task(log.consume(subscriptions, stopping))
    others = [asyncio.create_task(each()) for each in beside]
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({consuming, asked, *others}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.set()
        for task in (asked, *others):
            task.cancel()
        outcomes = await asyncio.gather(consuming, *others, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
