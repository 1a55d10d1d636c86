"""Waiting for what is outside: back off with jitter, within a bound."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from epione.errors import Unavailable
from epione.telemetry import RETRIES

MAX_POLL_INTERVAL_S = 300.0  # a consumer silent for longer is put out of its group

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on trying, and how the waits grow: each doubles, then is shortened at random.

    The first is short, since most faults pass at once; a batch in hand is not tried for long, since
    other partitions, a rebalance and the end of the process wait for it. What failed for longer
    rests (`RESTS`), for so short a time that it goes on within 10 s of the end of the fault.
    """

    first_s: float = 0.02
    longest_s: float = 5.0
    within_s: float = 2.0
    jitter: Callable[[], float] = random.random  # 0 to 1

    def wait_s(self, attempt: int) -> float:
        """Give the wait after `attempt` (counted from 1): between half of its bound and all of it.

        >>> Patience(first_s=1.0, longest_s=10.0, jitter=lambda: 1.0).wait_s(3)
        4.0
        """
        bound = min(self.longest_s, self.first_s * 2.0 ** min(attempt - 1, 30))
        return bound * (1 + self.jitter()) / 2


RESTS = Patience(first_s=0.5, within_s=float("inf"))  # of a partition, between tries in vain


async def patiently(attempt: Callable[[int], Awaitable[T]], patience: Patience, what: str) -> T:
    """Call `attempt(n)`, n from 1, until it does not raise `Unavailable`.

    Raises:
        Unavailable: It still did when patience ended.
    """
    ends_at = asyncio.get_running_loop().time() + patience.within_s
    n = 1
    while True:
        try:
            return await attempt(n)
        except Unavailable as fault:
            if is_cancelled():
                raise asyncio.CancelledError from fault
            wait_s = patience.wait_s(n)
            if asyncio.get_running_loop().time() + wait_s > ends_at:
                raise
            RETRIES.labels(type(fault).__name__).inc()
            _log.warning("%s: %s; trying again in %.1f s", what, fault, wait_s)
            await asyncio.sleep(wait_s)
            n += 1


def is_cancelled() -> bool:
    """Say whether the running task was cancelled and goes on: a client may swallow that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
