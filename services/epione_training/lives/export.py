"""A trained model as a folder that can be served: an ONNX graph, the vocabulary, and a card.

The graph is `exported.Form`. With `int8` the weights of the transformer's linear layers are
integers of eight bits, one scale a column, and what goes into them is rounded to eight bits while
it runs, by one scale for all rows of a run (onnxruntime's dynamic quantisation): so an answer
depends a little on who is asked about together with whom. Counted rates and lifts stay float32.
"""

import hashlib
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor
from torch.export import Dim

from epione.errors import MalformedCohort, Misconfigured
from epione.timeline.exported import MODEL, NAME, VOCABULARY, Arrays, Form
from epione.timeline.told import LONGEST
from epione.timeline.vocabulary import NO_EVENT, Vocabulary
from epione_training.lives.attributes import Known
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.card import leave_card, said_of
from epione_training.lives.cohort import LEARNED_FROM, Cohort
from epione_training.lives.extending import Extending, Own, Prefix
from epione_training.lives.genome import Foresees
from epione_training.lives.network import Network
from epione_training.lives.store import Stored
from epione_training.lives.training import summed
from epione_training.onnx_files import OPSET, bare

PARITY = 1e-5  # of a log rate, between torch and a float32 graph
# Between this machine and the one that serves: of eight bits, processors without VNNI saturate.
TOLERANCES = {False: 1e-4, True: 0.1}
CHECKED_LIVES, CHECKED_TOKENS, CHECKED_CODES = 3, 24, 32
DECIMALS = 6
PAIRS = "counted.pair_table"  # what a graph calls the lifts of pairs, which stay as they are
NOTHING = Known()


class Graph:
    """An artefact, asked about whole lives."""

    def __init__(self, artefact: bytes, form: Form) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.artefact, self.form = artefact, form
        self._session = onnxruntime.InferenceSession(
            artefact, options, providers=["CPUExecutionProvider"]
        )

    def log_rates(self, batch: Batch) -> Tensor:
        """Give the log rates after each token: (B, T, n_tokens)."""
        rates, *_ = self._read(batch, self.form.unread(len(batch.tokens)))
        return torch.from_numpy(rates[:, 0])

    def log_rates_in_parts(self, batch: Batch) -> Tensor:
        """Give the same, a third of each life read, another gone on with, and then the last."""
        parts = [Batch(*of) for of in zip(*(each.chunk(3, 1) for each in batch), strict=True)]
        lives = len(batch.tokens)
        rates, _, _, _, *state, keys_values = self._read(parts[0], self.form.unread(lives))
        length = np.full(lives, parts[0].tokens.shape[1])
        prefix = (length, *(each[:, 0] for each in keys_values))
        own = self.form.no_keys(lives, 1)
        found = [rates]
        for part in parts[1:]:
            rates, _, _, _, *state, own = self._read(part, (*state, *prefix, *own))
            found.append(rates)
        return torch.from_numpy(np.concatenate(found, 2)[:, 0])

    def _read(self, batch: Batch, before: Arrays) -> list[Any]:
        """Give what it answers, its keys and values together last."""
        lives, t = batch.tokens.shape
        every = np.broadcast_to(np.arange(t), (lives, 1, t))
        tokens, ages = (each[:, None].numpy() for each in batch)
        asked = zip(self.form.asked, (tokens, ages, every, *before), strict=True)
        answered = self._session.run(None, dict(asked))
        return [*answered[:6], tuple(answered[6:])]


