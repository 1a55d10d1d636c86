"""ONNX Runtime: where a model runs, asserted, and asked from a bounded number of threads.

A requested CUDA provider that cannot be had is replaced by the CPU in silence, at the start and,
after a failure, in the middle (onnxruntime 1.32); both are refused here.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import (
    DeviceReset,
    EngineError,
    EPFail,
    Fail,
    RuntimeException,
)

from epione.errors import Misconfigured, ModelNotLoaded

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# Both own the folder `onnxruntime`: whichever was installed last is the one that runs.
RUNTIMES = frozenset({"onnxruntime", "onnxruntime-gpu"})

Rows = npt.NDArray[np.float64]
Answers = TypeVar("Answers")


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how wide a model runs."""

    providers: tuple[str, ...] = (CPU,)  # in order of preference; every one must be had
    intra_op_threads: int = 1  # of one run
    runs_at_once: int = 2  # one more waits its turn, and so does the batch that asked


def refuse_two_runtimes(installed: Iterable[str] | None = None) -> None:
    """Refuse to start where both wheels of onnxruntime are installed.

    Args:
        installed: Names of distributions; those of this environment where None.

    Raises:
        Misconfigured: Both are there, or neither.
    """
    if installed is None:
        installed = (each.metadata["Name"] for each in distributions())
    found = RUNTIMES.intersection(name.lower() for name in installed if name)
    if len(found) != 1:
        raise Misconfigured(
            f"exactly one of {sorted(RUNTIMES)} must be installed, found {sorted(found)}"
        )


class Session:
    """A model on the execution providers that were asked for, and no others."""

    def __init__(self, artefact: Path, execution: Execution) -> None:
        """Load a model.

        Raises:
            Misconfigured: A provider that was asked for is not the one in use.
        """
        refuse_missing(execution.providers, onnxruntime.get_available_providers())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = execution.intra_op_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            artefact, options, providers=list(execution.providers), enable_fallback=0
        )
        refuse_missing(execution.providers, self.providers)

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers in use, the preferred one first."""
        return tuple(self._session.get_providers())

    def run(self, rows: Rows) -> Sequence[npt.NDArray[np.generic]]:
        """Answer rows; may be called from several threads at once.

        Raises:
            ModelNotLoaded: The provider failed.
        """
        (name,) = (each.name for each in self._session.get_inputs())
        try:
            answers: Sequence[npt.NDArray[np.generic]] = self._session.run(None, {name: rows})
        except (DeviceReset, EngineError, EPFail, Fail, RuntimeException) as fault:
            raise ModelNotLoaded(f"{self.providers[0]} failed: {type(fault).__name__}") from fault
        return answers


def refuse_missing(asked: Sequence[str], had: Sequence[str]) -> None:
    """Refuse a provider that was asked for and is not had."""
    if missing := [provider for provider in asked if provider not in had]:
        raise Misconfigured(f"execution providers {missing} were asked for; there are {list(had)}")


class RunPool:
    """Threads for runs off the event loop; nothing queues up behind them."""

    def __init__(self, execution: Execution) -> None:
        self._threads = ThreadPoolExecutor(execution.runs_at_once, thread_name_prefix="onnx")
        self._places = asyncio.Semaphore(execution.runs_at_once)

    async def run(self, model: Callable[[Rows], Answers], rows: Rows) -> Answers:
        """Answer rows; waits its turn where every thread is busy."""
        async with self._places:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, model, rows)

    def close(self) -> None:
        """Wait for the runs in hand."""
        self._threads.shutdown(wait=True)
