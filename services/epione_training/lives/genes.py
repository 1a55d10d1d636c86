"""How much oftener a code comes to those of whom a genome says something, found last of all.

A network learns from lives without their genomes: so of a life without one it foresees what a
network foresees that never saw any. Then what came to the lives with a genome is held against what
the network expects of them without it. A gene concerns a code or does not, by all its levels, as
"APOE/one e4", together; where it does, each level has a factor, of those that `lifts.py` draws
from. A gene adds nothing in the mean of those of whom it was read: so where it was not, nothing is
missing.

A factor is the same whatever else was had: how a gene goes together with a medicine is not learned.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.baseline import MOST_LIVES, Baseline
from epione_training.lives.batches import Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints
from epione_training.lives.genome import with_genome
from epione_training.lives.lifts import (
    FEWEST_EXPECTED,
    Mask,
    Matrix,
    chances_of,
    drawn_log_factors,
    evidence_of,
)
from epione_training.lives.network import Network
from epione_training.lives.objective import day_before

SWEEPS = 4  # over the genes; on the planted cohort the last one changes no log factor by 0.01
LEAST_SCALE = 0.1  # of what a network has learned to weigh lifts by


def with_genes(baseline: Baseline, network: Network, cohort: Cohort, reading: Reading) -> Baseline:
    """Find what a cohort's genomes say, and tell a trained network and its baseline."""
    lives = with_genome(cohort)
    lives = lives.where(np.arange(len(lives)) % (1 + len(lives) // MOST_LIVES) == 0)
    genome = np.isin(baseline.lifted, cohort.vocabulary.of_kind(Kind.GENOME))
    if not len(lives) or not genome.any():
        return baseline
    came = _came_of(network, lives, baseline.lifted, reading)
    said = np.array([np.isin(baseline.lifted[genome], life.tokens) for life in lives])
    lift = baseline.lift.copy()
    lift[genome] = gene_lifts(came, said, genes_of(cohort.vocabulary, baseline.lifted[genome]))
    scale = network.counted.scale.detach().numpy()[baseline.lifted]
    rows = torch.from_numpy(np.flatnonzero(genome))
    weighed = lift[genome] / np.maximum(scale, LEAST_SCALE)
    network.counted.table[rows, :-1] = torch.from_numpy(weighed)
    return replace(baseline, lift=lift)


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
        mean = (expected * np.exp(found)).sum(0) / np.maximum(expected.sum(0), 1e-9)
        lift[gene] = np.where(mean > 0, found - np.log(np.maximum(mean, 1e-9)), 0)
    return lift.astype(np.float32)


def genes_of(vocabulary: Vocabulary, tokens: Ints) -> list[Ints]:
    """Give the places of each gene's levels among tokens.

    A token's name is that of its gene, a slash, and what the gene is.
    """
    names = np.array([vocabulary.names[token].partition("/")[0] for token in tokens])
    return [np.flatnonzero(names == name) for name in np.unique(names)]


def _came_of(network: Network, lives: Cohort, lifted: Ints, reading: Reading) -> Came:
    """Hold what came to lives against what a network expects of them without their genomes."""
    network.eval()
    bare = lives.without_genome()
    order = np.argsort(bare.lengths, kind="stable")  # of the batches
    seen, expected = np.zeros((2, len(lives), len(lifted)))
    begin = 0
    with torch.inference_mode():
        for batch in batches_of(bare, reading):
            rows = order[begin : begin + len(batch.tokens)]
            begin += len(rows)
            days = torch.diff(batch.ages_days, dim=1, append=batch.ages_days[:, -1:])
            each = (network(*batch).exp() * days[..., None]).sum(1)
            expected[rows] = each[:, torch.from_numpy(lifted)].numpy()
            is_event = network.predicted[batch.tokens] & (day_before(batch.ages_days) >= 0)
            tokens = torch.where(is_event, batch.tokens, 0).numpy()
            seen[rows] = (tokens[..., None] == lifted).sum(1)
    return Came(seen, expected)
