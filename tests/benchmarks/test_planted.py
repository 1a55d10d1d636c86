"""What a model recovers of a planted world, and whether it knows where it errs.

pytest tests/benchmarks/test_planted.py -s        EPIONE_BENCH_LIVES, _STEPS, _SEED, _CHECKED

Two models learn from the same lives for as many steps, one of them without genomes; other lives of
the same world judge them. So they do PREVENT, this model and one of a sixth of the lives, and what
the rule makes of both (`checkups.py`): at check-ups, by what came within ten years.
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.benchmarks.checkups import (
    Outcome,
    asked_of_model,
    asked_of_prevent,
    check_ups,
    outcomes_of,
    rules_of,
    score_of,
)
from tests.benchmarks.stage import size

from epione.timeline.vocabulary import Kind
from epione_training.lives.against_truth import Limits, limits_of, recovered
from epione_training.lives.batches import Reading
from epione_training.lives.cohort import Cohort, Floats, Ints
from epione_training.lives.delphi import BINARY, LABELS, read_delphi
from epione_training.lives.genes import tell_pairs
from epione_training.lives.genome import genome_gain, losses_by_life, with_genome
from epione_training.lives.learning import learn
from epione_training.lives.lifts import Matrix
from epione_training.lives.network import Network
from epione_training.lives.planted import TRUTH, planted, read_world, simulate
from epione_training.lives.store import Stored
from epione_training.lives.training import Schedule
from epione_training.lives.truth import Truth
from epione_training.lives.world import World

LIVES, STEPS, SEED = size("LIVES", 20_000), size("STEPS", 1_200), size("SEED", 0)
CHECKED = size("CHECKED", 60_000)  # lives that judge at their check-ups
FEWER = 6  # times, lives and steps of a model that knows less
OFF = {"as it is": 1.0, "too high": 1.5, "too low": 1 / 1.5}  # the equation, in hazard
SIZE = "0.5M"
FEWEST_EXPECTED = 400.0  # events: 0.1 is then twice the standard error of a ratio
READING = Reading()


@dataclass(frozen=True)
class Learned:
    model: Stored
    without: Network  # learned without genomes
    judges: Cohort
    world: World
    truth: Truth


@dataclass(frozen=True)
class Checked:
    equation: Floats  # (n, outcomes), risks within ten years
    models: dict[str, tuple[Floats, Floats]]  # risks, and the variances of their logs
    outcomes: list[Outcome]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("planted")
    cohort, judges = (_drawn(LIVES, seed, folder) for seed in (SEED, SEED + 1))
    genome = cohort.vocabulary.of_kind(Kind.GENOME)
    schedule = Schedule(steps=STEPS)
    model = learn(cohort, folder / "model", schedule, SIZE)
    without = learn(cohort.without(genome), folder / "without", schedule, SIZE)
    world = read_world(folder / str(SEED) / TRUTH)
    return Learned(model, without.network, judges, world, Truth(world))


@pytest.fixture(scope="module")
def limits(learned: Learned) -> Limits:
    model = learned.model
    found = limits_of(model.network, learned.truth, model.calibration, learned.judges, READING)
    print(json.dumps(found.to_json()))
    return found


def test_the_model_recovers_what_the_genome_gains(learned: Learned) -> None:
    found = recovered(learned.model.network, learned.truth, learned.judges, READING)
    print(json.dumps(found))

    gain = genome_gain(learned.model.network, learned.judges, READING)
    oracle = genome_gain(learned.truth, learned.judges, READING)
    for name in ("event", "likelihood"):
        assert gain.recovered(oracle)[name].value >= 0.9


def test_what_a_gene_does_beside_a_medicine_is_found(learned: Learned) -> None:
    """It gains something on other lives; what the true factors would gain is told beside it."""
    model, world = learned.model, learned.world
    lives = with_genome(learned.judges)
    medicines = {pair.medicine for pair in world.pairs}
    lives = lives.where(np.array([not medicines.isdisjoint(life.tokens) for life in lives]))
    true = true_pairs(world, model.baseline.lifted)
    none = true[0][:0], true[1][:0]

    found, of_truth, of_none = (
        losses_by_life(paired(model, *pairs), lives, READING)
        for pairs in ((model.baseline.pairs, model.baseline.pair_lift), true, none)
    )

    for name in ("event", "likelihood"):
        gain, could = (of_none.less(losses)[name] for losses in (found, of_truth))
        print(name, len(lives), gain, could)
        assert gain.value > 0


def true_pairs(world: World, lifted: Ints) -> tuple[Ints, Matrix]:
    """Give what genes do beside medicines as `Baseline` has it: nothing in the mean of a gene."""
    pairs, effects = [], []
    for gene in world.genes:
        for medicine in {pair.medicine for pair in world.pairs if pair.level in gene}:
            effect = np.zeros((len(gene), len(world.vocabulary)), np.float32)
            for pair in world.pairs:
                effect[(gene == pair.level) & (pair.medicine == medicine)] += pair.effect
            effect -= np.log(world.share[gene] @ np.exp(effect))
            pairs += [(level, medicine) for level in gene]
            effects.append(effect[:, lifted])
    return np.array(pairs), np.concatenate(effects)


def paired(model: Stored, pairs: Ints, pair_lift: Matrix) -> Network:
    """Give a model's network with other pairs."""
    network = deepcopy(model.network)
    tell_pairs(network, model.baseline.lifted, pairs, pair_lift)
    return network


