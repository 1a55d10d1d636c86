"""How much oftener a code comes to those of whom a genome says something, found last of all.

A network learns from lives without their genomes: so of a life without one it foresees what a
network foresees that never saw any. Then what came to the lives with a genome is held against what
the network expects of them without it. A gene concerns a code or does not, by all its levels, as
"APOE/one e4", together; where it does, each level has a factor, of those that `lifts.py` draws
from. A gene adds nothing in the mean of those of whom it was read: so where it was not, nothing is
missing. Of what happens once, those of whom a gene says more have it earlier, and what is left to
come is theirs no more: so the mean of all that is said goes by sex and age, of those who take a
medicine and of those who do not alike.

A gene concerns a code always, or from when a medicine was first taken on, or both. Lives are
counted in stretches from one first taking to the next, so that all factors that stand in one are
found beside each other. A gene and a code begin with the one that by itself explains best what
came; then each is found anew beside the others, until none moves. How a gene goes together with
anything else is not learned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from epione.timeline.names import is_medicine
from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.baseline import MOST_LIVES, Baseline
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints
from epione_training.lives.genome import with_genome
from epione_training.lives.lifts import (
    FEWEST_EXPECTED,
    N_BINS,
    SEXES,
    SHAPE,
    Mask,
    Matrix,
    bin_of,
    chance_of,
    drawn_log_factors,
    evidence_of,
    share_of,
)
from epione_training.lives.network import Network, first_of, had_by
from epione_training.lives.objective import day_before

ALWAYS = 0  # the place of the factors that always stand; those beside medicines follow
SWEEPS, SETTLED = 16, 0.01  # over the genes, at most, and by how much log factors move in the last
MOST_MEDICINES = 32  # the commonest, beside which genes may have other factors
LEAST_TOLD = 0.01  # a log factor: a pair that has none above it is left out
LEAST = 1e-9  # events that are expected
LEAST_SCALE = 0.1  # of what a network has learned to weigh lifts by


def with_genes(baseline: Baseline, network: Network, cohort: Cohort, reading: Reading) -> Baseline:
    """Find what a cohort's genomes say, and tell a trained network and its baseline."""
    lives = with_genome(cohort).strided(MOST_LIVES)
    is_level = np.isin(baseline.lifted, cohort.vocabulary.of_kind(Kind.GENOME))
    if not len(lives) or not is_level.any():
        return baseline
    network.eval()
    said = np.array([np.isin(baseline.lifted[is_level], life.tokens) for life in lives])
    genes = _found(network, lives, baseline.lifted, is_level, said, reading)
    lift, mean = baseline.lift.copy(), baseline.mean_lift.copy()
    lift[is_level] = genes.lift
    added = _mean_of(network, lives, baseline.lifted, genes, said, reading)
    mean[1] += added
    counted = network.counted
    scale = _scale_of(network, baseline.lifted)
    rows = torch.from_numpy(np.flatnonzero(is_level))
    counted.table[rows, :-1] = torch.from_numpy(genes.lift / scale)
    counted.mean[1, ..., :-1] += torch.from_numpy(added / scale)
    tell_pairs(network, baseline.lifted, genes.pairs, genes.pair_lift)
    return replace(
        baseline, lift=lift, mean_lift=mean, pairs=genes.pairs, pair_lift=genes.pair_lift
    )


def tell_pairs(network: Network, lifted: Ints, pairs: Ints, pair_lift: Matrix) -> None:
    """Let a network have these pairs, as `Baseline` has them, and no others."""
    table = torch.from_numpy(pair_lift / _scale_of(network, lifted))
    network.counted.pairs = torch.from_numpy(pairs)
    network.counted.pair_table = functional.pad(table, (0, 1))


@dataclass(frozen=True)
class Came:
    """How many of each code came, and were expected, in stretches of lives.

    A stretch ends where a medicine is first taken. Of a code that comes again the first counts.
    """

    life: Ints  # (n_stretches,)
    taken: Mask  # (n_stretches, n_medicines)
    seen: Matrix  # (n_stretches, n_lifted)
    expected: Matrix


@dataclass(frozen=True)
class Genes:
    """Log factors: `lift` (n_levels, n_lifted), and of pairs as `Baseline` has them."""

    levels: Ints
    lift: Matrix
    pairs: Ints
    pair_lift: Matrix

    def log_factors(self, said: Mask, tokens: Ints) -> Matrix:
        """Give what genomes say (n, n_levels) of lives at their tokens (n, T): (n, T, n_lifted)."""
        level = np.searchsorted(self.levels, self.pairs[:, 0])
        taken = (tokens[..., None] == self.pairs[:, 1]).cumsum(1) > 0  # (n, T, n_pairs)
        both = taken & said[:, None, level]
        log_factors: Matrix = (said @ self.lift)[:, None] + both @ self.pair_lift
        return log_factors