class Served:
    """An exported model, called as the network is."""

    def __init__(self, graph: Graph, vocabulary: Vocabulary) -> None:
        self._graph = graph
        self.predicted = torch.zeros(len(vocabulary), dtype=torch.bool)
        self.predicted[list(vocabulary.predicted)] = True

    def __call__(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give log rates that hold after each token: (B, T, n_tokens)."""
        return self._graph.log_rates(Batch(tokens, ages_days))


def export(
    stored: Stored, known: Known, out: Path, judged_by: Cohort | None, *, int8: bool
) -> dict[str, Any]:
    """Export a model to be served, and give its card; see `write`."""
    artefact = onnx_of(stored.network, form_of(stored))
    return write(stored, artefact, out, judged_by, int8=int8, known=known)


def write(
    stored: Stored,
    artefact: bytes,
    out: Path,
    judged_by: Cohort | None,
    *,
    int8: bool,
    known: Known = NOTHING,
) -> dict[str, Any]:
    """Write what serves a model, and give its card.

    Args:
        artefact: Its graph in float32, as `onnx_of` gives it.
        known: What its card says beside its facts and what is measured here.
        judged_by: Lives that it did not learn from: the card says what is lost of them.

    Raises:
        MalformedCohort: The lives are told in other words than the model's.
        Misconfigured: The model learned from the lives, the folder holds something, or the graph
            answers otherwise than torch.
    """
    if judged_by is not None and judged_by.vocabulary != stored.vocabulary:
        raise MalformedCohort("the lives are told in other tokens than those of the model")
    if judged_by is not None and judged_by.was_learned_from(stored.facts.get("cohort", {})):
        raise Misconfigured(LEARNED_FROM)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise Misconfigured(f"{out} holds something already: choose an empty folder")
    form = form_of(stored)
    exact = Graph(artefact, form)
    served = Graph(quantised(artefact), form) if int8 else exact
    asked = lives_of_chance(stored)
    parity = {
        "float32": difference(exact, stored.network, asked),
        "served": difference(served, stored.network, asked),
    }
    for kind, most in (("float32", PARITY), ("served", TOLERANCES[int8])):
        if not parity[kind] <= most:
            raise Misconfigured(f"the {kind} graph is {parity[kind]:.2g} off torch, of {most:g}")
    vocabulary = stored.vocabulary.to_json()
    card = {
        **_described(served.artefact, vocabulary, stored),
        **said_of(stored.facts, known),
        "form": asdict(form),
        "largest_difference_from_torch": parity,
        "losses": _losses(exact, served, judged_by),
        "checked_every": checked_every(form),
        "checks": _checks(served, asked, TOLERANCES[int8]),
    }
    (out / MODEL).write_bytes(served.artefact)
    (out / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    leave_card(card, stored.facts, out)
    return card


def form_of(stored: Stored) -> Form:
    """Give the axes of a model's graph."""
    shape = stored.shape
    n_lifts = len(stored.baseline.lifted) + 1
    return Form(
        shape.layers, shape.heads, shape.width // shape.heads, len(stored.vocabulary), n_lifts
    )


def onnx_of(network: Network, form: Form) -> bytes:
    """Export to ONNX in float32; every axis of `Form` that is not fixed there is free."""
    each, three = _free(0, 1), _free(0, 1, 2)
    prefix, own = [_free(0, 2)] * form.layers, [_free(0, 1, 3)] * form.layers
    program = torch.onnx.export(
        Extending(network).eval(),
        _example(form),
        dynamo=True,
        dynamic_shapes={
            "tokens": three,
            "ages_days": three,
            "read": three,
            "had": each,
            "standing": each,
            "prefix": Prefix(_free(0), prefix, prefix),  # type: ignore[arg-type]
            "own": Own(own, own),  # type: ignore[arg-type]
        },
        input_names=list(form.asked),
        output_names=list(form.answered),
        opset_version=OPSET,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch gave no ONNX program")
    return bare(program.model_proto)


def _free(*axes: int) -> dict[int, Any]:
    return dict.fromkeys(axes, Dim.DYNAMIC)


def _example(form: Form) -> tuple[Any, ...]:
    """Give something to trace: every free axis has another length, and none is 0 or 1."""
    g, n, t, r, p, s = 2, 3, 7, 4, 5, 6

    def cache(*shape: int) -> list[Tensor]:
        # No tensor twice: what is one object when it is traced becomes one input.
        return [torch.zeros(*shape, form.head_width) for _ in range(form.layers)]

    prefix = [cache(g, form.heads, p) for _ in ("keys", "values")]
    own = [cache(g, n, form.heads, s) for _ in ("keys", "values")]
    return (
        torch.ones(g, n, t, dtype=torch.long),
        torch.zeros(g, n, t),
        torch.zeros(g, n, r, dtype=torch.long),
        torch.zeros(g, n, form.n_tokens, dtype=torch.bool),
        torch.zeros(g, n, form.n_lifts),
        Prefix(torch.full((g,), p), *prefix),
        Own(*own),
    )


def quantised(artefact: bytes) -> bytes:
    """Give the graph with weights of eight bits where a product has constant weights."""
    with tempfile.TemporaryDirectory() as folder:
        exact, rounded = Path(folder) / "exact.onnx", Path(folder) / "rounded.onnx"
        exact.write_bytes(artefact)
        counted = [
            node.name
            for node in onnx.load_from_string(artefact).graph.node
            if node.op_type == "MatMul" and node.input[1].endswith(PAIRS)
        ]
        quantize_dynamic(
            exact,
            rounded,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=counted,
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
        return bare(onnx.load(rounded))


def lives_of_chance(stored: Stored) -> Batch:
    """Draw lives by which a graph is held against torch: of any codes and sex, at any age."""
    chance = np.random.default_rng(0)
    shape = (CHECKED_LIVES, CHECKED_TOKENS)
    tokens = chance.integers(1, len(stored.vocabulary), shape)
    ages = np.sort(chance.uniform(0, 36_000, shape).round(), axis=1).astype(np.float32)
    ages[:, 0], tokens[:, 0] = 0, _sexes(stored)
    tokens[:, 1:][np.isin(tokens[:, 1:], _sexes(stored))] = NO_EVENT
    return Batch(torch.from_numpy(tokens), torch.from_numpy(ages))


def _sexes(stored: Stored) -> list[int]:
    """Give the tokens of the sexes, and one that says none: CHECKED_LIVES."""
    names = (Vocabulary.FEMALE, Vocabulary.MALE)
    return [*(stored.vocabulary.by_name.get(name, NO_EVENT) for name in names), NO_EVENT]


def difference(graph: Graph, network: Network, batch: Batch) -> float:
    """Give the largest difference of a log rate at any place of any life, read whole or in parts.

    A sex must be said in the first part: a network reads it off the whole life.
    """
    with torch.inference_mode():
        expected = network(*batch)
        found = (graph.log_rates(batch), graph.log_rates_in_parts(batch))
        return max(float((rates - expected).abs().max()) for rates in found)


def losses_in(foresees: Foresees, cohort: Cohort) -> dict[str, float]:
    """Give the losses per event, as `objective.py` has them."""
    event, time, likelihood, n = map(float, summed(foresees, batches_of(cohort, Reading())))
    return {"total_loss": (event + time) / n, "likelihood_loss": likelihood / n}


def _losses(exact: Graph, served: Graph, judged_by: Cohort | None) -> dict[str, Any] | str:
    """Say what is lost of lives by the served graph, and how much of that by rounding."""
    if judged_by is None:
        return "not measured"
    before = losses_in(Served(exact, judged_by.vocabulary), judged_by)
    after = before
    if served is not exact:
        after = losses_in(Served(served, judged_by.vocabulary), judged_by)
    change = {name: after[name] - before[name] for name in before}
    return {"lives": len(judged_by), "float32": before, "served": after, "change": change}


def _described(artefact: bytes, vocabulary: str, stored: Stored) -> dict[str, Any]:
    calibration = dict(stored.calibration.to_json())
    whole = hashlib.sha256(artefact + (vocabulary + json.dumps(calibration)).encode()).hexdigest()
    return {
        "name": NAME,
        "version": whole[:12],
        "artefact": {
            "file": MODEL,
            "sha256": hashlib.sha256(artefact).hexdigest(),
            "bytes": len(artefact),
        },
        "knowledge": {
            "source": "vocabulary",
            "release": hashlib.sha256(vocabulary.encode()).hexdigest()[:12],
        },
        "inputs": [{"name": "tokens"}, {"name": "ages_days"}],
        "outputs": {"log_rates": {"unit": "natural logarithm of a rate a day, by token"}},
        "longest": LONGEST,
        "model": dict(stored.facts),
        "calibration": calibration,
    }


def checked_every(form: Form) -> int:
    """Give of how many tokens one is checked."""
    return max(1, form.n_tokens // CHECKED_CODES)


def _checks(graph: Graph, asked: Batch, tolerance: float) -> dict[str, Any]:
    """Write down what the graph answers here, to be asked again where it is served."""
    rates = graph.log_rates(asked)[:, -1, :: checked_every(graph.form)].tolist()
    return {
        "inputs": {"tokens": asked.tokens.tolist(), "ages_days": asked.ages_days.tolist()},
        "outputs": {"log_rates": [[round(rate, DECIMALS) for rate in row] for row in rates]},
        "tolerance": tolerance,
    }
