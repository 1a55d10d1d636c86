"""A small run that one process makes, or several share; torchrun starts this file as a script."""

import sys
from pathlib import Path

import torch
from tests.unit.training.lives.worlds import VOCABULARY, world

from epione_training.lives.baseline import baseline_of
from epione_training.lives.batches import Reading
from epione_training.lives.network import Network, Shape
from epione_training.lives.ranks import Ranks, joined
from epione_training.lives.training import Schedule, Training

WITHOUT_CHANCE = Shape(layers=1, width=16, heads=2, dropout=0.0)
STEPS = 24  # two epochs and two steps
SIZE = 23  # with 231 lives the last batch of an epoch holds one: nothing is left for a second


def training(into: Path, ranks: Ranks) -> Training:
    """Begin anew."""
    learned, held = world(296).split(5)
    assert len(learned) % SIZE == 1
    torch.manual_seed(0)
    network = Network(VOCABULARY, baseline_of(learned), WITHOUT_CHANCE)
    schedule = Schedule(steps=STEPS, rate=1e-2, reading=Reading(SIZE))
    return Training(network, learned, held, schedule, into, ranks=ranks)


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    with joined("cpu") as these:
        shared = training(folder, these)
        shared.go_on()
        shared.run(lambda _: None)
        torch.save(shared.network.state_dict(), folder / f"weights-{these.rank}.pt")
