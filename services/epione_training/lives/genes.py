"""How much oftener a code comes to those of whom a genome says something, found last of all.

A network learns from lives without their genomes: so of a life without one it foresees what a
network foresees that never saw any. Then what came to the lives with a genome is held against what
the network expects of them without it. A gene concerns a code or does not, by all its levels, as
"APOE/one e4", together; where it does, each level has a factor, of those that `lifts.py` draws
from. A gene adds nothing in the mean of those of whom it was read: so where it was not, nothing is
missing. Of what happens once, those of whom a gene says more have it earlier, and what is left to
come is theirs no more: so the mean of all that is said goes by sex and age.

A factor is the same whatever else was had: how a gene goes together with a medicine is not learned.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.baseline import MOST_LIVES, Baseline
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints
from epione_training.lives.genome import with_genome
from epione_training.lives.lifts import (
    FEWEST_EXPECTED,
    N_BINS,
    SEXES,
    Mask,
    Matrix,
    bin_of,
    chances_of,
    drawn_log_factors,
    evidence_of,
)
from epione_training.lives.network import Network
from epione_training.lives.objective import day_before

SWEEPS = 4  # over the genes; on the planted cohort the last one changes no log factor by 0.01
LEAST = 1e-9  # events that are expected
LEAST_SCALE = 0.1  # of what a network has learned to weigh lifts by


def with_genes(baseline: Baseline, network: Network, cohort: Cohort, reading: Reading) -> Baseline:
    """Find what a cohort's genomes say, and tell a trained network and its baseline."""
    lives = with_genome(cohort).strided(MOST_LIVES)
    genome = np.isin(baseline.lifted, cohort.vocabulary.of_kind(Kind.GENOME))
    if not len(lives) or not genome.any():
        return baseline
    network.eval()
    levels = baseline.lifted[genome]
    said = np.array([np.isin(levels, life.tokens) for life in lives])
    lift, mean = baseline.lift.copy(), baseline.mean_lift.copy()
    came = _came_of(network, lives, baseline.lifted, reading)
    lift[genome] = gene_lifts(came, said, genes_of(cohort.vocabulary, levels))
    added = _mean_of(network, lives, baseline.lifted, said @ lift[genome], reading)
    mean[1] += added
    scale = np.maximum(network.counted.scale.detach().numpy()[baseline.lifted], LEAST_SCALE)
    rows = torch.from_numpy(np.flatnonzero(genome))
    network.counted.table[rows, :-1] = torch.from_numpy(lift[genome] / scale)
    network.counted.mean[1, ..., :-1] += torch.from_numpy(added / scale)
    return replace(baseline, lift=lift, mean_lift=mean)


@dataclass(frozen=True)
class Came:
    """How many of each code came to each life, and were expected; each (n_lives, n_lifted)."""

    seen: Floats
    expected: Floats


def gene_lifts(came: Came, said: Mask, genes: list[Ints]) -> Matrix:
    """Find the log factors of all levels on all codes, gene by gene beside the others'.

    Args:
        came: To the lives.
        said: (n_lives, n_levels), what the genome of each says.
        genes: The places of each gene's levels.

    Returns:
        (n_levels, n_lifted).
    """
    says = said.astype(np.float64)
    seen = says.T @ came.seen
    lift = np.zeros_like(seen)
    for gene in genes * SWEEPS:
        lift[gene] = 0
        expected = says[:, gene].T @ (came.expected * np.exp(says @ lift))
        evidence = evidence_of(seen[gene], expected).sum(0)
        chance = chances_of(evidence, expected.sum(0) > FEWEST_EXPECTED)
        found = chance * drawn_log_factors(seen[gene], expected)
        mean = (expected * np.exp(found)).sum(0) / np.maximum(expected.sum(0), LEAST)
        lift[gene] = np.where(mean > 0, found - np.log(np.maximum(mean, LEAST)), 0)
    return lift.astype(np.float32)


def genes_of(vocabulary: Vocabulary, tokens: Ints) -> list[Ints]:
    """Give the places of each gene's levels among tokens.

    A token's name is that of its gene, a slash, and what the gene is.
    """
    names = np.array([vocabulary.names[token].partition("/")[0] for token in tokens])
    return [np.flatnonzero(names == name) for name in np.unique(names)]


def _came_of(network: Network, lives: Cohort, lifted: Ints, reading: Reading) -> Came:
    """Hold what came to lives against what a network expects of them without their genomes."""
    seen, expected = np.zeros((2, len(lives), len(lifted)))
    for rows, batch, each in _expected_of(network, lives, lifted, reading):
        expected[rows] = each.sum(1)
        is_event = network.predicted[batch.tokens] & (day_before(batch.ages_days) >= 0)
        tokens = torch.where(is_event, batch.tokens, 0).numpy()
        seen[rows] = (tokens[..., None] == lifted).sum(1)
    return Came(seen, expected)


def _mean_of(
    network: Network, lives: Cohort, lifted: Ints, log_factors: Floats, reading: Reading
) -> Matrix:
    """Give the log of the mean factor of what is still to come: (SEXES, N_BINS, n_lifted).

    Args:
        network: Says without genomes what is.
        lives: Those with a genome.
        lifted: The tokens of the last axis.
        log_factors: (n_lives, n_lifted), by each life's genome.
        reading: How lives become batches.
    """
    plain, lifted_sum = np.zeros((2, SEXES, N_BINS, len(lifted)))
    for rows, batch, each in _expected_of(network, lives, lifted, reading):
        at = network.sex_of(batch.tokens).numpy()[:, None], bin_of(batch.ages_days.numpy())
        np.add.at(plain, at, each)
        np.add.at(lifted_sum, at, each * np.exp(log_factors[rows])[:, None])
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
