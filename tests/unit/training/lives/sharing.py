"""Small runs that one process makes, or several share; this file starts them."""

import sys
from pathlib import Path

import torch
from tests.unit.training.lives.worlds import VOCABULARY, world
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from epione_training.lives.baseline import baseline_of
from epione_training.lives.batches import Reading
from epione_training.lives.learning import learn
from epione_training.lives.network import Network, Shape
from epione_training.lives.ranks import ALONE, Ranks, joined
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


def go_on(folder: Path) -> None:
    """Go on with a run as one of several processes."""
    with joined("cpu") as ranks:
        run = training(folder, ranks)
        run.go_on()
        run.run(lambda _: None)
        _keep(run.network, folder, ranks)


def learn_whole(folder: Path) -> None:
    """Learn from lives to a model as one of several processes, each into a folder of its own."""
    with joined("cpu") as ranks:
        own = folder / str(ranks.rank)
        stored = learn(world(296), own, Schedule(steps=4), "0.5M", ranks=ranks)
        _keep(stored.network, folder, ranks)


def _keep(network: Network, folder: Path, ranks: Ranks) -> None:
    torch.save(network.state_dict(), folder / f"weights-{ranks.rank}.pt")


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    training(folder, ALONE)  # what this imports, each need not import for itself
    # As torchrun does, but for the script, which would import everything in each process.
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=2,
        run_id="sharing",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        start_method="fork",
    )
    elastic_launch(config, {"go_on": go_on, "learn_whole": learn_whole}[sys.argv[2]])(folder)
