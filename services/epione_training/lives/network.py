"""The network: from a life to a log rate a day of everything that may happen next.

    log rate = age and sex + lift of what was had + what a transformer reads in the whole

The first two are counted (`baseline.py`) and then trained on; the third begins at nothing, so that
the network begins as its own baseline. Rates hold from one token to the next, and add up: the time
to the next event is exponential, and which event it is goes by their shares.

What a genome says are lifts, and lifts of a medicine where it says so, found last (`genes.py`). The
transformer reads none of it: of a life without a genome it says what one says that never saw any.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from epione.timeline.meanwhile import Leads
from epione.timeline.risk_within import NO_RATE
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT, Kind, Vocabulary
from epione_training.lives.baseline import Baseline
from epione_training.lives.lifts import BIN_DAYS, N_BINS, SEXES

# A log lift, below which what may happen meanwhile is left out, and how many of the strongest are
# told: each takes some 40 ns a person and piece of its path.
LEAST_LEAD, MOST_LEADS = 0.1, 5_000
LONGEST_YEARS, SHORTEST_YEARS = 100.0, 0.1  # periods by which attention tells ages apart


@dataclass(frozen=True)
class Shape:
    """How large the transformer is."""

    layers: int
    width: int
    heads: int
    dropout: float = 0.1


# About that many weights in the layers.
SIZES = {
    "0.5M": Shape(2, 144, 4, 0.2),
    "2M": Shape(4, 208, 4, 0.2),
    "8M": Shape(8, 256, 8),
    "25M": Shape(8, 512, 8),
    "100M": Shape(14, 768, 12),
}


class Parts(NamedTuple):
    """Log rates and what they are the sum of, each (B, T, n_tokens)."""

    age_sex: Tensor
    lift: Tensor
    transformer: Tensor

    @property
    def log_rates(self) -> Tensor:
        return self.age_sex + self.lift + self.transformer


class Network(nn.Module):
    """Log rates a day from tokens (B, T) and ages in days (B, T), padded at the end with 0."""

    predicted: Tensor
    genome: Tensor
    once: Tensor

    def __init__(self, vocabulary: Vocabulary, baseline: Baseline, shape: Shape | None) -> None:
        """Begin as the baseline; without a shape there is no transformer, and it stays that."""
        super().__init__()
        n = len(vocabulary)
        self.female = vocabulary.by_name.get(Vocabulary.FEMALE, -1)
        self.male = vocabulary.by_name.get(Vocabulary.MALE, -1)
        self.death = vocabulary.death
        self.counted = Counted(baseline, n)
        self.reader = Reader(vocabulary, shape) if shape else None
        self.mixed = False  # whether the transformer reads in bfloat16
        predicted = torch.zeros(n, dtype=torch.bool)
        predicted[list(vocabulary.predicted)] = True
        self.register_buffer("predicted", predicted)
        self.register_buffer("genome", genome_of(vocabulary), persistent=False)
        self.register_buffer("once", torch.from_numpy(baseline.once))

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give log rates that hold after each token: (B, T, n_tokens); `NO_RATE` is no rate."""
        rates = self.parts(tokens, ages_days).log_rates
        return torch.where(self.possible(tokens), rates, NO_RATE)

    def parts(self, tokens: Tensor, ages_days: Tensor) -> Parts:
        """Give what the log rates add up from, before what cannot happen is ruled out."""
        said = self.genome[tokens].cumsum(1) > 0  # by a genome, until then
        age_sex, lift = self.counted(tokens, ages_days, self.sex_of(tokens), said)
        with torch.autocast(tokens.device.type, torch.bfloat16, enabled=self.mixed):
            read = self.reader(tokens, ages_days) if self.reader else torch.zeros_like(lift)
        return Parts(age_sex, lift, read.float())

    def possible(self, tokens: Tensor) -> Tensor:
        """Say what may still happen after each token: (B, T, n_tokens)."""
        return self.predicted & ~(had_by(tokens, len(self.predicted)) & self.once)

    def leads(self) -> Leads:
        """Give which of what is foreseen leads to what: to death, and by the strongest lifts."""
        row, both = self.counted.row, self.predicted[:, None] & self.predicted
        log_lift = (self.counted.table[row][:, row] * self.counted.scale).detach() * both
        strength = log_lift.fill_diagonal_(0).abs()
        told = strength >= LEAST_LEAD
        if self.death is not None:
            strength[:, self.death] += strength.max()
        strength = strength * told
        strongest, _ = strength.flatten().topk(min(MOST_LEADS, strength.numel()))
        return Leads.of(log_lift.masked_fill(~told | (strength < strongest[-1]), 0).numpy())

    def sex_of(self, tokens: Tensor) -> Tensor:
        """Give the row of each life's sex, as `cohort.sex_of` does: (B,)."""
        female, male = (tokens == self.female).any(1), (tokens == self.male).any(1)
        return torch.where(female, 0, torch.where(male, 1, SEXES - 1))  # (B,)


