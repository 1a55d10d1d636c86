"""Reading on from what was read is reading in one go, for every future of every life."""

import torch
from tests.unit.training.lives.served_world import GENOME
from torch import Tensor

from epione_training.lives.export import form_of
from epione_training.lives.extending import Extended, Extending, Own, Prefix
from epione_training.lives.store import Stored

FEMALE, MALE, A, B, C = 2, 3, 4, 5, 6
# Two lives, of which the first is shorter: what pads it may not be seen, nor what a genome says.
BEFORE = torch.tensor([[FEMALE, 1, A, 0], [MALE, GENOME, C, 1]])
AGES = torch.tensor([[0.0, 1, 9_000, 9_000], [0, 0, 5_000, 8_000]])
LENGTHS = torch.tensor([3, 4])
SINCE = torch.tensor([[[B, 1, C], [1, 1, B], [A, B, 1]], [[1, A, C], [A, GENOME, 1], [1, 1, 1]]])
SINCE_AGES = torch.tensor([[[10_000.0, 10_500, 12_000.5]] * 3] * 2)


def begin(stored: Stored, places: Tensor) -> Extended:
    """Read the lives, of which nothing was read before."""
    had, standing, _, *caches = (torch.from_numpy(each) for each in form_of(stored).unread(2))
    n = stored.shape.layers
    prefix = Prefix(torch.zeros(2, dtype=torch.long), caches[:n], caches[n : 2 * n])
    own = Own(caches[2 * n : 3 * n], caches[3 * n :])
    extended: Extended = Extending(stored.network)(
        BEFORE[:, None], AGES[:, None], places, had, standing, prefix, own
    )
    return extended


def read_and_go_on(stored: Stored, at_once: int) -> list[Tensor]:
    """Read the lives, then each future's tokens, so many at once; give log rates after each."""
    left = begin(stored, (LENGTHS - 1)[:, None, None])
    prefix = Prefix(LENGTHS, [k[:, 0] for k in left.own.keys], [v[:, 0] for v in left.own.values])
    had, standing = (each.expand(-1, 3, -1) for each in (left.had, left.standing))
    none = [each[:, :, :, :0].expand(-1, 3, -1, -1, -1) for each in left.own.keys]
    own, found = Own(none, none), []
    for first in range(0, 3, at_once):
        tokens, ages = SINCE[..., first : first + at_once], SINCE_AGES[..., first : first + at_once]
        places = torch.arange(at_once).expand(2, 3, -1)
        left = Extending(stored.network)(tokens, ages, places, had, standing, prefix, own)
        had, standing, own = left.had, left.standing, left.own
        found += list(left.log_rates.unbind(2))
    return found


def in_one_go(stored: Stored) -> list[Tensor]:
    """Give the network's log rates after each token since, of every future alone."""
    rates = torch.empty(2, 3, 3, len(stored.vocabulary))
    for life in range(2):
        n = LENGTHS[life]
        for future in range(3):
            tokens = torch.cat([BEFORE[life, :n], SINCE[life, future]])[None]
            ages = torch.cat([AGES[life, :n], SINCE_AGES[life, future]])[None]
            rates[life, future] = stored.network(tokens, ages)[0, n:]
    return list(rates.unbind(2))


@torch.inference_mode()
def test_step_by_step(stored_life: Stored) -> None:
    for found, expected in zip(read_and_go_on(stored_life, 1), in_one_go(stored_life), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@torch.inference_mode()
def test_several_tokens_at_once(stored_life: Stored) -> None:
    for found, expected in zip(read_and_go_on(stored_life, 3), in_one_go(stored_life), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@torch.inference_mode()
def test_the_parts_are_those_of_the_network(stored_life: Stored) -> None:
    found = begin(stored_life, torch.arange(4).expand(2, 1, -1))

    expected = stored_life.network.parts(BEFORE, AGES)
    for part in ("age_sex", "lift", "transformer"):
        torch.testing.assert_close(
            getattr(found, part)[:, 0], getattr(expected, part), atol=1e-5, rtol=0
        )
