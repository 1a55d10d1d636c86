"""Where a model runs is what was asked for; a fault of it is told from a caller's."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from epione.errors import Misconfigured, ModelNotLoaded
from epione_inference.prevent import shipped
from epione_inference.serving import CPU, CUDA, Execution, Session, refuse_two_runtimes
from epione_inference.serving.sessions import providers_of, refuse_missing

SHIPPED = (shipped() / "model.onnx").read_bytes()


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
    session = Session(SHIPPED, Execution())

    assert session.providers == (CPU,)


def test_a_provider_that_is_not_there_is_refused() -> None:
    with pytest.raises(Misconfigured, match="CUDAExecutionProvider"):
        Session(SHIPPED, Execution(providers=(CUDA, CPU)))


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_fell_back_in_silence_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # As where the CUDA wheel is installed and the driver is not: there by name, not in use.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])

    with pytest.raises(Misconfigured, match="CUDAExecutionProvider"):
        Session(SHIPPED, Execution(providers=(CUDA, CPU)))


def test_every_provider_that_was_asked_for_must_be_had() -> None:
    refuse_missing((CUDA, CPU), (CUDA, CPU))
    with pytest.raises(Misconfigured):
        refuse_missing((CUDA, CPU), (CPU,))


def failing_model() -> bytes:
    """Write a model that loads and fails when it runs: it asks 14 numbers to be 7."""
    rows = helper.make_tensor_value_info("inputs", TensorProto.DOUBLE, ["batch", 14])
    seven = helper.make_tensor_value_info("seven", TensorProto.DOUBLE, [7])
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [7])
    node = helper.make_node("Reshape", ["inputs", "shape"], ["seven"])
    graph = helper.make_graph([node], "failing", [rows], [seven], [shape])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return model.SerializeToString()


def test_a_run_that_fails_is_unavailable_and_not_tried_elsewhere() -> None:
    session = Session(failing_model(), Execution())

    with pytest.raises(ModelNotLoaded, match="CPUExecutionProvider failed"):
        session.run((np.zeros((1, 14)),))


def test_rows_that_do_not_fit_are_the_callers_mistake() -> None:
    session = Session(SHIPPED, Execution())

    with pytest.raises(ValueError, match=r"\(1, 13\)"):
        session.run((np.zeros((1, 13)),))


@pytest.mark.parametrize(
    "artefact",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no model", id="rubbish"),
        pytest.param(SHIPPED[: len(SHIPPED) // 2], id="half"),
    ],
)
def test_what_is_no_model_is_refused(artefact: bytes) -> None:
    with pytest.raises(Misconfigured, match="the runtime refuses the model"):
        Session(artefact, Execution())


def test_a_session_names_what_it_asks_and_answers() -> None:
    session = Session(SHIPPED, Execution())

    assert session.inputs == {"inputs": np.float64}
    assert session.outputs == ("risks", "model")


# ── options; the rest of CUDA has not been run: no device was at hand ──


def test_the_cpu_takes_no_options() -> None:
    assert providers_of(Execution()) == [(CPU, {})]


@pytest.mark.parametrize(
    ("graphs", "said"), [pytest.param(True, "1", id="on"), pytest.param(False, "0", id="off")]
)
def test_cuda_computes_in_full_precision_and_captures_graphs_where_told(
    graphs: bool, said: str
) -> None:
    (cuda, options), cpu = providers_of(Execution(providers=(CUDA, CPU), graphs=graphs))

    assert (cuda, cpu) == (CUDA, (CPU, {}))
    assert options["use_tf32"] == "0"
    assert options["enable_cuda_graph"] == said
