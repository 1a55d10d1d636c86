"""What genomes say is found last, and a life without one is foreseen as if no life had any."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import (
    FEMALE,
    VOCABULARY,
    A,
    B,
    C,
    cohort_of,
    drawn,
    life,
    world,
)
from tests.unit.training.lives.worlds import SMALL as WORLD

from epione.timeline.vocabulary import NO_EVENT, Kind, Vocabulary
from epione_training.lives.baseline import Baseline, baseline_of
from epione_training.lives.batches import Batch, Reading, batch_of, batches_of
from epione_training.lives.cohort import Cohort, Life
from epione_training.lives.genes import Came, _came_of, gene_lifts, genes_of, with_genes
from epione_training.lives.genome import with_genome
from epione_training.lives.learning import learn
from epione_training.lives.network import Network, Shape
from epione_training.lives.training import Schedule

LOW, HIGH = 8, 9
GENOMES = Vocabulary(
    (*VOCABULARY.names, "GENE/low", "GENE/high"), (*VOCABULARY.kinds, Kind.GENOME, Kind.GENOME)
)
SMALL = Shape(layers=2, width=16, heads=2, dropout=0.0)
N, FACTORS = 12_000, np.array([0.5, 1.5])


def drawn_of(
    rates: np.ndarray, says: np.ndarray, chance: np.random.Generator, **of: np.ndarray
) -> Came:
    """Draw what came where no factor but `says` stands, (n_stretches, n_lifted) each."""
    life = of.get("life", np.arange(len(rates)))
    taken = of.get("taken", np.zeros((len(rates), 0), bool))
    seen = chance.poisson(rates * says).astype(np.float32)
    return Came(life, taken, seen, rates.astype(np.float32))


def levels_of(chance: np.random.Generator, n_genes: int) -> np.ndarray:
    """Draw which of two levels each gene of N lives has."""
    levels = [np.eye(2, dtype=bool)[chance.integers(0, 2, N)] for _ in range(n_genes)]
    return np.concatenate(levels, 1)


def stretches(before: float, since: float, took: np.ndarray) -> dict[str, np.ndarray]:
    """Part the lives that took each medicine (N, n_medicines) into before and since, at once."""
    some = np.flatnonzero(took.any(1))
    rates = np.concatenate([np.full(N, before), np.full(len(some), since)])
    taken = np.concatenate([np.zeros_like(took), took[some]])
    return {"life": np.concatenate([np.arange(N), some]), "taken": taken, "rates": rates}


def test_each_gene_has_its_own_factors() -> None:
    chance = np.random.default_rng(0)
    said = levels_of(chance, 2)
    factor = (said[:, :2] @ FACTORS) * (said[:, 2:] @ FACTORS)
    came = drawn_of(np.full((N, 3), 0.3), np.stack([factor, np.ones(N), np.ones(N)], 1), chance)

    lift, _ = gene_lifts(came, said, [np.array([0, 1]), np.array([2, 3])])

    assert np.exp(lift[:, 0]) == pytest.approx([*FACTORS, *FACTORS], rel=0.12)
    assert lift[:, 1:] == pytest.approx(0, abs=0.03)


def test_a_gene_adds_nothing_in_the_mean_of_those_of_whom_it_was_read() -> None:
    """Though twice as much came to everyone as was expected; of one code no level differs."""
    chance = np.random.default_rng(0)
    said = levels_of(chance, 1)
    says = np.stack([2 * said @ FACTORS, np.full(N, 2)], 1)

    lift, _ = gene_lifts(drawn_of(np.full((N, 2), 0.3), says, chance), said, [np.array([0, 1])])

    assert (said @ np.exp(lift)).mean(0) == pytest.approx(1, rel=0.02)
    assert lift[:, 1] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("before", "since"), [(0.5, 0.5), (0.15, 1.0)], ids=["few since", "most since"]
)
def test_what_a_gene_does_beside_a_medicine_is_told_apart_from_what_it_always_does(
    before: float, since: float
) -> None:
    """It always raises the first of three codes, beside a medicine the second, never a third."""
    chance = np.random.default_rng(0)
    said, took = levels_of(chance, 1), np.arange(N)[:, None] % 3 == 0
    of = stretches(before, since, took)
    factor, is_since = (said @ FACTORS)[of["life"]], of["taken"][:, 0]
    says = np.stack([factor, np.where(is_since, factor, 1), np.ones(len(factor))], 1)
    came = drawn_of(np.stack([of.pop("rates")] * 3, 1), says, chance, **of)

    lift, beside = gene_lifts(came, said, [np.array([0, 1])])

    assert np.exp(lift[:, 0]) == pytest.approx(FACTORS, rel=0.12)
    assert np.exp(beside[0, :, 1]) == pytest.approx(FACTORS, rel=0.12)
    assert lift[:, 1:] == pytest.approx(0, abs=0.03)
    assert beside[0, :, [0, 2]] == pytest.approx(0, abs=0.03)


def test_of_two_medicines_that_are_taken_together_the_one_that_does_something_is_found() -> None:
    chance = np.random.default_rng(0)
    said, first = levels_of(chance, 1), chance.random(N) < 0.4
    second = np.where(chance.random(N) < 0.7, first, ~first)
    of = stretches(0.5, 1.0, np.stack([second, first], 1))
    factor = np.where(of["taken"][:, 1], (said @ FACTORS)[of["life"]], 1)
    came = drawn_of(of.pop("rates")[:, None], factor[:, None], chance, **of)

    lift, beside = gene_lifts(came, said, [np.array([0, 1])])

    assert np.exp(beside[1, :, 0]) == pytest.approx(FACTORS, rel=0.12)
    assert beside[0] == pytest.approx(0, abs=0.03)
    assert lift == pytest.approx(0, abs=0.03)


def test_lives_are_counted_from_one_first_taking_to_the_next_and_what_repeats_once(
    cohort: Cohort, network: tuple[Network, Baseline]
) -> None:
    """What comes on the day of a medicine came before it; a second B is no other."""
    ours, baseline = network
    lives = [
        life((0, FEMALE), (9_000, A), (9_000, C), (9_500, B), (9_600, B), (10_000, NO_EVENT)),
        life((0, FEMALE), (9_000, C), (9_200, A), (9_300, A), (10_000, NO_EVENT)),
    ]
    few = replace(cohort_of(lives), vocabulary=GENOMES)
    place = baseline.lifted.tolist().index

    came = _came_of(ours, few, baseline.lifted, np.array([A]), Reading())

    order = np.lexsort((came.taken[:, 0], came.life))
    assert came.life[order].tolist() == [0, 0, 1, 1]
    assert came.taken[order].tolist() == [[False], [True]] * 2
    seen = came.seen[order][:, [place(B), place(C), place(A)]]
    assert seen.tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 1], [0, 0, 0]]
    expected = came.expected[order][:, [place(B), place(A)]]
    assert expected[3, 0] > expected[1, 0] > 0
    assert (expected[[1, 3], 1] == 0).all()


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


def test_what_a_gene_does_beside_a_medicine_is_found_of_lives(tmp_path: Path) -> None:
    """Of two genes one does; the true log factors are 1.6 of a level, 0 of all others."""
    other = {"other": {"share": 0.5}, "usual": {"share": 0.5}}
    medicine = "RXNORM/36567 simvastatin"
    codes = {"DEATH": WORLD["codes"]["DEATH"], medicine: [20.0, 0.0, 0.0, 0.0]}
    rare = {"share": 0.3, "with": {medicine: {"DEATH": 1.6}}}
    genome = {"G": {"rare": rare, "common": {"share": 0.7}}, "H": other}
    cohort = drawn(WORLD | {"codes": codes, "effects": {}, "genome": genome}, 3_000, tmp_path)
    baseline = baseline_of(cohort)
    network = Network(cohort.vocabulary, baseline, None)

    token = cohort.vocabulary.by_name
    with torch.no_grad():
        network.counted.scale[token["DEATH"]] = 0.5

    found = with_genes(baseline, network, cohort, Reading())

    lives = with_genome(cohort)
    with_it, without = (expected_in(network, each) for each in (lives, lives.without_genome()))
    assert with_it[token["DEATH"]] == pytest.approx(without[token["DEATH"]], rel=0.02)
    rates = {level: _death_of(network, level, token) for level in ("G/rare", "G/common")}
    before, after = np.subtract(rates["G/rare"], rates["G/common"])
    assert before == pytest.approx(0, abs=0.15)
    assert after == pytest.approx(1.6, abs=0.25)
    assert {tuple(pair) for pair in found.pairs} == {
        (token[level], token["RXNORM/36567"]) for level in ("G/rare", "G/common")
    }


@torch.inference_mode()
def expected_in(network: Network, cohort: Cohort) -> np.ndarray:
    """Give how many of each code a network expects of lives."""
    expected = np.zeros(len(cohort.vocabulary))
    for batch in batches_of(cohort, Reading()):
        days = torch.diff(batch.ages_days, dim=1, append=batch.ages_days[:, -1:])
        expected += (network(*batch).exp() * days[..., None]).sum((0, 1)).numpy()
    return expected


def _death_of(network: Network, level: str, token: Mapping[str, int]) -> list[float]:
    """Give the log rates of death before and after the medicine."""
    tokens = torch.tensor([[token["Female"], token[level], NO_EVENT, token["RXNORM/36567"]]])
    rates = network(tokens, torch.tensor([[0.0, 0, 20_000, 20_000]]))[0, 2:, token["DEATH"]]
    told: list[float] = rates.tolist()
    return told


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
