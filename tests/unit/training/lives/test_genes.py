"""What genomes say is found last, and a life without one is foreseen as if no life had any."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import FEMALE, VOCABULARY, A, B, C, cohort_of, life, world

from epione.timeline.vocabulary import Kind, Vocabulary
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.batches import Batch, Reading, batch_of
from epione_training.lives.cohort import Cohort, Life
from epione_training.lives.genes import Came, gene_lifts, genes_of, with_genes
from epione_training.lives.learning import learn
from epione_training.lives.network import Network, Shape
from epione_training.lives.training import Schedule

LOW, HIGH = 8, 9
GENOMES = Vocabulary(
    (*VOCABULARY.names, "GENE/low", "GENE/high"), (*VOCABULARY.kinds, Kind.GENOME, Kind.GENOME)
)
SMALL = Shape(layers=2, width=16, heads=2, dropout=0.0)
N, FACTORS = 4_000, (0.5, 1.5)


def came(chance: np.random.Generator) -> tuple[Came, np.ndarray]:
    """Draw what came to lives: the first of three codes goes by two genes of two levels each."""
    expected = np.full((N, 3), 0.3)
    said = np.zeros((N, 4), bool)
    one, other = chance.integers(0, 2, (2, N))
    said[np.arange(N), one], said[np.arange(N), 2 + other] = True, True
    factor = np.array(FACTORS)[one] * np.array(FACTORS)[other]
    rates = expected * np.stack([factor, np.ones(N), np.ones(N)], 1)
    return Came(chance.poisson(rates).astype(float), expected), said


def test_each_gene_has_its_own_factors() -> None:
    drawn, said = came(np.random.default_rng(0))

    lift = gene_lifts(drawn, said, [np.array([0, 1]), np.array([2, 3])])

    assert np.exp(lift[:, 0]) == pytest.approx([*FACTORS, *FACTORS], rel=0.12)
    assert lift[:, 1:] == pytest.approx(0, abs=0.02)


def test_a_gene_adds_nothing_in_the_mean_of_those_of_whom_it_was_read() -> None:
    """Though twice as much came to everyone as was expected."""
    drawn, said = came(np.random.default_rng(0))
    twice = Came(drawn.seen, drawn.expected / 2)

    lift = gene_lifts(twice, said[:, :2], [np.array([0, 1])])

    assert (said[:, :2] @ np.exp(lift)).mean(0) == pytest.approx(1, rel=0.02)


def test_a_gene_is_what_its_tokens_name_before_the_slash() -> None:
    names = ("Padding", "No event", "HFE/C282Y/C282Y", "APOE/one e4", "HFE/other")
    kinds = (Kind.PADDING, Kind.NO_EVENT, *[Kind.GENOME] * 3)

    found = genes_of(Vocabulary(names, kinds), np.array([2, 3, 4]))

    assert [places.tolist() for places in found] == [[1], [0, 2]]


def with_levels(cohort: Cohort) -> Cohort:
    """Say of two lives in three whether B comes: what a genome could say at most."""
    lives = [_told(one, n) for n, one in enumerate(cohort)]
    return replace(cohort_of(lives), vocabulary=GENOMES)


def _told(one: Life, n: int) -> Life:
    if n % 3 == 0:
        return one
    level = HIGH if B in one.tokens else LOW
    return Life(np.insert(one.ages_days, 1, 0), np.insert(one.tokens, 1, level))


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return with_levels(world(400))


@pytest.fixture
def network(cohort: Cohort) -> tuple[Network, Baseline]:
    torch.manual_seed(1)
    baseline = baseline_of(cohort)
    network = Network(GENOMES, baseline, SMALL)
    assert network.reader is not None
    torch.nn.init.normal_(network.reader.head.weight, std=0.1)
    return network.eval(), baseline


@torch.inference_mode()
def test_what_a_genome_says_is_found_by_the_trained_network(
    cohort: Cohort, network: tuple[Network, Baseline]
) -> None:
    ours, baseline = network
    without = batch_of([life((0, FEMALE), (9_000, A))], Reading())
    before = ours(*without)

    found = with_genes(baseline, ours, cohort, Reading())

    times = {level: _times(ours, level) for level in (LOW, HIGH)}
    assert times[HIGH][B] > 1.2
    assert times[LOW][B] < 0.5
    assert times[HIGH][C].item() == pytest.approx(1, abs=0.2)
    assert torch.equal(ours(*without), before)
    place = found.lifted.tolist().index
    bare, told = found.mean_lift[:, 0, 0, place(B)]
    log_times = found.lift[place(LOW), place(B)] - told + bare
    assert np.exp(log_times) == pytest.approx(times[LOW][B].item(), rel=1e-4)


@torch.inference_mode()
def test_the_transformer_reads_no_genome(network: tuple[Network, Baseline]) -> None:
    reader = network[0].reader
    assert reader is not None
    bare = Batch(torch.tensor([[FEMALE, A, C]]), torch.tensor([[0.0, 9_000, 12_000]]))
    said = Batch(torch.tensor([[FEMALE, HIGH, A, C]]), torch.tensor([[0.0, 0, 9_000, 12_000]]))

    torch.testing.assert_close(reader(*said)[:, [0, 2, 3]], reader(*bare), atol=1e-5, rtol=0)


def test_lifts_of_codes_are_counted_as_if_no_genome_were_known(cohort: Cohort) -> None:
    ours, theirs = baseline_of(cohort), baseline_of(cohort.without_genome())

    places = np.searchsorted(ours.lifted, theirs.lifted)
    assert np.array_equal(ours.lift[np.ix_(places, places)], theirs.lift)
    assert np.array_equal(ours.mean_lift[..., places], theirs.mean_lift)


def test_of_what_happens_once_less_is_left_for_those_of_whom_a_gene_says_more(
    cohort: Cohort, network: tuple[Network, Baseline]
) -> None:
    ours, baseline = network

    mean = with_genes(baseline, ours, cohort, Reading()).mean_lift
    of_b = (mean[1] - mean[0])[..., baseline.lifted.tolist().index(B)]

    assert of_b[-1, 12] < of_b[-1, 1]


def test_a_life_without_a_genome_is_foreseen_as_if_none_had_any(
    cohort: Cohort, tmp_path: Path
) -> None:
    schedule = Schedule(steps=8)
    ours = learn(cohort, tmp_path / "ours", schedule)
    theirs = learn(cohort.without_genome(), tmp_path / "theirs", schedule)
    lives = batch_of([life((0, FEMALE), (9_000, A), (12_000, C))], Reading())

    torch.testing.assert_close(ours.network(*lives), theirs.network(*lives), atol=1e-5, rtol=0)
    lifts = [each.counting(1.0).counted.table.abs().sum() for each in (ours, theirs)]
    assert lifts[0] > lifts[1]


def _times(network: Network, level: int) -> torch.Tensor:
    """Give how many times as high each rate is at birth with what a genome says: (n_tokens,)."""
    lift = network.parts(torch.tensor([[FEMALE, level]]), torch.zeros(1, 2)).lift[0]
    return (lift[1] - lift[0]).exp()