def test_without_a_genome_it_is_no_worse_than_one_that_never_had_any(learned: Learned) -> None:
    """By two standard errors over the lives."""
    lives = with_genome(learned.judges).without(learned.judges.vocabulary.of_kind(Kind.GENOME))

    ours, theirs = (
        losses_by_life(each, lives, READING) for each in (learned.model.network, learned.without)
    )

    worse = ours.less(theirs)
    print({name: (round(each.value, 5), round(each.error, 5)) for name, each in worse.items()})
    for name in ("event", "likelihood"):
        assert worse[name].value <= 2 * worse[name].error


def test_what_is_refused_is_what_is_wrong(limits: Limits) -> None:
    assert limits.refused_error is not None
    assert limits.answered_error is not None
    assert limits.refused_error > limits.answered_error
    assert 0 < (limits.refused_share or 0) < 0.5


def test_intervals_hold_the_truth_as_often_as_they_say(limits: Limits) -> None:
    """Within one year, five and ten; intervals that hold nearly all would say nothing."""
    for covered in limits.covered:
        assert 0.9 <= (covered or 0) <= 0.99


def test_as_many_come_as_are_foreseen_in_every_sex_and_age(limits: Limits) -> None:
    observed, expected = np.moveaxis(limits.observed_expected, -1, 0)

    enough = expected >= FEWEST_EXPECTED
    assert enough.sum() > 30
    assert np.abs(observed[enough] / expected[enough] - 1).max() <= 0.1


@pytest.fixture(scope="module")
def checked(learned: Learned, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    folder = tmp_path_factory.mktemp("checked")
    lives = _drawn(LIVES // FEWER, SEED + 3, folder)
    few = learn(lives, folder / "few", Schedule(steps=STEPS // FEWER), SIZE)
    cohort = _drawn(CHECKED, SEED + 2, folder)
    found = list(check_ups(cohort))
    asked = {
        name: asked_of_model(model, found)
        for name, model in (("of all lives", learned.model), ("of a sixth", few))
    }
    return Checked(asked_of_prevent(found), asked, outcomes_of(found, cohort.vocabulary))


@pytest.mark.parametrize("off", OFF)
def test_the_rule_is_never_much_worse_than_the_better_of_the_two(
    checked: Checked, off: str
) -> None:
    """By 2 % of the log loss in any outcome; and on average it is better than the worse one."""
    equation = 1 - (1 - checked.equation) ** OFF[off]
    for name, (model, variance) in checked.models.items():
        losses = {
            rule: np.array(
                [
                    score_of(risks[:, n], came).log_loss.sum() / came.weight.sum()
                    for n, came in enumerate(checked.outcomes)
                ]
            )
            for rule, risks in rules_of(equation, model, variance).items()
        }
        print(off, name, {rule: (1e3 * loss).round(2).tolist() for rule, loss in losses.items()})

        both, better = losses["the rule"], np.minimum(losses["equation"], losses["model"])
        worse = max(losses["equation"].sum(), losses["model"].sum())
        assert (both <= 1.02 * better).all()
        assert both.sum() < worse


def _drawn(lives: int, seed: int, folder: Path) -> Cohort:
    simulate(planted(), lives, seed, folder / str(seed))
    return read_delphi(folder / str(seed) / BINARY, folder / str(seed) / LABELS)