def gene_lifts(came: Came, said: Mask, genes: Sequence[Ints]) -> tuple[Matrix, Matrix]:
    """Find the log factors of all levels on all codes.

    Args:
        came: To lives.
        said: (n_lives, n_levels), what the genome of each says.
        genes: The places of each gene's levels.

    Returns:
        (n_levels, n_lifted), which always stand; and (n_medicines, n_levels, n_lifted), which stand
        beside them from when each medicine was taken on.
    """
    factors = _Factors(came, said)
    shares = [factors.find(ALWAYS, gene) for gene in genes]
    share_beside = factors.share_beside(genes)
    for gene, share in zip(genes, shares, strict=True):
        factors.begin(gene, share, share_beside)
    for _ in range(SWEEPS):
        before = factors.lift.copy()
        for gene in genes:
            factors.find(ALWAYS, gene)
        share_beside = factors.share_beside(genes)
        for gene in genes:
            for n in factors.medicines:
                factors.find(n, gene, share_beside)
        if np.abs(factors.lift - before).max() < SETTLED:
            break
    return factors.lift[ALWAYS], factors.lift[1:]


class _Factors:
    """Log factors as far as they are found: `lift` (1 + n_medicines, n_levels, n_lifted).

    Those that always stand come first, then those beside each medicine.
    """

    def __init__(self, came: Came, said: Mask) -> None:
        self._came, self._says = came, said[came.life].astype(np.float32)
        self._rows = [np.arange(len(came.life)), *(np.flatnonzero(each) for each in came.taken.T)]
        self._standing = np.zeros(came.seen.shape, np.float32)  # in each stretch
        self.lift = np.zeros((len(self._rows), said.shape[1], came.seen.shape[1]), np.float32)
        self.medicines = range(1, len(self._rows))

    def find(self, n: int, gene: Ints, share: float | None = None) -> float:
        """Find a gene's n-th factors beside all others; give the share of codes that have any.

        Where it is not given, the evidence tells it.
        """
        counts = self._counts(n, gene)
        if share is None:
            share = share_of(counts.evidence[counts.tells])
        self._put(n, gene, counts.log_factors(chance_of(counts.evidence, share)))
        return share

    def share_beside(self, genes: Sequence[Ints]) -> float:
        """Give the share of codes, of all genes and medicines, that have factors beside them."""
        found = [self._counts(n, gene) for n in self.medicines for gene in genes]
        told = [counts.evidence[counts.tells] for counts in found]
        return share_of(np.concatenate([np.zeros(0), *told]))

    def begin(self, gene: Ints, share: float, share_beside: float) -> None:
        """Let a gene have of each code the factors that alone are likeliest, and no others."""
        self._put(ALWAYS, gene, np.zeros_like(self.lift[ALWAYS, gene]))
        found = [self._counts(n, gene) for n in range(len(self.lift))]
        shares = np.array([share, *[share_beside] * len(self.medicines)])[:, None]
        evidence = np.array([counts.evidence for counts in found])  # (1 + n_medicines, n_lifted)
        best = (evidence + np.log(shares / (1 - shares))).argmax(0)
        for n, counts in enumerate(found):
            chance = chance_of(evidence[n], float(shares[n, 0]))
            self._put(n, gene, counts.log_factors(np.where(best == n, chance, 0)))

    def _counts(self, n: int, gene: Ints) -> "_Counts":
        """Count what came where a gene's n-th factors stand, beside all others."""
        rows = self._rows[n]
        says = self._says[rows][:, gene]
        others = self._standing[rows] - says @ self.lift[n, gene]
        return _Counts.of(self._came.seen[rows], self._came.expected[rows] * np.exp(others), says)

    def _put(self, n: int, gene: Ints, log_factors: Matrix) -> None:
        """Let these be a gene's n-th factors: (levels, n_lifted)."""
        rows = self._rows[n]
        self._standing[rows] += self._says[rows][:, gene] @ (log_factors - self.lift[n, gene])
        self.lift[n, gene] = log_factors


@dataclass(frozen=True)
class _Counts:
    """What came to those of each level of a gene, and was expected; (levels, n_lifted) each."""

    seen: Floats
    expected: Floats
    tells: Mask  # (n_lifted,), whether enough was expected to tell how many codes a gene concerns

    @classmethod
    def of(cls, seen: Matrix, expected: Matrix, says: Matrix) -> "_Counts":
        """Count, of stretches (n, n_lifted) and what a gene says of them (n, levels).

        As many are expected of all levels together as came: a gene concerns a code by how its
        levels differ, and not by what a network misses in everyone.
        """
        levels = says.T.astype(np.float64)
        came, expects = levels @ seen, levels @ expected
        whole = expects.sum(0)
        scaled = expects * came.sum(0) / np.maximum(whole, LEAST)
        return cls(came, scaled, whole > FEWEST_EXPECTED)

    @property
    def evidence(self) -> Floats:
        """Give the log odds that the gene concerns each code: (n_lifted,).

        The sum over levels is held as it is: so to the odds of each level's count comes how much
        less likely that sum is, near its mean, where factors make it vary more.
        """
        squares, whole = (self.expected**2).sum(0), np.maximum(self.expected.sum(0), LEAST)
        free = evidence_of(self.seen, self.expected).sum(0)
        evidence: Floats = free + np.log1p(squares / (SHAPE * whole)) / 2
        return evidence

    def log_factors(self, chance: Floats) -> Matrix:
        """Give those of the levels by the chance that they have any; in the mean there is none."""
        found = chance * drawn_log_factors(self.seen, self.expected)
        whole = np.maximum(self.expected.sum(0), LEAST)
        mean = (self.expected * np.exp(found)).sum(0) / whole
        centred = np.where(mean > 0, found - np.log(np.maximum(mean, LEAST)), 0)
        return centred.astype(np.float32)


