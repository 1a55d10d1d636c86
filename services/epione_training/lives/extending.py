"""The network as it is served: further tokens onto lives that were read before.

A life that is read leaves its keys and values, what was had, and the lifts that stand. Many futures
of one life share what it left (`Prefix`, read once) and have only what came since of their own
(`Own`): attention reads both. To read a life is the same with nothing before it, so one graph does
both; `network.py` does the same in one go, and the two are held against each other.

What tells of a genome leaves keys of zeros: by these it is known as what nobody sees.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from epione.timeline.risk_within import NO_RATE
from epione_training.lives.lifts import BIN_DAYS, N_BINS, SEXES
from epione_training.lives.network import Block, Network, Reader, Turn, seen_since


class Prefix(NamedTuple):
    """What lives left that were read: G of them, each shared by N futures.

    Padded at the end to P tokens; `length` (G,) are real. Keys and values are (G, heads, P,
    head_width), one of each a layer.
    """

    length: Tensor
    keys: list[Tensor]
    values: list[Tensor]


class Own(NamedTuple):
    """What each future has had since its prefix: S tokens, none of them padding.

    Keys and values are (G, N, heads, S, head_width), one of each a layer.
    """

    keys: list[Tensor]
    values: list[Tensor]


class Extended(NamedTuple):
    """What holds after the tokens that were asked for, and what is needed to go on.

    Rates and their parts are (G, N, R, n_tokens). `had` (G, N, n_tokens) and `standing` (G, N,
    n_lifted + 1) are of the last that was asked for; `own` is of all.
    """

    log_rates: Tensor
    age_sex: Tensor
    lift: Tensor
    transformer: Tensor
    had: Tensor
    standing: Tensor
    own: Own


class Extending(nn.Module):
    """A network that reads further tokens."""

    def __init__(self, network: Network) -> None:
        """Take a network that has a transformer."""
        super().__init__()
        self.network = network
        self.reader = cast(Reader, network.reader)

    def forward(
        self,
        tokens: Tensor,
        ages_days: Tensor,
        read: Tensor,
        had: Tensor,
        standing: Tensor,
        prefix: Prefix,
        own: Own,
    ) -> Extended:
        """Read tokens.

        Args:
            tokens: (G, N, T), padded at the end with 0.
            ages_days: (G, N, T).
            read: (G, N, R), places among the T, ascending, after which the rates are asked for.
            had: (G, N, n_tokens), whether a token was had before.
            standing: (G, N, n_lifted + 1), the sum of lifts before.
            prefix: What the lives left.
            own: What each future has had since.
        """
        g, n, t = tokens.shape
        flat = tokens.flatten(0, 1)  # (B, T), B = G * N
        ages, at = ages_days.flatten(0, 1), read.flatten(0, 1)
        had_before, stood = had.flatten(0, 1), standing.flatten(0, 1)
        until = torch.arange(t) <= at[..., None]  # (B, R, T)
        ages_then = ages.gather(1, at)  # (B, R)
        sex = self._sex_of(flat, had_before)
        bins = (ages_then / BIN_DAYS).floor().clamp(0, N_BINS - 1).long()  # (B, R)
        counted = self.network.counted
        first = _is_new(flat, had_before)
        lifts = functional.embedding(counted.row[flat], counted.table)  # (B, T, n_lifted + 1)
        stands = stood[:, None] + (until & first[:, None]).float() @ lifts
        has = self._has(flat, until, had_before)
        said = (has & self.network.genome).any(-1).long()  # (B, R), by a genome
        standing_now = stands - counted.mean[said, sex[:, None], bins]
        if len(counted.pairs):
            standing_now = standing_now + counted.paired(has)
        lift = standing_now[..., counted.row] * counted.scale
        age_sex = self._age_sex(sex, bins, ages_then)
        transformer, own = self._read(flat, ages, at, prefix, own, (g, n))
        possible = self.network.predicted & ~(has & self.network.once)
        log_rates = torch.where(possible, age_sex + lift + transformer, NO_RATE)
        return Extended(
            _of_lives(log_rates, (g, n)),
            _of_lives(age_sex, (g, n)),
            _of_lives(lift, (g, n)),
            _of_lives(transformer, (g, n)),
            _of_lives(has[:, -1], (g, n)),
            _of_lives(stands[:, -1], (g, n)),
            own,
        )

    def _sex_of(self, tokens: Tensor, had: Tensor) -> Tensor:
        """Give the row of each life's sex, as `Network.sex_of` does: (B,)."""

        def is_said(token: int) -> Tensor:
            before = had[:, token] if token >= 0 else had[:, 0] & False
            return before | (tokens == token).any(1)

        female, male = is_said(self.network.female), is_said(self.network.male)
        return torch.where(female, 0, torch.where(male, 1, SEXES - 1))

    def _age_sex(self, sex: Tensor, bins: Tensor, ages_days: Tensor) -> Tensor:
        counted = self.network.counted
        age = ages_days[..., None] / (BIN_DAYS * N_BINS)
        powers = torch.cat([torch.ones_like(age), age, age * age], -1)  # (B, R, 3)
        of_sex = sex[:, None]
        level = counted.age_sex[of_sex, bins] + counted.shift[of_sex, bins][..., None]
        return level + powers @ counted.bend[sex]

    def _has(self, tokens: Tensor, until: Tensor, had: Tensor) -> Tensor:
        """Say of each token whether it was had by then: (B, R, n_tokens)."""
        is_token = (tokens[..., None] == torch.arange(had.shape[-1])).float()  # (B, T, n_tokens)
        return had[:, None] | (until.float() @ is_token > 0)

    def _read(
        self,
        tokens: Tensor,
        ages: Tensor,
        at: Tensor,
        prefix: Prefix,
        own: Own,
        of: tuple[int, int],
    ) -> tuple[Tensor, Own]:
        """Give what the transformer adds (B, R, n_tokens), and what each future has now."""
        reader = self.reader
        x, genome = reader.told(tokens, ages), reader.genome[tokens]
        turn = Turn.of(ages, reader.head_width)
        seen = _seen(prefix, own, genome, of)
        keys, values = [], []
        caches = zip(prefix.keys, prefix.values, own.keys, own.values, strict=True)
        for block, cached in zip(reader.blocks, caches, strict=True):
            x, key, value = _through(cast(Block, block), x, turn, seen, genome, cached, of)
            keys.append(key)
            values.append(value)
        x = x.gather(1, at[..., None].expand(-1, -1, x.shape[-1]))  # (B, R, width)
        return reader.head(reader.norm(x)), Own(keys, values)


