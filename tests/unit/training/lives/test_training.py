"""A run: what it learns, that it can be gone on with, and that it ends."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.unit.training.lives.worlds import (
    FEMALE,
    NO_EVENT,
    VOCABULARY,
    A,
    B,
    cohort_of,
    life,
    world,
)

from epione.errors import MalformedCohort, Misconfigured
from epione_training.lives.baseline import baseline_of
from epione_training.lives.batches import Reading, batches_of
from epione_training.lives.learning import learn
from epione_training.lives.log import LOG, Progress
from epione_training.lives.network import Network, Shape
from epione_training.lives.store import load
from epione_training.lives.training import Schedule, Training

SMALL = Shape(layers=1, width=16, heads=2)
LIVES = world(300)


def training(into: Path, steps: int) -> Training:
    learned, held = LIVES.split(5)
    torch.manual_seed(0)
    network = Network(VOCABULARY, baseline_of(learned), SMALL)
    return Training(network, learned, held, Schedule(steps=steps, patience=99), into)


def test_the_same_seed_gives_the_same_weights_interrupted_or_not(tmp_path: Path) -> None:
    whole, begun, resumed = (training(tmp_path, 40) for _ in range(3))
    whole.run(lambda _: None)
    (tmp_path / "checkpoint.pt").unlink()

    def told(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begun.run(told)
    resumed.go_on()
    resumed.run(lambda _: None)

    assert resumed.step == 40
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_transformer_learns_what_counting_is_kept_from_knowing(tmp_path: Path) -> None:
    """B comes within a year of A, and to nobody else; and no lift says so."""
    lives = [
        life((0, FEMALE), (5_000 + 40 * n, A), (5_200 + 40 * n, B), (30_000, NO_EVENT))
        for n in range(300)
    ]
    learned, held = cohort_of(lives).split(5)
    torch.manual_seed(0)
    network = Network(VOCABULARY, replace(baseline_of(learned), scale=0.0), SMALL)
    network.counted.requires_grad_(False)
    run = Training(network, learned, held, Schedule(steps=150, rate=1e-2), tmp_path)

    run.run(lambda _: None)

    tokens, ages = torch.tensor([[FEMALE, A], [FEMALE, NO_EVENT]]), torch.full((2, 2), 9_000.0)
    with_a, without = run.network(tokens, ages)[:, 1, B].exp()
    assert with_a > 10 * without


def test_the_log_tells_every_validation(tmp_path: Path) -> None:
    run = training(tmp_path, 20)

    run.run(lambda _: None)

    lines = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert lines[-1]["step"] == 20
    assert lines[-1]["done"] == 1
    assert any(line["validated"] for line in lines)


def test_minutes_end_a_run(tmp_path: Path) -> None:
    learned, held = LIVES.split(5)
    network = Network(VOCABULARY, baseline_of(learned), SMALL)
    run = Training(network, learned, held, Schedule(minutes=0.02, patience=9_999), tmp_path)

    run.run(lambda _: None)

    assert 1.2 <= run.spent_s < 10


def test_a_run_ends_where_nothing_is_gained(tmp_path: Path) -> None:
    learned, held = LIVES.split(5)
    network = Network(VOCABULARY, baseline_of(learned), SMALL)
    run = Training(network, learned, held, Schedule(steps=10_000, rate=0.0, patience=2), tmp_path)

    run.run(lambda _: None)

    assert run.step < 100


def test_a_model_is_stored_and_read_as_it_is(tmp_path: Path) -> None:
    stored = learn(LIVES, tmp_path, Schedule(steps=10), size="0.5M")

    again = load(tmp_path)

    batch = next(batches_of(LIVES, Reading()))
    assert torch.equal(stored.network(*batch), again.network(*batch))
    assert again.facts["size"] == "0.5M"
    assert again.facts["cohort"]["lives"] + again.facts["cohort"]["validated_by"] == 300


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    learn(LIVES, tmp_path, Schedule(steps=2), size="0.5M")

    with pytest.raises(Misconfigured, match="a run already"):
        learn(LIVES, tmp_path, Schedule(steps=2), size="0.5M")


def test_nothing_is_resumed_where_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no run to resume"):
        learn(LIVES, tmp_path, Schedule(steps=2), resume=True)


def test_too_few_lives_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedCohort, match="1 lives are too few"):
        learn(world(1), tmp_path, Schedule(steps=2))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no trained model"):
        load(tmp_path)