class Counted(nn.Module):
    """The part that is counted: rates by sex and age, and lifts; what it learns is how to weigh."""

    row: Tensor
    age_sex: Tensor
    table: Tensor
    mean: Tensor
    pairs: Tensor
    pair_table: Tensor

    def __init__(self, baseline: Baseline, n_tokens: int) -> None:
        super().__init__()
        n_lifted = len(baseline.lifted)
        row = torch.full((n_tokens,), n_lifted)
        row[torch.from_numpy(baseline.lifted)] = torch.arange(n_lifted)
        self.register_buffer("row", row)
        self.register_buffer("age_sex", torch.from_numpy(baseline.age_sex))
        self.register_buffer("table", functional.pad(torch.from_numpy(baseline.lift), (0, 1, 0, 1)))
        self.register_buffer("mean", functional.pad(torch.from_numpy(baseline.mean_lift), (0, 1)))
        self.register_buffer("pairs", torch.from_numpy(baseline.pairs))
        pair_table = functional.pad(torch.from_numpy(baseline.pair_lift), (0, 1))
        self.register_buffer("pair_table", pair_table)
        self.scale = nn.Parameter(torch.full((n_tokens,), float(baseline.scale)))
        self.shift = nn.Parameter(torch.zeros(SEXES, N_BINS))
        self.bend = nn.Parameter(torch.zeros(SEXES, 3, n_tokens))  # level, slope, curve by age

    def forward(
        self, tokens: Tensor, ages_days: Tensor, sex: Tensor, said: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Give the parts of age and sex, and of lift: (B, T, n_tokens) each.

        `said` (B, T) is whether anything was said of a genome.
        """
        sex = sex[:, None]  # (B, 1)
        bins = (ages_days / BIN_DAYS).floor().clamp(0, N_BINS - 1).long()  # (B, T)
        age = ages_days[..., None] / (BIN_DAYS * N_BINS)
        powers = torch.cat([torch.ones_like(age), age, age * age], -1)  # (B, T, 3)
        age_sex = self.age_sex[sex, bins] + self.shift[sex, bins][..., None]
        age_sex = age_sex + powers @ self.bend[sex[:, 0]]
        lifts = functional.embedding(self.row[tokens], self.table)  # (B, T, n_lifted + 1)
        standing = (lifts * first_of(tokens)[..., None]).cumsum(1)
        standing = standing - self.mean[said.long(), sex, bins]
        if len(self.pairs):
            standing = standing + self.paired(had_by(tokens, len(self.row)))
        return age_sex, standing[..., self.row] * self.scale

    def paired(self, had: Tensor) -> Tensor:
        """Give what pairs add of which both were had (…, n_tokens): (…, n_lifted + 1)."""
        level, medicine = self.pairs.T
        return (had[..., level] & had[..., medicine]).float() @ self.pair_table


class Reader(nn.Module):
    """The transformer: what the whole of a life says beyond the counts.

    What tells of a genome is read as a token of no event, which no other reads.
    """

    periods: Tensor
    genome: Tensor

    def __init__(self, vocabulary: Vocabulary, shape: Shape) -> None:
        super().__init__()
        n_tokens, genome = len(vocabulary), genome_of(vocabulary)
        self.embed = nn.Embedding(n_tokens, shape.width, padding_idx=0)
        self.age = nn.Linear(shape.width // 2, shape.width, bias=False)
        self.drop = nn.Dropout(shape.dropout)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width, bias=False)
        self.head = nn.Linear(shape.width, n_tokens, bias=False)
        self.head_width = shape.width // shape.heads
        self.register_buffer("periods", _periods(shape.width // 4))
        self.register_buffer("genome", genome, persistent=False)
        self.knows_genomes = bool(genome.any())
        self._begin(shape)

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give what it adds to each log rate: (B, T, n_tokens)."""
        x = self.drop(self.told(tokens, ages_days))
        turn = Turn.of(ages_days, self.head_width)
        seen = seen_since(self.genome[tokens])[:, None] if self.knows_genomes else None
        for block in self.blocks:
            x = block(x, turn, seen)
        read: Tensor = self.head(self.norm(x))
        return read

    def told(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give what it is told of tokens and ages: (B, T, width)."""
        angles = ages_days[..., None] / YEAR_DAYS * self.periods  # (B, T, width / 4)
        age = self.age(torch.cat([angles.sin(), angles.cos()], -1))
        told: Tensor = age + self.embed(torch.where(self.genome[tokens], NO_EVENT, tokens))
        return told

    def _begin(self, shape: Shape) -> None:
        for name, weight in self.named_parameters():
            onto_x = name.endswith(("out.weight", "down.weight"))
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02 / (math.sqrt(2 * shape.layers) if onto_x else 1))
        nn.init.zeros_(self.head.weight)


class Block(nn.Module):
    """Attention to what was before, by how long ago it was; then a gated layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads, self.head_width = shape.heads, width // shape.heads
        self.before, self.between = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, turn: "Turn", seen: Tensor | None) -> Tensor:
        """Read (B, T, width), each token what it sees (B, 1, T, T), or all before it and itself."""
        b, t, width = x.shape
        split = self.to_qkv(self.before(x)).view(b, t, 3, self.heads, self.head_width)
        q, k, v = split.permute(2, 0, 3, 1, 4)  # each (B, heads, T, head_width)
        read = functional.scaled_dot_product_attention(
            turn(q), turn(k), v, seen, is_causal=seen is None
        )
        x = x + self.drop(self.out(read.transpose(1, 2).reshape(b, t, width)))
        thought: Tensor = self.drop(self.down(functional.gelu(self.up(self.between(x)))))
        return x + thought


class Turn(NamedTuple):
    """Turns queries and keys by age, so that attention sees how long ago something was.

    The rotary encoding of Su et al. 2021, arXiv:2104.09864, by years instead of places.
    """

    cos: Tensor  # (B, 1, T, head_width / 2)
    sin: Tensor

    @classmethod
    def of(cls, ages_days: Tensor, head_width: int) -> "Turn":
        """Give the turn of each age."""
        periods = _periods(head_width // 2).to(ages_days.device)
        angles = (ages_days[..., None] / YEAR_DAYS * periods)[:, None]
        return cls(angles.cos(), angles.sin())

    def __call__(self, x: Tensor) -> Tensor:
        """Turn (B, heads, T, head_width)."""
        one, other = x.chunk(2, -1)
        return torch.cat([one * self.cos - other * self.sin, one * self.sin + other * self.cos], -1)


def had_by(tokens: Tensor, n_tokens: int) -> Tensor:
    """Say what was had by each token (B, T), itself with it: (B, T, n_tokens)."""
    had = torch.zeros(*tokens.shape, n_tokens, device=tokens.device)
    return had.scatter(2, tokens[..., None], 1.0).cumsum(1) > 0


def genome_of(vocabulary: Vocabulary) -> Tensor:
    """Say of each token whether it tells of a genome: (n_tokens,)."""
    genome = torch.zeros(len(vocabulary), dtype=torch.bool)
    genome[list(vocabulary.of_kind(Kind.GENOME))] = True
    return genome


def seen_since(genome: Tensor) -> Tensor:
    """Say which of the tokens each one sees: itself, and before it what tells of no genome.

    Args:
        genome: (B, T), what does.

    Returns:
        (B, T, T).
    """
    itself = torch.eye(genome.shape[1], dtype=torch.bool, device=genome.device)
    return (~genome[:, None] | itself) & torch.ones_like(itself).tril()


def _periods(n: int) -> Tensor:
    """Give radians a year, from the longest period to the shortest: (n,)."""
    return 2 * math.pi / torch.logspace(math.log10(LONGEST_YEARS), math.log10(SHORTEST_YEARS), n)


def first_of(tokens: Tensor) -> Tensor:
    """Say of each token whether it is the first of its code, and no padding: (B, T)."""
    same = tokens[:, :, None] == tokens[:, None, :]
    before = torch.ones_like(same[0]).tril(-1)
    return ~(same & before).any(-1) & (tokens > 0)
