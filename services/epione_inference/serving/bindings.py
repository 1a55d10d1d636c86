"""Runs on a device's memory.

`Bindings` binds it once: rows padded to a few sizes, each with buffers of its own. Where an
output's axes are free, as those of a life's keys and values, no buffer can be made ahead:
`FreeBindings` binds what is asked, and the runtime makes room for what it answers.

A CUDA graph replays what was captured at the addresses and shapes of its capture, without looking:
so each size has its own buffers and its own graph id, and keeps them for the session's life. Such a
session runs one batch at a time. (onnxruntime, CUDA execution provider, "Using CUDA Graphs".)
"""

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime

from epione.errors import Misconfigured

SMALLEST = 8  # rows; one that asks less is padded to it

Array = npt.NDArray[np.generic]
Arrays = tuple[Array, ...]  # of one run, rows along the first axis of each

TYPES = {
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}


@dataclass(frozen=True, slots=True)
class _Bound:
    """The buffers of one shape, and how they are run."""

    binding: onnxruntime.IOBinding
    inputs: tuple[onnxruntime.OrtValue, ...]
    outputs: tuple[onnxruntime.OrtValue, ...]
    options: onnxruntime.RunOptions


class Bindings:
    """A session's runs on bound memory of a device, made for a shape when it is first asked."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        device: str,
        largest: int,
        *,
        graphs: bool = False,
    ) -> None:
        """Prepare to bind.

        Args:
            device: "cuda", or "cpu", where it does the same and saves nothing.
            largest: Rows of one run, at most.
            graphs: Capture a graph for each shape; the session must have been opened for it.

        Raises:
            Misconfigured: An output's size is known only after a run, or its type not at all.
        """
        self._session, self._device, self._largest = session, device, largest
        self._graphs = graphs
        self._outputs = [(each.name, *_form(each)) for each in session.get_outputs()]
        self._bound: dict[tuple[tuple[int, ...], ...], _Bound] = {}
        self._one_at_a_time = threading.Lock()

    def run(self, inputs: Arrays) -> Arrays:
        """Answer rows, `largest` at most."""
        n_rows = len(inputs[0])
        rows = bucket_of(n_rows, self._largest)
        filled = [padded(each, rows) for each in inputs]
        with self._one_at_a_time:
            bound = self._bound_for(filled, rows)
            for value, each in zip(bound.inputs, filled, strict=True):
                value.update_inplace(each)
            self._session.run_with_iobinding(bound.binding, bound.options)
            return tuple(value.numpy()[:n_rows].copy() for value in bound.outputs)

    def _bound_for(self, inputs: list[Array], rows: int) -> _Bound:
        shapes = tuple(each.shape for each in inputs)
        if shapes not in self._bound:
            self._bound[shapes] = self._bind(inputs, rows, graph_id=len(self._bound) + 1)
        return self._bound[shapes]

    def _bind(self, inputs: list[Array], rows: int, graph_id: int) -> _Bound:
        binding = self._session.io_binding()
        options = onnxruntime.RunOptions()
        if self._graphs:
            options.add_run_config_entry("gpu_graph_id", str(graph_id))
        given, answered = [], []
        for each, array in zip(self._session.get_inputs(), inputs, strict=True):
            given.append(self._value(array.shape, array.dtype.type))
            binding.bind_ortvalue_input(each.name, given[-1])
        for name, trailing, dtype in self._outputs:
            answered.append(self._value((rows, *trailing), dtype))
            binding.bind_ortvalue_output(name, answered[-1])
        return _Bound(binding, tuple(given), tuple(answered), options)

    def _value(self, shape: tuple[int, ...], dtype: type[np.generic]) -> onnxruntime.OrtValue:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            list(shape), dtype, self._device, 0
        )


class FreeBindings:
    """A session's runs with inputs on a device, and outputs that the runtime allocates there."""

    def __init__(self, session: onnxruntime.InferenceSession, device: str) -> None:
        """Prepare to bind; `device` as `Bindings` takes it."""
        self._session, self._device = session, device
        self._inputs = [each.name for each in session.get_inputs()]
        self._outputs = [each.name for each in session.get_outputs()]

    def run(self, inputs: Arrays) -> Arrays:
        """Answer; what is bound is bound for this run alone, so that several may run at once."""
        binding = self._session.io_binding()
        for name, array in zip(self._inputs, inputs, strict=True):
            whole = np.ascontiguousarray(array)
            on_device = onnxruntime.OrtValue.ortvalue_from_numpy(whole, self._device, 0)
            binding.bind_ortvalue_input(name, on_device)
        for name in self._outputs:
            binding.bind_output(name, self._device)
        self._session.run_with_iobinding(binding)
        return tuple(binding.copy_outputs_to_cpu())


def bindings_of(
    session: onnxruntime.InferenceSession, device: str, largest: int, *, graphs: bool
) -> Bindings | FreeBindings:
    """Bind ahead where every output's axes but its rows are known; else bind at each run.

    Raises:
        Misconfigured: A graph is asked for where axes are free: it would replay one shape.
    """
    free = [each.name for each in session.get_outputs() if not _is_known(each)]
    if free and graphs:
        raise Misconfigured(f"no CUDA graph can be captured where {free[0]} is of any length")
    if free:
        return FreeBindings(session, device)
    return Bindings(session, device, largest, graphs=graphs)


def bucket_of(n_rows: int, largest: int) -> int:
    """Give the size to which so many rows are padded: the next power of two, `largest` at most.

    >>> [bucket_of(n, 100) for n in (1, 8, 9, 64, 65, 100)]
    [8, 8, 16, 64, 100, 100]
    """
    if n_rows > largest:
        raise ValueError(f"{n_rows=} is more than a run takes, {largest}")
    return min(largest, max(SMALLEST, 1 << (n_rows - 1).bit_length()))


def padded(array: Array, rows: int) -> Array:
    """Repeat the last row until there are so many: a row that is sure to be answered.

    >>> padded(np.array([[1.0], [2.0]]), 4).ravel().tolist()
    [1.0, 2.0, 2.0, 2.0]
    """
    return np.concatenate([array, np.repeat(array[-1:], rows - len(array), axis=0)])


def _form(output: onnxruntime.NodeArg) -> tuple[tuple[int, ...], type[np.generic]]:
    """Give an output's axes after the first, and its type."""
    if not _is_known(output) or output.type not in TYPES:
        raise Misconfigured(f"{output.name} {output.shape} {output.type} cannot be bound ahead")
    return tuple(output.shape[1:]), TYPES[output.type]


def _is_known(output: onnxruntime.NodeArg) -> bool:
    return all(isinstance(axis, int) for axis in output.shape[1:])
