"""A consumer that is stopped while a fetch of its own waits after a fault.

aiokafka 0.14 lets the cancellation of that fetch out of `Consumer.stop` (`Fetcher.close`), which
then looks to whoever stopped it like its own, and leaves the connection open. Found in the soak: a
service whose keys were read again while the broker restarted stopped reading a topic in silence.
"""

import asyncio
from typing import Any

from aiokafka.consumer import consumer, fetcher


def keep_cancellations_of_fetches() -> None:
    """Have the fetches of every consumer of this process end when they are cancelled."""
    consumer.Fetcher = _Fetcher


class _Fetcher(fetcher.Fetcher):  # type: ignore[misc]  # aiokafka is not typed
    async def _proc_fetch_request(self, *asked: Any) -> bool:
        try:
            needs_wakeup: bool = await super()._proc_fetch_request(*asked)
        except asyncio.CancelledError:
            return False  # as aiokafka does where it waits for an answer
        return needs_wakeup
