"""The true rates of a planted life, called as the network is.

Where a life does not hold a gene's token, its rates are the mean over what the gene may be, each
weighed by its share of people and by the likelihood of the life until then. That is what the best
forecast without the genome knows, so the difference between the two is what a genome adds at most.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT
from epione_training.lives.baseline import NEVER
from epione_training.lives.planted import OLDEST_YEARS, World


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

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        """Give log rates that hold after each token: (B, T, n_tokens); `NEVER` is no rate."""
        unread = [~torch.isin(tokens, gene).any(1) for gene in self.genes]  # (B,) each
        if not any(bool(each.any()) for each in unread):
            return self._with_genome_as_read(tokens, ages_days)
        t = tokens.shape[1]
        tokens, ages_days, place = _with_birthdays(tokens, ages_days)
        log_rates = self._with_genome_as_read(tokens, ages_days)
        days = torch.diff(ages_days, dim=1, append=ages_days[:, -1:]).double()
        for gene, missing in zip(self.genes, unread, strict=True):
            codes = (self.lasting[gene] != 0).any(0).nonzero()[:, 0]
            added = self._of_unread(gene, codes, tokens, log_rates[..., codes], days)
            log_rates[..., codes] += torch.where(missing[:, None, None], added, 0)
        log_rates = torch.where(self._may(tokens), log_rates, NEVER)
        return log_rates.gather(1, place[..., None].expand(-1, t, log_rates.shape[-1]))

    def sex_of(self, tokens: Tensor) -> Tensor:
        """Give 0 for female, 1 for male: (B,)."""
        return (tokens == self.male).any(1).long()

    def _with_genome_as_read(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        years = (ages_days / YEAR_DAYS).floor().clamp(0, OLDEST_YEARS - 1)  # (B, T)
        lasts = functional.embedding(tokens, self.lasting).cumsum(1)  # (B, T, n)
        since = years[:, :, None] - years[:, None, :]
        weight = torch.exp(-self.fade * since.clamp(min=0)).tril()  # (B, T, T), of what was before
        fades = weight @ functional.embedding(tokens, self.recent)
        log_rates = self.base[self.sex_of(tokens)[:, None], years.long()] + lasts + fades
        return torch.where(self._may(tokens), log_rates, NEVER)

    def _of_unread(
        self, gene: Tensor, codes: Tensor, tokens: Tensor, log_rates: Tensor, days: Tensor
    ) -> Tensor:
        """Give what a gene adds to its codes' log rates in the mean: (B, T, n_codes)."""
        effect = self.lasting[gene][:, codes].double()  # (levels, n_codes)
        expected = torch.cumsum(log_rates.double().exp() * days[..., None], 1)
        expected = functional.pad(expected, (0, 0, 1, 0))[:, :-1]  # until each token
        seen = torch.stack([tokens == code for code in codes], -1).double().cumsum(1)
        weight = self.log_share[gene] + seen @ effect.T - expected @ effect.exp().T
        added = (torch.log_softmax(weight, -1)[..., None] + effect).logsumexp(2)
        return added.float()

    def _may(self, tokens: Tensor) -> Tensor:
        """Say what may still happen after each token: (B, T, n_tokens)."""
        had = torch.zeros(*tokens.shape, len(self.predicted), device=tokens.device)
        had = had.scatter(2, tokens[..., None], 1.0).cumsum(1) > 0
        return self.predicted & ~had


def _with_birthdays(tokens: Tensor, ages_days: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Put birthdays between the tokens; give where each token went: (B, T)."""
    b, t = tokens.shape
    birthdays = (torch.arange(OLDEST_YEARS) * YEAR_DAYS).expand(b, -1)
    ages, order = torch.cat([ages_days, birthdays], 1).sort(dim=1, stable=True)
    both = torch.cat([tokens, torch.full_like(birthdays, NO_EVENT, dtype=torch.long)], 1)
    return both.gather(1, order), ages, order.argsort(1)[:, :t]
