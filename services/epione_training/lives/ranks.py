"""The processes that share a run, as torchrun starts them, and what each computes on.

Each takes its rows of every batch. What a process sums is divided by what is the same for all, so
the gradients of all add up to those of the whole batch, however many events each has. What a clock
or held lives decide, the first decides and the others hear of, so that at every step all have the
same weights.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from epione.errors import Misconfigured
from epione_training.lives.batches import Batch
from epione_training.lives.network import Network

LONGEST_WAIT = timedelta(days=1)  # for the first, who counts and validates alone
CPU = torch.device("cpu")

T = TypeVar("T")


@dataclass(frozen=True)
class Ranks:
    """One process of those that share a run; alone, it is the first of one."""

    device: torch.device = CPU
    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Say whether it is the one that decides, validates, logs and keeps."""
        return self.rank == 0

    def part(self, batch: Batch) -> Batch:
        """Give its rows of a batch, on its device; without any, a life of nothing but padding."""
        if self.rank < len(batch.tokens):
            own = Batch(*(each[self.rank :: self.size] for each in batch))
        else:
            own = Batch(*(torch.zeros_like(each[:1]) for each in batch))
        return sent(own, self.device)

    def total(self, *own: Tensor) -> tuple[Tensor, ...]:
        """Add up each sum over all processes."""
        if self.size == 1:
            return own
        sums = torch.stack([each.double() for each in own])
        distributed.all_reduce(sums)
        return tuple(sums)

    def from_first(self, make: Callable[[], T]) -> T:
        """Have the first make something, and give it to all."""
        if self.size == 1:
            return make()
        made = [make() if self.is_first else None]
        distributed.broadcast_object_list(made, src=0, device=CPU)
        return cast(T, made[0])

    def sharing(self, network: Network) -> nn.Module:
        """Give a network whose gradients are the means over all processes."""
        if self.size == 1:
            return network
        return DistributedDataParallel(network, forward_sync_buffers=False)


ALONE = Ranks()


@contextmanager
def joined(device: str) -> Iterator[Ranks]:
    """Join the other processes, where torchrun has started any.

    Args:
        device: cpu or cuda; of CUDA, each process on a machine takes a device of its own.

    Raises:
        Misconfigured: CUDA is asked for, and there is none for this process.
    """
    is_one_of_several = distributed.is_torchelastic_launched()
    own = _own(device, distributed.get_node_local_rank() if is_one_of_several else 0)
    if not is_one_of_several:
        yield Ranks(own)
        return
    backend = "gloo" if own.type == "cpu" else "cpu:gloo,cuda:nccl"
    distributed.init_process_group(backend, timeout=LONGEST_WAIT)
    try:
        yield Ranks(own, distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def sent(batch: Batch, device: torch.device) -> Batch:
    """Give a batch on a device, without waiting until it is there."""
    if device.type == "cpu":
        return batch
    return Batch(*(each.pin_memory().to(device, non_blocking=True) for each in batch))


def _own(device: str, local_rank: int) -> torch.device:
    if device == "cpu":
        return CPU
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if local_rank >= there:
        raise Misconfigured(
            f"device {device} is asked for by process {local_rank + 1} of this machine, and torch "
            f"{torch.__version__} sees {there} of them"
        )
    own = torch.device(device, local_rank)
    torch.cuda.set_device(own)
    return own
