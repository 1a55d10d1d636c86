"""Watching what is outside: does it answer, now, in time?"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from epione.errors import Unavailable
from epione.messaging.patience import is_cancelled
from epione.operations import Verdict
from epione.telemetry import REACHABLE, Part

EVERY_S = 0.25
WITHIN_S = 0.5  # with EVERY_S: a part that dies is known to be dead in less than a second
LATE_S = 0.1
SHOWN = {Part.KAFKA: "Kafka", Part.STATE: "the Redis of state", Part.CACHE: "the Redis of results"}

_log = logging.getLogger(__name__)


class Watch:
    """Asks a part again and again, and says whether it answers, as a metric too."""

    def __init__(
        self,
        part: Part,
        ask: Callable[[], Awaitable[object]],
        *,
        every_s: float = EVERY_S,
        within_s: float = WITHIN_S,
    ) -> None:
        """Prepare to watch; nothing is asked yet, and so nothing answers.

        Args:
            ask: Returns once the part answers, or raises `Unavailable`.
        """
        self._part, self._ask = part, ask
        self._every_s, self._within_s = every_s, within_s
        self._answers, self._since_s = False, time.monotonic()
        self._gauge = REACHABLE.labels(part)
        self._gauge.set(0)

    async def run(self) -> None:
        """Go on until cancelled."""
        while not is_cancelled():
            self._tell(await self._answered())
            await asyncio.sleep(self._every_s)

    def claim(self) -> Verdict:
        if self._answers:
            return Verdict(True, "it answers")
        return Verdict(False, f"no answer for {time.monotonic() - self._since_s:.1f} s")

    async def _answered(self) -> bool:
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(self._within_s):
                await self._ask()
        except Unavailable:
            return False
        except TimeoutError:
            # A time-out that comes late says that the loop was busy, and nothing of the part.
            was_busy = time.monotonic() - began_s > self._within_s + LATE_S
            return self._answers if was_busy else False
        return True

    def _tell(self, answers: bool) -> None:
        if answers == self._answers:
            return
        self._answers, self._since_s = answers, time.monotonic()
        self._gauge.set(answers)
        if answers:
            _log.info("%s answers", SHOWN[self._part])
        else:
            _log.error("%s does not answer", SHOWN[self._part])