Cached = tuple[Tensor, Tensor, Tensor, Tensor]  # prefix keys and values, own keys and values


def _through(
    block: Block,
    x: Tensor,
    turn: Turn,
    seen: Tensor,
    genome: Tensor,
    cached: Cached,
    of: tuple[int, int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Pass a block as `Block.forward` does; give the future's keys and values with it."""
    prefix_keys, prefix_values, own_keys, own_values = cached
    b, t, width = x.shape
    split = block.to_qkv(block.before(x)).view(b, t, 3, block.heads, block.head_width)
    q, k, v = split.permute(2, 0, 3, 1, 4)  # each (B, heads, T, head_width)
    q, k = turn(q) * block.head_width**-0.5, turn(k)
    keys = torch.cat([own_keys.flatten(0, 1), k], 2)  # (B, heads, S + T, head_width)
    values = torch.cat([own_values.flatten(0, 1), v], 2)
    of_prefix = _apart(_together(q, of) @ prefix_keys.transpose(2, 3), of)  # (B, heads, T, P)
    scores = torch.cat([of_prefix, q @ keys.transpose(2, 3)], -1)
    weights = torch.where(seen, scores, float("-inf")).softmax(-1)
    p = prefix_keys.shape[2]
    read = _apart(_together(weights[..., :p], of) @ prefix_values, of) + weights[..., p:] @ values
    x = x + block.out(read.transpose(1, 2).reshape(b, t, width))
    x = x + block.down(functional.gelu(block.up(block.between(x))))
    left = torch.where(genome[:, None, :, None], 0, k)
    keys = torch.cat([own_keys.flatten(0, 1), left], 2)
    return x, _of_lives(keys, of), _of_lives(values, of)


def _together(each: Tensor, of: tuple[int, int]) -> Tensor:
    """Put the rows of a life's futures into one product: (G, heads, N * T, …)."""
    return _of_lives(each, of).transpose(1, 2).flatten(2, 3)


def _apart(together: Tensor, of: tuple[int, int]) -> Tensor:
    """Undo `_together`: (B, heads, T, …)."""
    g, heads, rows, width = together.shape
    return together.view(g, heads, of[1], rows // of[1], width).transpose(1, 2).flatten(0, 1)


def _of_lives(each: Tensor, of: tuple[int, int]) -> Tensor:
    """Give rows to the futures of lives: (B, …) as (G, N, …)."""
    return each.reshape(*of, *each.shape[1:])


def _seen(prefix: Prefix, own: Own, genome: Tensor, of: tuple[int, int]) -> Tensor:
    """Say which keys each token may read: (B, 1, T, P + S + T)."""
    t = genome.shape[1]
    left, had = _are_read(prefix.keys[0]), _are_read(own.keys[0]).flatten(0, 1)  # (G, P), (B, S)
    left = left & (torch.arange(left.shape[1]) < prefix.length[:, None])
    left = left[:, None].expand(-1, of[1], -1).flatten(0, 1)  # (B, P)
    before = torch.cat([left, had], 1)[:, None].expand(-1, t, -1)  # (B, T, P + S)
    return torch.cat([before, seen_since(genome)], -1)[:, None]


def _are_read(keys: Tensor) -> Tensor:
    """Say which tokens' keys (…, heads, S, head_width) are not zeros: (…, S)."""
    return (keys[..., 0, :, :] != 0).any(-1)


def _is_new(tokens: Tensor, had: Tensor) -> Tensor:
    """Say of each token whether it is the first of its code, and no padding: (B, T)."""
    earlier = torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool).tril(-1)
    repeated = ((tokens[:, :, None] == tokens[:, None, :]) & earlier).any(-1)
    return ~repeated & ~had.gather(1, tokens) & (tokens > 0)
