"""The true rates of a planted life, called as the network is.

Where a life does not hold a gene's token, its rates are the mean over what the gene may be, each
weighed by its share of people and by the likelihood of the life until then. That is what the best
forecast without the genome knows, so the difference between the two is what a genome adds at most.

A number that was measured is the mean of its range in people of the sex and age; until it was, the
rates are the mean over it, at some points of a normal distribution. What is unread is weighed one
by one, so what they say of each other is left out: without genome and numbers the rates of what two
raise are some percent too high (of I10, the worst, 4 %), and nothing in the sum of all codes.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from epione.timeline.meanwhile import Leads
from epione.timeline.risk_within import NO_RATE
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT
from epione_training.lives.network import had_by
from epione_training.lives.world import OLDEST_YEARS, Measurement, Pair, World

POINTS = 7  # at which a normal distribution is taken: exact for polynomials of degree 13
FARTHEST = 5.0  # standard deviations
RECENT_YEARS = 5  # from when something happens to when its effect is asked about, as a mean of them


class Truth(nn.Module):
    """Log rates a day from tokens (B, T) and ages in days (B, T), padded at the end with 0.

    They are those of the day: until the next birthday or event they stand still.
    """

    predicted: Tensor
    base: Tensor
    lasting: Tensor
    recent: Tensor
    log_share: Tensor

    def __init__(self, world: World) -> None:
        super().__init__()
        vocabulary = world.vocabulary
        self.male = vocabulary.by_name[vocabulary.MALE]
        self.fade = 1 / world.recent_years
        predicted = torch.zeros(len(vocabulary), dtype=torch.bool)
        predicted[list(vocabulary.predicted)] = True
        self.register_buffer("predicted", predicted)
        self.register_buffer("base", torch.from_numpy(world.base))
        self.register_buffer("lasting", torch.from_numpy(world.lasting))
        self.register_buffer("recent", torch.from_numpy(world.recent))
        self.register_buffer("log_share", torch.from_numpy(np.log(np.maximum(world.share, 1e-9))))
        self.genes = [torch.from_numpy(gene) for gene in world.genes]
        self.pairs = world.pairs
        self.raised = [self._raised_by(gene) for gene in self.genes]
        self.measurements = world.measurements

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give log rates that hold after each token: (B, T, n_tokens); `NO_RATE` is no rate."""
        t = tokens.shape[1]
        unread = [~torch.isin(tokens, gene).any(1) for gene in self.genes]  # (B,) each
        tokens, ages_days, place = _with_birthdays(tokens, ages_days)
        log_rates = self._as_read(tokens, ages_days)
        days = torch.diff(ages_days, dim=1, append=ages_days[:, -1:]).double()
        at, log_weight = _normal_points()
        for each in self.measurements:
            codes = torch.from_numpy(each.effect.nonzero()[0])
            effect = torch.from_numpy(each.effect)[codes].double()
            read = self._deviation(each, tokens, ages_days)[..., None]  # (B, T, 1)
            among = _Unread(log_weight, (at[:, None] * effect)[None, None], codes)
            added = among.mean(tokens, log_rates, days)
            log_rates[..., codes] += torch.where(read.isnan(), added, read * effect).float()
        for gene, codes, missing in zip(self.genes, self.raised, unread, strict=True):
            if missing.any() and len(codes):
                effect = self._effect_of(gene, codes, tokens)
                among = _Unread(self.log_share[gene], effect.double(), codes)
                added = among.mean(tokens, log_rates, days)
                log_rates[..., codes] += torch.where(missing[:, None, None], added, 0).float()
        log_rates = torch.where(self._may(tokens), log_rates, NO_RATE)
        return log_rates.gather(1, place[..., None].expand(-1, t, log_rates.shape[-1]))

    def leads(self) -> Leads:
        """Give which code leads to which: lasting effects, and the mean of recent ones."""
        since = torch.exp(-self.fade * torch.arange(RECENT_YEARS))
        recent = torch.exp(self.recent[..., None] * since).mean(-1).log()
        both = self.predicted[:, None] & self.predicted
        return Leads.of(((self.lasting + recent) * both).numpy())

    def sex_of(self, tokens: Tensor) -> Tensor:
        """Give 0 for female, 1 for male: (B,)."""
        return (tokens == self.male).any(1).long()

    def _as_read(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        years = (ages_days / YEAR_DAYS).floor().clamp(0, OLDEST_YEARS - 1)  # (B, T)
        lasts = functional.embedding(tokens, self.lasting).cumsum(1)  # (B, T, n)
        since = years[:, :, None] - years[:, None, :]
        weight = torch.exp(-self.fade * since.clamp(min=0)).tril()  # (B, T, T), of what was before
        fades = weight @ functional.embedding(tokens, self.recent)
        log_rates = self.base[self.sex_of(tokens)[:, None], years.long()] + lasts + fades
        for pair in self.pairs:
            both = _taken(pair, tokens) & (tokens == pair.level).any(1, keepdim=True)
            log_rates += both[..., None] * torch.from_numpy(pair.effect)
        return torch.where(self._may(tokens), log_rates, NO_RATE)

    def _raised_by(self, gene: Tensor) -> Tensor:
        """Give the codes that a gene has effects on, by itself or beside a medicine."""
        raised = (self.lasting[gene] != 0).any(0)
        for pair in self._pairs_of(gene):
            raised |= torch.from_numpy(pair.effect != 0)
        return raised.nonzero()[:, 0]

    def _effect_of(self, gene: Tensor, codes: Tensor, tokens: Tensor) -> Tensor:
        """Give what its levels add after each token: (B or 1, T or 1, levels, n_codes)."""
        effect = self.lasting[gene][:, codes][None, None]
        for pair in self._pairs_of(gene):
            is_level = (gene == pair.level)[:, None]
            added = is_level * torch.from_numpy(pair.effect)[codes]
            effect = effect + _taken(pair, tokens)[..., None, None] * added
        return effect

    def _pairs_of(self, gene: Tensor) -> list[Pair]:
        return [pair for pair in self.pairs if pair.level in gene]

    def _deviation(self, of: Measurement, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give how far from usual a number was last measured, NaN until it was: (B, T)."""
        ends = np.pad(of.edges, 1, constant_values=(-np.inf, np.inf))
        ranges = torch.isin(tokens, torch.from_numpy(of.tokens))
        last = torch.where(ranges, torch.arange(tokens.shape[1]), -1).cummax(1).values  # (B, T)
        found = last.clamp(min=0)
        years = (ages_days.gather(1, found) / YEAR_DAYS).floor().numpy()
        usual = of.usual_at(self.sex_of(tokens)[:, None].numpy(), years)
        n = np.searchsorted(of.tokens, tokens.gather(1, found).numpy()) % len(of.tokens)
        low, high = (torch.from_numpy((ends[n + k] - usual) / of.spread) for k in (0, 1))
        return torch.where(last >= 0, _mean_between(low, high), torch.nan)

    def _may(self, tokens: Tensor) -> Tensor:
        """Say what may still happen after each token: (B, T, n_tokens)."""
        return self.predicted & ~had_by(tokens, len(self.predicted))


@dataclass(frozen=True)
class _Unread:
    """Something that is one of some levels, and what each adds to the log rates of its codes."""

    log_share: Tensor  # (levels,)
    effect: Tensor  # (B or 1, T or 1, levels, n_codes)
    codes: Tensor

    def mean(self, tokens: Tensor, log_rates: Tensor, days: Tensor) -> Tensor:
        """Give what it adds in the mean over what it may be, seen the life: (B, T, n_codes)."""
        each = log_rates[..., None, self.codes].double().exp() * days[..., None, None]
        expected = (each * self.effect.exp()).sum(-1).cumsum(1)
        expected = functional.pad(expected, (0, 0, 1, 0))[:, :-1]  # until each token
        seen = torch.stack([tokens == code for code in self.codes], -1).double()
        told = (seen[..., None, :] * self.effect).sum(-1).cumsum(1)
        log_share = torch.log_softmax(self.log_share + told - expected, -1)  # (B, T, levels)
        return (log_share[..., None] + self.effect).logsumexp(2)


def _taken(pair: Pair, tokens: Tensor) -> Tensor:
    """Say after which tokens a pair's medicine was taken: (B, T)."""
    return (tokens == pair.medicine).cumsum(1) > 0


def _normal_points() -> tuple[Tensor, Tensor]:
    """Give points of a standard normal distribution, and the log of each one's weight."""
    at, weight = np.polynomial.hermite_e.hermegauss(POINTS)
    return torch.from_numpy(at), torch.from_numpy(np.log(weight / weight.sum()))


def _mean_between(low: Tensor, high: Tensor) -> Tensor:
    """Give the mean of what is normally distributed between two ends."""
    low, high = low.clamp(-FARTHEST, FARTHEST - 1), high.clamp(1 - FARTHEST, FARTHEST)
    at_low, at_high = (torch.exp(-(end**2) / 2) for end in (low, high))
    share = torch.special.ndtr(high) - torch.special.ndtr(low)
    mean: Tensor = (at_low - at_high) / (2 * torch.pi) ** 0.5 / share
    return mean


def _with_birthdays(tokens: Tensor, ages_days: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Put birthdays between the tokens; give where each token went: (B, T)."""
    b, t = tokens.shape
    birthdays = (torch.arange(OLDEST_YEARS) * YEAR_DAYS).expand(b, -1)
    ages, order = torch.cat([ages_days, birthdays], 1).sort(dim=1, stable=True)
    both = torch.cat([tokens, torch.full_like(birthdays, NO_EVENT, dtype=torch.long)], 1)
    return both.gather(1, order), ages, order.argsort(1)[:, :t]