def genes_of(vocabulary: Vocabulary, tokens: Ints) -> list[Ints]:
    """Give the places of each gene's levels among tokens.

    A token's name is that of its gene, a slash, and what the gene is.
    """
    names = np.array([vocabulary.names[token].partition("/")[0] for token in tokens])
    return [np.flatnonzero(names == name) for name in np.unique(names)]


def _scale_of(network: Network, lifted: Ints) -> Matrix:
    """Give what a network has learned to weigh the lifts of codes by: (n_lifted,)."""
    scale: Matrix = network.counted.scale.detach().numpy()[lifted]
    return np.maximum(scale, LEAST_SCALE)


def _found(
    network: Network, lives: Cohort, lifted: Ints, is_level: Mask, said: Mask, reading: Reading
) -> Genes:
    """Find what genomes say, alone and beside the commonest medicines."""
    levels, vocabulary = lifted[is_level], lives.vocabulary
    medicines = np.array([t for t in lifted if is_medicine(vocabulary.names[t])], np.int64)
    medicines = medicines[np.argsort(-lives.counts[medicines], kind="stable")][:MOST_MEDICINES]
    came = _came_of(network, lives, lifted, medicines, reading)
    lift, beside = gene_lifts(came, said, genes_of(vocabulary, levels))
    medicine, level = np.nonzero(np.abs(beside).max(-1) > LEAST_TOLD)
    pairs = np.stack([levels[level], medicines[medicine]], 1)
    return Genes(levels, lift, pairs, beside[medicine, level])


def _came_of(
    network: Network, lives: Cohort, lifted: Ints, medicines: Ints, reading: Reading
) -> Came:
    """Hold what came to lives against what a network expects of them without their genomes."""
    found = []
    for rows, batch, each in _expected_of(network, lives, lifted, reading):
        tokens, before = batch.tokens, day_before(batch.ages_days)
        first = first_of(tokens)
        is_first = (first & network.predicted[tokens] & (before >= 0)).numpy()
        had = had_by(tokens, len(network.predicted))[..., torch.from_numpy(lifted)].numpy()
        begins = first.numpy() & np.isin(tokens.numpy(), medicines)
        begins[:, 0] = True
        stretch = begins.cumsum().reshape(begins.shape) - 1  # (n, T), of all in the batch
        at = np.flatnonzero(begins)
        seen = np.zeros((len(at), len(lifted)), np.float32)
        life, place = np.nonzero(is_first & np.isin(tokens.numpy(), lifted))
        column = np.searchsorted(lifted, tokens.numpy()[life, place])
        np.add.at(seen, (stretch[life, before.numpy()[life, place]], column), 1)
        expected = np.add.reduceat((each * ~had).reshape(-1, len(lifted)), at, axis=0)
        taken = (tokens.numpy()[..., None] == medicines).cumsum(1) > 0  # (n, T, n_medicines)
        of_life = np.repeat(rows, begins.sum(1))
        found.append((of_life, taken[begins], seen, expected))
    return Came(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _mean_of(
    network: Network, lives: Cohort, lifted: Ints, genes: Genes, said: Mask, reading: Reading
) -> Matrix:
    """Give the log of the mean factor of what is still to come: (SEXES, N_BINS, n_lifted)."""
    plain, lifted_sum = np.zeros((2, SEXES, N_BINS, len(lifted)))
    for rows, batch, each in _expected_of(network, lives, lifted, reading):
        at = network.sex_of(batch.tokens).numpy()[:, None], bin_of(batch.ages_days.numpy())
        np.add.at(plain, at, each)
        factors = np.exp(genes.log_factors(said[rows], batch.tokens.numpy()))
        np.add.at(lifted_sum, at, each * factors)
    for total in (plain, lifted_sum):
        total[-1] = total.sum(0)  # of everyone
    mean = np.log(np.maximum(lifted_sum, LEAST) / np.maximum(plain, LEAST))
    return mean.astype(np.float32)


def _expected_of(
    network: Network, lives: Cohort, lifted: Ints, reading: Reading
) -> Iterator[tuple[Ints, Batch, Matrix]]:
    """Give the lives of each batch, and how many are expected between their tokens."""
    bare = lives.without_genome()
    order = np.argsort(bare.lengths, kind="stable")  # of the batches
    begin = 0
    with torch.inference_mode():
        for batch in batches_of(bare, reading):
            rows = order[begin : begin + len(batch.tokens)]
            begin += len(rows)
            days = torch.diff(batch.ages_days, dim=1, append=batch.ages_days[:, -1:])
            each = network(*batch)[..., torch.from_numpy(lifted)].exp() * days[..., None]
            yield rows, batch, each.numpy()
