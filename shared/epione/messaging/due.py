"""Time, as messages: what the fold said is due is told to the log when its time has come."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from epione.errors import Unavailable
from epione.messaging.folding import Folding
from epione.messaging.log import Message
from epione.messaging.patience import is_cancelled
from epione.messaging.state import StateStore

OnDue = Callable[[str, int], Message]
AT_ONCE = 1_000  # of one partition: more are told once these are folded

_log = logging.getLogger(__name__)


class DueTimes:
    """Publishes, for each key that is due, the message that says so; again after a restart.

    A key stays due until the fold, having read that message, stores its next time (or none).
    """

    def __init__(
        self,
        folding: Folding[Any],
        store: StateStore,
        on_due: OnDue,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        every_s: float = 1.0,
    ) -> None:
        self._folding, self._store, self._on_due = folding, store, on_due
        self._now_ms, self._every_s = now_ms, every_s
        self._told: dict[int, set[tuple[str, int]]] = {}

    async def run(self) -> None:
        """Go on until cancelled; a world at fault is tried again at the next turn."""
        while not is_cancelled():
            try:
                await self.tell()
            except Unavailable as fault:
                _log.warning("due times: %s", fault)
            await asyncio.sleep(self._every_s)

    async def tell(self) -> None:
        """Look once at the partitions that this process holds now.

        Raises:
            StateLost: The state of one was lost.
            Unavailable: Redis or Kafka does not answer.
        """
        for partition in self._folding.partitions:
            await self._folding.refuse_loss(partition)
            due = await self._store.due(partition, self._now_ms(), AT_ONCE)
            told = self._told.get(partition, set())
            fresh = [entry for entry in due if entry not in told]
            await self._folding.tell([self._on_due(key, at_ms) for key, at_ms in fresh])
            self._told[partition] = set(due)
