"""Where a model runs is what was asked for, and it runs off the event loop, a few at a time."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from epione.errors import Misconfigured, ModelNotLoaded
from epione_inference.prevent import card_in, shipped
from epione_inference.sessions import (
    CPU,
    CUDA,
    Execution,
    Rows,
    RunPool,
    Session,
    refuse_missing,
    refuse_two_runtimes,
)

DEADLINE_S = 10


@pytest.mark.parametrize(
    "installed",
    [
        pytest.param(["onnxruntime", "onnxruntime-gpu", "numpy"], id="both wheels own one folder"),
        pytest.param(["numpy"], id="none"),
    ],
)
def test_start_up_refuses_without_exactly_one_runtime(installed: list[str]) -> None:
    with pytest.raises(Misconfigured, match="onnxruntime"):
        refuse_two_runtimes(installed)


@pytest.mark.parametrize("runtime", ["onnxruntime", "onnxruntime-gpu"])
def test_one_runtime_is_enough(runtime: str) -> None:
    refuse_two_runtimes([runtime, "onnx", "onnxscript"])


def test_this_environment_has_one_runtime() -> None:
    refuse_two_runtimes()


def test_the_provider_in_use_is_reported() -> None:
    session = Session(card_in(shipped()).artefact, Execution())

    assert session.providers == (CPU,)


def test_a_provider_that_is_not_there_is_refused() -> None:
    with pytest.raises(Misconfigured, match="CUDAExecutionProvider"):
        Session(card_in(shipped()).artefact, Execution(providers=(CUDA, CPU)))


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_fell_back_in_silence_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # As where the CUDA wheel is installed and the driver is not: there by name, not in use.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])

    with pytest.raises(Misconfigured, match="CUDAExecutionProvider"):
        Session(card_in(shipped()).artefact, Execution(providers=(CUDA, CPU)))


def test_every_provider_that_was_asked_for_must_be_had() -> None:
    refuse_missing((CUDA, CPU), (CUDA, CPU))
    with pytest.raises(Misconfigured):
        refuse_missing((CUDA, CPU), (CPU,))


def failing_model(folder: Path) -> Path:
    """Write a model that loads and fails when it runs: it asks 14 numbers to be 7."""
    rows = helper.make_tensor_value_info("inputs", TensorProto.DOUBLE, ["batch", 14])
    seven = helper.make_tensor_value_info("seven", TensorProto.DOUBLE, [7])
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [7])
    node = helper.make_node("Reshape", ["inputs", "shape"], ["seven"])
    graph = helper.make_graph([node], "failing", [rows], [seven], [shape])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, folder / "failing.onnx")
    return folder / "failing.onnx"


def test_a_run_that_fails_is_unavailable_and_not_tried_elsewhere(tmp_path: Path) -> None:
    session = Session(failing_model(tmp_path), Execution())

    with pytest.raises(ModelNotLoaded, match="CPUExecutionProvider failed"):
        session.run(np.zeros((1, 14)))


async def test_a_model_runs_off_the_event_loop() -> None:
    pool = RunPool(Execution())

    thread = await pool.run(lambda rows: threading.current_thread(), np.zeros((1, 14)))

    pool.close()
    assert thread is not threading.current_thread()


async def test_no_more_runs_at_once_than_allowed() -> None:
    pool = RunPool(Execution(runs_at_once=2))
    running, most, both, end = 0, 0, threading.Event(), threading.Event()
    lock = threading.Lock()

    def run(rows: Rows) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 2:
                both.set()
        end.wait(DEADLINE_S)
        with lock:
            running -= 1
        return len(rows)

    runs = [asyncio.create_task(pool.run(run, np.zeros((n, 14)))) for n in range(5)]
    await asyncio.to_thread(both.wait, DEADLINE_S)
    end.set()

    assert await asyncio.gather(*runs) == [0, 1, 2, 3, 4]
    pool.close()
    assert most == 2
