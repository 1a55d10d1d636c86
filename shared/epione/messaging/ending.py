"""When consuming ends: it was asked to stop, or something failed."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Ending:
    """A wish to stop and the first failure, as one thing to wait for."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._failed = asyncio.Event()
        self._error: BaseException | None = None

    @property
    def failed(self) -> bool:
        return self._failed.is_set()

    @property
    def is_near(self) -> bool:
        return self.failed or self._stop.is_set()

    def fail(self, error: BaseException) -> None:
        """Name the failure; the first one counts."""
        self._error = self._error or error
        self._failed.set()

    async def wait(self) -> None:
        """Wait until it ends."""
        await _first_of(self._stop.wait(), self._failed.wait())

    async def unless_ended(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work, or give it up where the end comes first."""
        await _first_of(work, self.wait())

    def raise_failure(self) -> None:
        if self._error is not None:
            raise self._error


async def _first_of(*works: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
