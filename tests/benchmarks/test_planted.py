"""What a model recovers of a planted world, and whether it knows where it errs.

pytest tests/benchmarks/test_planted.py -s        EPIONE_BENCH_LIVES, _STEPS, _SEED, _CHECKED

Two models learn from the same lives for as many steps, one of them without genomes; other lives of
the same world judge them. So they do PREVENT, this model and one of a sixth of the lives, and what
the rule makes of both (`checkups.py`): at check-ups, by what came within ten years.
"""

import json
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
    score_of,
)
from tests.benchmarks.stage import size

from epione.medicine.life import combined
from epione.timeline.vocabulary import Kind
from epione_training.lives.against_truth import Limits, limits_of, recovered
from epione_training.lives.batches import Reading
from epione_training.lives.calibration import read_calibration
from epione_training.lives.cohort import Cohort, Floats
from epione_training.lives.delphi import BINARY, LABELS, read_delphi
from epione_training.lives.genome import genome_gain, losses_by_life, with_genome
from epione_training.lives.learning import learn
from epione_training.lives.network import Network
from epione_training.lives.planted import TRUTH, planted, read_world, simulate
from epione_training.lives.training import Schedule
from epione_training.lives.truth import Truth

LIVES, STEPS, SEED = size("LIVES", 20_000), size("STEPS", 1_200), size("SEED", 0)
CHECKED = size("CHECKED", 60_000)  # lives that judge at their check-ups
OFF = {"as it is": 1.0, "too high": 1.5, "too low": 1 / 1.5}  # the equation, in hazard
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


@dataclass(frozen=True)
class Checked:
    equation: Floats  # (n, outcomes), risks within ten years
    models: dict[str, Floats]
    outcomes: list[Outcome]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("planted")
    cohort, judges = (_drawn(LIVES, seed, folder) for seed in (SEED, SEED + 1))
    genome = cohort.vocabulary.of_kind(Kind.GENOME)
    schedule = Schedule(steps=STEPS)
    model = learn(cohort, folder / "model", schedule, SIZE)
    without = learn(cohort.without(genome), folder / "without", schedule, SIZE)
    truth = Truth(read_world(folder / str(SEED) / TRUTH))
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


@pytest.fixture(scope="module")
def checked(learned: Learned, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    folder = tmp_path_factory.mktemp("checked")
    cohort = _drawn(CHECKED, SEED + 2, folder)
    few = learn(
        _drawn(LIVES // 6, SEED + 3, folder), folder / "few", Schedule(steps=STEPS // 6), SIZE
    )
    found = list(check_ups(cohort))
    models = {
        name: asked_of_model(network, read_calibration(at), found, cohort.vocabulary)
        for name, network, at in (
            ("of all lives", learned.network, learned.model),
            ("of a sixth", few.network, folder / "few"),
        )
    }
    return Checked(asked_of_prevent(found), models, outcomes_of(found, cohort.vocabulary))


@pytest.mark.parametrize("off", OFF)
def test_the_rule_is_never_much_worse_than_the_better_of_the_two(
    checked: Checked, off: str
) -> None:
    """By 3 % of the log loss, in every outcome, and better than the worse one on average."""
    equation = 1 - (1 - checked.equation) ** OFF[off]
    for name, model in checked.models.items():
        both = np.vectorize(combined)(equation, model)
        losses = np.array(
            [
                [
                    score_of(risk[:, n], each).log_loss.sum()
                    for n, each in enumerate(checked.outcomes)
                ]
                for risk in (equation, model, both)
            ]
        )
        print(off, name, losses.round(1).tolist())

        assert (losses[2] <= 1.03 * losses[:2].min(0)).all()
        assert losses[2].sum() < losses[:2].sum(1).max()


def _drawn(lives: int, seed: int, folder: Path) -> Cohort:
    simulate(planted(), lives, seed, folder / str(seed))
    return read_delphi(folder / str(seed) / BINARY, folder / str(seed) / LABELS)
