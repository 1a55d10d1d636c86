"""Asked at the same time, answered in one run: off the event loop, a few runs at a time."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from epione_inference.serving.bindings import Arrays
from epione_inference.serving.sessions import Execution

MOST_WAITING = 64  # parts of a run's size; who asks more waits before it may ask
LEAST_PRIORITY = 19  # of a thread, as `nice` counts


Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class RunPool:
    """Threads for runs. The versions of a model share one: none adds to what runs at once."""

    def __init__(self, runs_at_once: int, *, in_background: bool = False) -> None:
        """Prepare the threads.

        Args:
            in_background: They yield the processor to every other thread.
        """
        self._threads = ThreadPoolExecutor(
            runs_at_once,
            thread_name_prefix="onnx",
            initializer=_yield_to_others if in_background else None,
        )
        self.places = asyncio.Semaphore(runs_at_once)

    async def run(self, run: Callable[[Asked], Answer], asked: Asked) -> Answer:
        """Run in a thread, in a place that the caller holds."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, run, asked)

    def close(self) -> None:
        """Wait for the runs in hand."""
        self._threads.shutdown(wait=True)


def _yield_to_others() -> None:
    if sys.platform == "linux":  # elsewhere the whole process would yield
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LEAST_PRIORITY)


@dataclass(frozen=True, slots=True)
class _Asked:
    inputs: Arrays
    answer: asyncio.Future[Arrays]

    @property
    def n_rows(self) -> int:
        return len(self.inputs[0])

    @property
    def form(self) -> tuple[tuple[int, ...], ...]:
        """What must be the same of rows that are answered together."""
        return tuple(each.shape[1:] for each in self.inputs)


class MicroBatches:
    """Joins what several ask into runs of one model, and parts what is too much for one run.

    A run takes what waits when a thread is free; one that is not full waits `wait_s` for more.
    """

    def __init__(
        self, run: Callable[[Arrays], Arrays], pool: RunPool, execution: Execution
    ) -> None:
        self._run, self._pool = run, pool
        self._rows_at_once, self._wait_s = execution.rows_at_once, execution.wait_s
        self._waiting: list[_Asked] = []
        self._is_full = asyncio.Event()
        self._may_wait = asyncio.Semaphore(MOST_WAITING)
        self._runs: set[asyncio.Task[None]] = set()

    async def answer(self, inputs: Arrays) -> Arrays:
        """Answer rows in order, at least one.

        Raises:
            Whatever the run raised, to everyone whose rows were in it.
        """
        starts = range(0, len(inputs[0]), self._rows_at_once)
        parts = [tuple(each[n : n + self._rows_at_once] for each in inputs) for n in starts]
        answers = await asyncio.gather(*map(self._answer, parts))
        return joined(answers)

    async def _answer(self, inputs: Arrays) -> Arrays:
        async with self._may_wait:
            answer: asyncio.Future[Arrays] = asyncio.get_running_loop().create_future()
            self._waiting.append(_Asked(inputs, answer))
            self._count()
            # A task of its own: it may answer others, too, whatever becomes of who asked.
            run = asyncio.create_task(self._run_one())
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)
            return await answer

    async def _run_one(self) -> None:
        if self._wait_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s):
                    await self._is_full.wait()
        async with self._pool.places:
            batch = self._take()
            if not batch:
                return  # answered with others
            try:
                rows = joined([asked.inputs for asked in batch])
                answers = await self._pool.run(self._run, rows)
            except Exception as fault:  # noqa: BLE001 - whoever asked raises it
                for asked in batch:
                    if not asked.answer.done():
                        asked.answer.set_exception(fault)
            else:
                _give(batch, answers)

    def _take(self) -> list[_Asked]:
        """Take what waits, in its order, as far as one run can hold it."""
        batch: list[_Asked] = []
        left: list[_Asked] = []
        n_rows = 0
        for asked in self._waiting:
            if asked.answer.done():
                continue  # who asked was cancelled
            fits = not batch or asked.form == batch[0].form
            if fits and n_rows + asked.n_rows <= self._rows_at_once:
                batch.append(asked)
                n_rows += asked.n_rows
            else:
                left.append(asked)
        self._waiting = left
        self._count()
        return batch

    def _count(self) -> None:
        if sum(asked.n_rows for asked in self._waiting) >= self._rows_at_once:
            self._is_full.set()
        else:
            self._is_full.clear()


def joined(several: list[Arrays]) -> Arrays:
    """Put arrays one after the other, each with those of its place."""
    if len(several) == 1:
        return several[0]
    return tuple(np.concatenate(each) for each in zip(*several, strict=True))


def _give(batch: list[_Asked], answers: Arrays) -> None:
    """Give each its rows."""
    start = 0
    for asked in batch:
        end = start + asked.n_rows
        if not asked.answer.done():
            asked.answer.set_result(tuple(each[start:end] for each in answers))
        start = end
