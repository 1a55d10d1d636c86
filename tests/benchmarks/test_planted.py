"""What a model recovers of a planted world, and whether it knows where it errs.

pytest tests/benchmarks/test_planted.py -s        EPIONE_BENCH_LIVES, EPIONE_BENCH_STEPS

Two models learn from the same lives for as many steps, one of them without genomes; other lives of
the same world judge them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.benchmarks.stage import size

from epione.timeline.vocabulary import Kind
from epione_training.lives.against_truth import Limits, limits_of, recovered
from epione_training.lives.batches import Reading
from epione_training.lives.calibration import read_calibration
from epione_training.lives.cohort import Cohort
from epione_training.lives.delphi import BINARY, LABELS, read_delphi
from epione_training.lives.genome import genome_gain, losses_by_life, with_genome
from epione_training.lives.learning import learn
from epione_training.lives.network import Network
from epione_training.lives.planted import TRUTH, planted, read_world, simulate
from epione_training.lives.training import Schedule
from epione_training.lives.truth import Truth

LIVES, STEPS = size("LIVES", 20_000), size("STEPS", 1_200)
SIZE = "0.5M"
FEWEST_EXPECTED = 400.0  # events: 0.1 is then twice the standard error of a ratio
READING = Reading()


@dataclass(frozen=True)
class Learned:
    network: Network
    without: Network  # learned without genomes
    model: Path
    judges: Cohort
    truth: Truth


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("planted")
    cohorts = []
    for seed in (0, 1):
        simulate(planted(), LIVES, seed, folder / str(seed))
        cohorts.append(read_delphi(folder / str(seed) / BINARY, folder / str(seed) / LABELS))
    cohort, judges = cohorts
    genome = cohort.vocabulary.of_kind(Kind.GENOME)
    schedule = Schedule(steps=STEPS)
    model = learn(cohort, folder / "model", schedule, SIZE)
    without = learn(cohort.without(genome), folder / "without", schedule, SIZE)
    truth = Truth(read_world(folder / "0" / TRUTH))
    return Learned(model.network, without.network, folder / "model", judges, truth)


@pytest.fixture(scope="module")
def limits(learned: Learned) -> Limits:
    calibration = read_calibration(learned.model)
    found = limits_of(learned.network, learned.truth, calibration, learned.judges, READING)
    print(json.dumps(found.to_json()))
    return found


def test_the_model_recovers_what_the_genome_gains(learned: Learned) -> None:
    found = recovered(learned.network, learned.truth, learned.judges, READING)
    print(json.dumps(found))

    gain = genome_gain(learned.network, learned.judges, READING)
    oracle = genome_gain(learned.truth, learned.judges, READING)
    for name in ("event", "likelihood"):
        assert gain.recovered(oracle)[name].value >= 0.9


def test_without_a_genome_it_is_no_worse_than_one_that_never_had_any(learned: Learned) -> None:
    """By two standard errors over the lives."""
    lives = with_genome(learned.judges).without(learned.judges.vocabulary.of_kind(Kind.GENOME))

    ours, theirs = (
        losses_by_life(each, lives, READING) for each in (learned.network, learned.without)
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
    assert (limits.covered or 0) >= 0.9


def test_as_many_come_as_are_foreseen_in_every_sex_and_age(limits: Limits) -> None:
    observed, expected = np.moveaxis(limits.observed_expected, -1, 0)

    enough = expected >= FEWEST_EXPECTED
    assert enough.sum() > 30
    assert np.abs(observed[enough] / expected[enough] - 1).max() <= 0.1
