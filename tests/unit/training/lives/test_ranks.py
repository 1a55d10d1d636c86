"""Processes that share a run: they learn what one learns, and take what devices there are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.unit.training.lives import sharing

from epione.errors import Misconfigured
from epione_training.lives.batches import Batch
from epione_training.lives.card import PAGE
from epione_training.lives.log import Progress
from epione_training.lives.ranks import ALONE, Ranks, joined
from epione_training.lives.store import load

BATCH = Batch(torch.arange(1, 11).view(5, 2), torch.ones(5, 2))


def two(what: str, folder: Path) -> list[dict[str, torch.Tensor]]:
    """Start two processes, and give the weights of both; in their own, as torch takes signals."""
    path = {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, sharing.__file__, str(folder), what]
    subprocess.run(command, env=os.environ | path, check=True, timeout=300)
    return [torch.load(folder / f"weights-{rank}.pt", weights_only=True) for rank in (0, 1)]


def test_two_that_go_on_with_a_run_learn_what_one_learns(tmp_path: Path) -> None:
    """An epoch's last batch holds one life, so that one of them has nothing to read."""

    def told(progress: Progress) -> None:
        raise KeyboardInterrupt

    alone = sharing.training(tmp_path, ALONE)
    with pytest.raises(KeyboardInterrupt):
        alone.run(told)
    first, second = two("go_on", tmp_path)
    alone.run(lambda _: None)

    for name, weight in alone.network.state_dict().items():
        assert torch.equal(first[name], second[name])
        # Sums in another order, over 13 steps of Adam at 0.01.
        assert torch.allclose(first[name], weight, atol=1e-4, rtol=0)


def test_two_that_learn_from_lives_to_a_model_leave_one(tmp_path: Path) -> None:
    first, second = two("learn_whole", tmp_path)

    stored = load(tmp_path / "0")
    assert (tmp_path / "0" / PAGE).exists()
    assert list((tmp_path / "1").iterdir()) == []
    assert stored.facts["training"]["processes"] == 2
    for name, weight in stored.network.state_dict().items():
        assert torch.equal(first[name], weight)
        assert torch.equal(second[name], weight)


def test_rows_of_a_batch_are_dealt_out_once() -> None:
    parts = [Ranks(rank=rank, size=3).part(BATCH).tokens for rank in range(3)]

    assert sorted(torch.cat(parts)[:, 0].tolist()) == BATCH.tokens[:, 0].tolist()


def test_who_is_left_without_a_row_reads_padding() -> None:
    tokens, ages = Ranks(rank=5, size=6).part(BATCH)

    assert tokens.tolist() == [[0, 0]]
    assert ages.tolist() == [[0, 0]]


def test_without_torchrun_one_is_alone() -> None:
    with joined("cpu") as ranks:
        assert ranks == ALONE


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA")
def test_cuda_that_is_not_there_is_refused() -> None:
    with (
        pytest.raises(Misconfigured, match="device cuda is asked for by process 1"),
        joined("cuda"),
    ):
        pass
