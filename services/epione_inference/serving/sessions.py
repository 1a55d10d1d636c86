"""ONNX Runtime: where a model runs, asserted.

A requested CUDA provider that cannot be had is replaced by the CPU in silence, at the start and,
after a failure, in the middle (onnxruntime 1.32); both are refused here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import (
    DeviceReset,
    EngineError,
    EPFail,
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    RuntimeException,
)
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NotByRuntime

from epione.errors import Misconfigured, ModelNotLoaded
from epione_inference.serving.bindings import TYPES, Arrays, bindings_of

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# Both own the folder `onnxruntime`: whichever was installed last is the one that runs.
RUNTIMES = frozenset({"onnxruntime", "onnxruntime-gpu"})

_LOADING = (EPFail, Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotByRuntime)
_RUNNING = (DeviceReset, EngineError, EPFail, Fail, RuntimeException)


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how wide a model runs."""

    providers: tuple[str, ...] = (CPU,)  # in order of preference; every one must be had
    intra_op_threads: int = 1  # of one run
    runs_at_once: int = 2  # one more waits its turn, and so does the batch that asked
    rows_at_once: int = 1024  # of one run, at most
    wait_s: float = 0.0  # for others' rows, before a run that is not full
    graphs: bool = False  # CUDA graphs: only where every node of the model runs on CUDA


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

    def __init__(self, artefact: bytes, execution: Execution) -> None:
        """Load a model.

        Raises:
            Misconfigured: A provider that was asked for is not the one in use, the runtime does
                not take the artefact, or graphs are asked for where a model's axes are free.
        """
        refuse_missing(execution.providers, onnxruntime.get_available_providers())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = execution.intra_op_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                artefact, options, providers=providers_of(execution), enable_fallback=0
            )
        except _LOADING as fault:
            raise Misconfigured(f"the runtime refuses the model: {type(fault).__name__}") from fault
        refuse_missing(execution.providers, self.providers)
        self.inputs = {each.name: TYPES[each.type] for each in self._session.get_inputs()}
        self.outputs = tuple(each.name for each in self._session.get_outputs())
        # On the CPU, binding does not pay (tests/benchmarks/README.md).
        on_cuda = execution.providers[0] == CUDA
        self._bindings = (
            bindings_of(self._session, "cuda", execution.rows_at_once, graphs=execution.graphs)
            if on_cuda
            else None
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers in use, the preferred one first."""
        return tuple(self._session.get_providers())

    def run(self, inputs: Arrays) -> Arrays:
        """Answer rows; may be called from several threads at once.

        Args:
            inputs: One array for each of the model's inputs, in their order.

        Returns:
            One array for each of its outputs, in their order.

        Raises:
            ModelNotLoaded: The provider failed.
            ValueError: The rows are not of the model's shape.
        """
        try:
            if self._bindings is not None:
                return self._bindings.run(inputs)
            return tuple(self._session.run(None, dict(zip(self.inputs, inputs, strict=True))))
        except _RUNNING as fault:
            raise ModelNotLoaded(f"{self.providers[0]} failed: {type(fault).__name__}") from fault
        except InvalidArgument:
            raise ValueError(f"{[each.shape for each in inputs]} do not fit the model") from None


def refuse_missing(asked: Sequence[str], had: Sequence[str]) -> None:
    """Refuse a provider that was asked for and is not had."""
    if missing := [provider for provider in asked if provider not in had]:
        raise Misconfigured(f"execution providers {missing} were asked for; there are {list(had)}")


def providers_of(execution: Execution) -> list[tuple[str, Mapping[str, str]]]:
    """Give the providers with their options, as the runtime takes them."""
    return [(name, _cuda(execution) if name == CUDA else {}) for name in execution.providers]


def _cuda(execution: Execution) -> Mapping[str, str]:
    """Say how CUDA is used: float32 as float32, and memory as asked for.

    TF32, the provider's default, rounds the factors of every product to ten bits.
    """
    return {
        "use_tf32": "0",
        "arena_extend_strategy": "kSameAsRequested",
        "enable_cuda_graph": "1" if execution.graphs else "0",
    }
