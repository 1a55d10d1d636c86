"""What joining runs and binding memory are worth, for PREVENT and for a model of 8 million weights.

pytest tests/benchmarks/test_serving.py -s
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from epione_inference.prevent import shipped
from epione_inference.serving import Arrays, Execution, MicroBatches, RunPool, Session
from epione_inference.serving.bindings import Bindings

ASKERS = 6  # partitions whose batches ask at once
ROUNDS = 7
SECONDS = 0.15  # of one way in one round
WIDTH = 2_048  # two layers of it are 8.4 million weights

Way = Callable[[], Awaitable[object]]


def prevent() -> bytes:
    return (shipped() / "model.onnx").read_bytes()


def stand_in() -> bytes:
    """Make a model of the size of the one to come: two dense layers, float32, of random weights."""
    generator = np.random.default_rng(1)
    nodes, weights, name = [], [], "inputs"
    for layer in ("first", "second"):
        values = generator.normal(size=(WIDTH, WIDTH)).astype(np.float32) / np.sqrt(WIDTH)
        weights.append(numpy_helper.from_array(values.astype(np.float32), layer))
        nodes.append(helper.make_node("MatMul", [name, layer], [f"{layer}_product"]))
        nodes.append(helper.make_node("Tanh", [f"{layer}_product"], [f"{layer}_out"]))
        name = f"{layer}_out"
    asked = helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["batch", WIDTH])
    said = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", WIDTH])
    graph = helper.make_graph(nodes, "stand-in", [asked], [said], weights)
    opset = helper.make_opsetid("", 20)
    return helper.make_model(graph, opset_imports=[opset], ir_version=10).SerializeToString()


def rows_for(model: Callable[[], bytes], n_rows: int) -> Arrays:
    generator = np.random.default_rng(2)
    if model is stand_in:
        return (generator.normal(size=(n_rows, WIDTH)).astype(np.float32),)
    woman = [50, 0, 160, 1, 200, 45, 0, 1, 0, 90, 35, np.nan, np.nan, np.nan]
    rows = np.tile(np.array(woman, dtype=np.float64), (n_rows, 1))
    rows[:, 2] = generator.uniform(90, 180, n_rows)
    return (rows,)


async def per_second(way: Way) -> float:
    """Give how often it gets done in a second of processor time, on a machine with other work."""
    n, began, worked = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < SECONDS:
        await way()
        n += 1
    return n / (time.process_time() - worked)


async def ratios(anchor: Way, other: Way) -> list[float]:
    """Give, by round, how often `other` gets done in the time in which `anchor` does once."""
    await anchor(), await other()
    return [await per_second(other) / await per_second(anchor) for _ in range(ROUNDS)]


def report(what: str, found: list[float]) -> None:
    middle, low, high = statistics.median(found), min(found), max(found)
    print(f"  {what:48} {middle:.2f}x ({low:.2f} to {high:.2f})")


@pytest.mark.parametrize("model", [prevent, stand_in])
@pytest.mark.parametrize("n_rows", [1, 8, 64])
async def test_joined_against_apart(model: Callable[[], bytes], n_rows: int) -> None:
    """Six batches ask at once: in one run, or each in one of its own."""
    execution = Execution(rows_at_once=ASKERS * n_rows)
    session, pool, rows = Session(model(), execution), RunPool(2), rows_for(model, n_rows)
    batches = MicroBatches(session.run, pool, execution)

    async def alone() -> Arrays:
        async with pool.places:
            return await pool.run(session.run, rows)

    found = await ratios(
        lambda: asyncio.gather(*(alone() for _ in range(ASKERS))),
        lambda: asyncio.gather(*(batches.answer(rows) for _ in range(ASKERS))),
    )

    pool.close()
    report(f"{model.__name__}, {ASKERS} ask {n_rows} rows each, joined", found)


@pytest.mark.parametrize("model", [prevent, stand_in])
@pytest.mark.parametrize("n_rows", [8, 512])
async def test_bound_against_plain_on_the_cpu(model: Callable[[], bytes], n_rows: int) -> None:
    """Buffers that are bound once, or memory made by every run."""
    artefact, rows = model(), rows_for(model, n_rows)
    session = Session(artefact, Execution())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    bound = Bindings(
        onnxruntime.InferenceSession(artefact, options, providers=["CPUExecutionProvider"]),
        "cpu",
        n_rows,
    )

    async def plain() -> Arrays:
        return session.run(rows)

    async def binding() -> Arrays:
        return bound.run(rows)

    report(f"{model.__name__}, {n_rows} rows, bound", await ratios(plain, binding))


@pytest.mark.parametrize("at_once", [256, 1_024, 4_096])
async def test_parted_against_whole(at_once: int) -> None:
    """A large batch of PREVENT in runs of so many rows, or in one."""
    rows = rows_for(prevent, 4_096)
    pool = RunPool(1)
    session = Session(prevent(), Execution())
    whole = MicroBatches(session.run, pool, Execution(rows_at_once=4_096))
    parted = MicroBatches(session.run, pool, Execution(rows_at_once=at_once))

    found = await ratios(lambda: whole.answer(rows), lambda: parted.answer(rows))

    pool.close()
    report(f"prevent, 4096 rows in runs of {at_once}, one thread", found)
