"""Rows on bound memory, padded to a few sizes: the same answers as rows that are simply given.

On the CPU, which binds as CUDA does; graphs themselves need a device.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from epione.errors import Misconfigured
from epione.timeline.exported import Form
from epione_inference.prevent import shipped
from epione_inference.serving.bindings import (
    Array,
    Arrays,
    Bindings,
    FreeBindings,
    bindings_of,
    bucket_of,
    padded,
)

LARGEST = 64


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        shipped() / "model.onnx", providers=["CPUExecutionProvider"]
    )


def rows(n_rows: int, seed: int = 1) -> Array:
    woman = [50, 0, 160, 1, 200, 45, 0, 1, 0, 90, 35, np.nan, np.nan, np.nan]
    drawn = np.tile(np.array(woman, dtype=np.float64), (n_rows, 1))
    drawn[:, 2] = np.random.default_rng(seed).uniform(90, 180, n_rows)
    return drawn


@pytest.mark.parametrize("n_rows", [1, 7, 8, 9, 40, 64])
def test_answers_are_those_of_a_plain_run_to_the_last_bit(
    session: onnxruntime.InferenceSession, n_rows: int
) -> None:
    bindings = Bindings(session, "cpu", LARGEST)
    asked = rows(n_rows)

    answers = bindings.run((asked,))

    plain = session.run(None, {"inputs": asked})
    assert [each.tobytes() for each in answers] == [each.tobytes() for each in plain]


def test_answers_stay_what_they_were_when_the_memory_is_used_again(
    session: onnxruntime.InferenceSession,
) -> None:
    bindings = Bindings(session, "cpu", LARGEST)
    first = bindings.run((rows(5),))
    kept = [each.copy() for each in first]

    bindings.run((rows(6, seed=2),))

    assert all(np.array_equal(a, b) for a, b in zip(first, kept, strict=True))


def test_sizes_take_turns_on_memory_of_their_own(session: onnxruntime.InferenceSession) -> None:
    bindings = Bindings(session, "cpu", LARGEST)
    sizes = [3, 40, 4, 33, 64, 1]

    answers = [bindings.run((rows(n),))[0] for n in sizes]

    plain = [session.run(None, {"inputs": rows(n)})[0] for n in sizes]
    assert all(np.array_equal(a, b) for a, b in zip(answers, plain, strict=True))


def test_more_rows_than_a_run_takes_are_the_callers_mistake(
    session: onnxruntime.InferenceSession,
) -> None:
    with pytest.raises(ValueError, match="more than a run takes"):
        Bindings(session, "cpu", LARGEST).run((rows(65),))


@pytest.mark.parametrize(
    ("n_rows", "bucket"),
    [
        pytest.param(1, 8, id="never less than the smallest"),
        pytest.param(8, 8, id="a power of two is itself"),
        pytest.param(9, 16, id="else the next one"),
        pytest.param(65, 100, id="never more than the largest"),
        pytest.param(100, 100, id="the largest"),
    ],
)
def test_sizes_are_few(n_rows: int, bucket: int) -> None:
    assert bucket_of(n_rows, 100) == bucket


def test_a_largest_below_the_smallest_holds() -> None:
    assert bucket_of(2, 4) == 4


def test_what_is_padded_repeats_a_row_that_is_answered() -> None:
    assert padded(rows(3), 3).tobytes() == rows(3).tobytes()
    assert padded(rows(3), 8)[3:].tobytes() == np.tile(rows(3)[-1], (5, 1)).tobytes()


def test_an_output_of_unknown_size_is_refused() -> None:
    asked = helper.make_tensor_value_info("asked", TensorProto.FLOAT, ["batch", "time"])
    said = helper.make_tensor_value_info("said", TensorProto.FLOAT, ["batch", "time"])
    node = helper.make_node("Identity", ["asked"], ["said"])
    graph = helper.make_graph([node], "as it is", [asked], [said])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )

    with pytest.raises(Misconfigured, match="said"):
        Bindings(session, "cpu", LARGEST)


@pytest.fixture(scope="module")
def of_a_life(served_life: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        served_life / "model.onnx", providers=["CPUExecutionProvider"]
    )


def life(served_life: Path, n_lives: int, n_tokens: int) -> Arrays:
    """Give what is asked of lives of which nothing was read before: some arrays are empty."""
    form = Form(**json.loads((served_life / "card.json").read_text())["form"])
    shape = (n_lives, 1, n_tokens)
    tokens = np.full(shape, 4, np.int64)
    ages = np.broadcast_to(np.arange(n_tokens, dtype=np.float32) * 900, shape)
    return (tokens, ages, np.full((n_lives, 1, 1), n_tokens - 1), *form.unread(n_lives))


@pytest.mark.parametrize(("n_lives", "n_tokens"), [(1, 1), (3, 7), (2, 40)])
def test_where_axes_are_free_answers_are_those_of_a_plain_run(
    of_a_life: onnxruntime.InferenceSession, served_life: Path, n_lives: int, n_tokens: int
) -> None:
    asked = life(served_life, n_lives, n_tokens)
    bindings = FreeBindings(of_a_life, "cpu")

    answers = bindings.run(asked)

    names = [each.name for each in of_a_life.get_inputs()]
    plain = of_a_life.run(None, dict(zip(names, asked, strict=True)))
    assert [each.shape for each in answers] == [each.shape for each in plain]
    assert [each.tobytes() for each in answers] == [each.tobytes() for each in plain]


def test_memory_is_bound_ahead_where_every_axis_but_the_rows_is_known(
    session: onnxruntime.InferenceSession, of_a_life: onnxruntime.InferenceSession
) -> None:
    assert isinstance(bindings_of(session, "cpu", LARGEST, graphs=True), Bindings)
    assert isinstance(bindings_of(of_a_life, "cpu", LARGEST, graphs=False), FreeBindings)


def test_a_graph_of_free_axes_is_refused(of_a_life: onnxruntime.InferenceSession) -> None:
    with pytest.raises(Misconfigured, match="no CUDA graph can be captured where log_rates"):
        bindings_of(of_a_life, "cpu", LARGEST, graphs=True)
