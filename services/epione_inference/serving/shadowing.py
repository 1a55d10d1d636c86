"""A candidate model answers what the current one answered; only the difference is counted.

It runs behind: on a thread that yields to every other, from a queue that drops when it is full. No
answer of it goes anywhere, and none of its faults is anyone's.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from epione.messaging.service import Beside
from epione.telemetry import SHADOW_COMPARED, SHADOW_DIFFERENCE
from epione_inference.serving.batching import RunPool
from epione_inference.serving.bindings import Array, Arrays
from epione_inference.serving.versions import Role, Serving, Version

Differences = npt.NDArray[np.float64]

WHAT = "model"
MOST_WAITING = 8  # batches of questions

_log = logging.getLogger(__name__)


class Shadow:
    """Holds a candidate's answers against those that were given."""

    def __init__(self, pointer: Path, open_version: Callable[[Path, RunPool], Version]) -> None:
        """Prepare to compare; the candidate is loaded once `beside` runs.

        Args:
            pointer: As `Serving` takes it.
            open_version: Loads the version in a folder, to run in a pool.
        """
        self._pool = RunPool(1, in_background=True)
        self._candidate = Serving(
            pointer, lambda folder: open_version(folder, self._pool), Role.SHADOW
        )
        self._waiting: asyncio.Queue[tuple[Arrays, Arrays]] = asyncio.Queue(MOST_WAITING)

    @property
    def beside(self) -> Sequence[Beside]:
        """What is to run for as long as the service does."""
        return (self._candidate.watch, self.compare)

    def offer(self, inputs: Arrays, answers: Arrays) -> None:
        """Have rows compared that were answered; at once, and whatever becomes of it."""
        try:
            self._waiting.put_nowait((inputs, answers))
        except asyncio.QueueFull:
            SHADOW_COMPARED.labels(WHAT, "dropped").inc(len(inputs[0]))

    async def compare(self) -> None:
        """Compare what is offered, for as long as the service runs."""
        while True:
            inputs, answers = await self._waiting.get()
            try:
                candidate = self._candidate.current
                count(candidate, answers, await candidate.answer(inputs))
            except Exception as fault:  # noqa: BLE001 - a candidate's fault is never the service's
                SHADOW_COMPARED.labels(WHAT, "failed").inc(len(inputs[0]))
                _log.warning("the shadow model failed: %s", type(fault).__name__)

    def close(self) -> None:
        """Wait for the run in hand."""
        self._pool.close()


def count(candidate: Version, answers: Arrays, others: Arrays) -> None:
    """Count rows that are answered alike and otherwise, and by how much at most."""
    differences = largest_differences(answers, others)
    n_different = int(np.count_nonzero(differences))
    SHADOW_COMPARED.labels(WHAT, "equal").inc(len(differences) - n_different)
    SHADOW_COMPARED.labels(WHAT, "different").inc(n_different)
    observe = SHADOW_DIFFERENCE.labels(candidate.card.name, candidate.card.version).observe
    for difference in differences[differences > 0].tolist():
        observe(difference)


def largest_differences(answers: Arrays, others: Arrays) -> Differences:
    """Give, for each row, the largest difference of any number of it; NaN equals NaN.

    Returns:
        (n_rows,), infinite where only one of two is a number.
    """
    rows = [_row_differences(a, b) for a, b in zip(answers, others, strict=True)]
    worst: Differences = np.maximum.reduce(rows)
    return worst


def _row_differences(answers: Array, others: Array) -> Differences:
    a, b = (each.reshape(len(each), -1).astype(np.float64) for each in (answers, others))
    difference = np.where(np.isnan(a) & np.isnan(b), 0.0, np.abs(a - b))
    worst: Differences = np.nan_to_num(difference, nan=np.inf, posinf=np.inf).max(axis=1)
    return worst
