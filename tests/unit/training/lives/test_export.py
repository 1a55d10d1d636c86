"""What is exported answers as torch does, in float32 and, a little off, in eight bits."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tests.unit.training.lives.served_world import lives
from tests.unit.training.lives.test_card import EVALUATED, TODAY
from tests.unit.training.lives.worlds import world

from epione.errors import MalformedCohort, Misconfigured
from epione_training.lives.attributes import Known
from epione_training.lives.batches import Reading, batch_of
from epione_training.lives.export import (
    PARITY,
    Graph,
    Served,
    difference,
    form_of,
    lives_of_chance,
    losses_in,
    quantised,
    write,
)
from epione_training.lives.store import Stored
from epione_training.lives.training import summed


@pytest.fixture(scope="module")
def artefact(served_life: Path) -> bytes:
    return (served_life / "model.onnx").read_bytes()


@pytest.fixture(scope="module")
def eight_bits(
    stored_life: Stored, artefact: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("int8")
    write(stored_life, artefact, out, lives(60, seed=3), int8=True)
    return out


def test_the_graph_answers_as_torch_at_every_place_of_padded_lives(
    stored_life: Stored, artefact: bytes
) -> None:
    batch = batch_of([*lives(30, seed=2)], Reading())
    graph = Graph(artefact, form_of(stored_life))

    assert (batch.tokens[:, -1] == 0).any()
    with torch.inference_mode():
        off = (graph.log_rates(batch) - stored_life.network(*batch)).abs().max()
    assert off <= PARITY


def test_a_life_that_is_read_in_parts_is_read_as_a_whole(
    stored_life: Stored, artefact: bytes
) -> None:
    """The second part reads the prefix, and the third both it and what came since."""
    graph = Graph(artefact, form_of(stored_life))

    assert difference(graph, stored_life.network, lives_of_chance(stored_life)) <= PARITY


def test_what_is_lost_of_lives_is_what_evaluating_the_network_finds(
    stored_life: Stored, artefact: bytes
) -> None:
    cohort = lives(60, seed=3)
    graph = Graph(artefact, form_of(stored_life))

    found = losses_in(Served(graph, stored_life.vocabulary), cohort)

    losses = summed(stored_life.network, iter([batch_of([*cohort], Reading())]))
    n = float(losses.n_events)
    assert found["total_loss"] == pytest.approx(float(losses.event + losses.time) / n, rel=1e-5)
    assert found["likelihood_loss"] == pytest.approx(float(losses.likelihood) / n, rel=1e-5)


def test_nothing_of_the_machine_is_in_the_artefact(artefact: bytes) -> None:
    assert str(Path(__file__).parents[4]).encode() not in artefact
    assert b"site-packages" not in artefact


def test_the_card_carries_what_is_known_of_the_model(
    stored_life: Stored, artefact: bytes, tmp_path: Path
) -> None:
    known = Known(TODAY, EVALUATED, link="https://example.org/cards/life")

    write(stored_life, artefact, tmp_path, None, int8=False, known=known)

    card = json.loads((tmp_path / "card.json").read_text())
    assert card["made_on"] == TODAY.isoformat()
    assert card["link"] == "https://example.org/cards/life"
    assert card["evaluated"]["total_loss"] == EVALUATED["total_loss"]
    assert len(card["source attributes"]) == 31
    page = (tmp_path / "card.md").read_text()
    assert f"# Model card: life {card['version']}" in page
    assert "https://example.org/cards/life" in page
    assert all(name in page for name in card["source attributes"])


def test_the_card_says_what_was_found(served_life: Path, eight_bits: Path) -> None:
    exact, rounded = (
        json.loads((folder / "card.json").read_text()) for folder in (served_life, eight_bits)
    )

    assert exact["losses"] == "not measured"
    assert exact["largest_difference_from_torch"]["served"] <= PARITY
    assert rounded["largest_difference_from_torch"]["served"] > PARITY
    losses = rounded["losses"]
    assert losses["lives"] == 60
    assert losses["change"]["total_loss"] == pytest.approx(
        losses["served"]["total_loss"] - losses["float32"]["total_loss"]
    )
    assert 0 < abs(losses["change"]["total_loss"]) < 0.05
    assert exact["version"] != rounded["version"]


def test_the_same_weights_calibrated_otherwise_are_another_version(
    stored_life: Stored, served_life: Path, artefact: bytes, tmp_path: Path
) -> None:
    """Answers that are kept by version would else be those of before."""
    ratio = stored_life.calibration.ratio * 1.1
    other = replace(stored_life, calibration=replace(stored_life.calibration, ratio=ratio))

    card = write(other, artefact, tmp_path, None, int8=False)

    before = json.loads((served_life / "card.json").read_text())
    assert card["version"] != before["version"]
    assert card["artefact"] == before["artefact"]


def test_eight_bits_are_the_linear_layers_and_nothing_that_was_counted(
    stored_life: Stored, eight_bits: Path
) -> None:
    graph = onnx.load(eight_bits / "model.onnx").graph

    done = Counter(node.op_type for node in graph.node)
    kept = [
        onnx.numpy_helper.to_array(each)
        for each in graph.initializer
        if each.data_type == onnx.TensorProto.FLOAT
    ]

    assert done["MatMulInteger"] == 4 * stored_life.shape.layers + 2
    counted = stored_life.network.counted
    for table in (counted.table.numpy(), counted.pair_table.numpy()):
        assert any(each.shape == table.shape and np.array_equal(each, table) for each in kept)


def test_rounding_again_gives_the_same_bytes(artefact: bytes, eight_bits: Path) -> None:
    assert quantised(artefact) == (eight_bits / "model.onnx").read_bytes()


def test_a_graph_that_answers_otherwise_than_torch_is_not_written(
    stored_life: Stored, artefact: bytes, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match="off torch"):
        write(stored_life, quantised(artefact), tmp_path, None, int8=False)

    assert not [*tmp_path.iterdir()]


def test_a_folder_that_holds_something_is_left_alone(
    stored_life: Stored, artefact: bytes, served_life: Path
) -> None:
    with pytest.raises(Misconfigured, match="holds something already"):
        write(stored_life, artefact, served_life, None, int8=False)


def test_lives_in_other_words_do_not_judge(
    stored_life: Stored, artefact: bytes, tmp_path: Path
) -> None:
    with pytest.raises(MalformedCohort, match="other tokens"):
        write(stored_life, artefact, tmp_path, world(20), int8=False)


def test_lives_that_the_model_learned_from_do_not_judge(
    stored_life: Stored, artefact: bytes, tmp_path: Path
) -> None:
    cohort = lives(20)
    facts = {**stored_life.facts, "cohort": {"digest": cohort.digest}}

    with pytest.raises(Misconfigured, match="are those that the model learned from"):
        write(replace(stored_life, facts=facts), artefact, tmp_path, cohort, int8=False)


def test_lives_of_chance_repeat_codes_and_hold_every_sex(stored_life: Stored) -> None:
    """Else a difference in what is had twice, or in a sex, would not be seen."""
    batch = lives_of_chance(stored_life)

    sexes = stored_life.network.sex_of(batch.tokens)
    assert torch.diff(batch.ages_days).min() >= 0
    assert all(len(np.unique(row)) < len(row) for row in batch.tokens)
    assert sexes.tolist() == [0, 1, 2]
