"""A planted world: lives that are drawn from it, and its truth about them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import SMALL, drawn

from epione.errors import MalformedCohort
from epione.timeline.risk_within import NO_RATE
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT, Kind
from epione_training.lives.batches import Reading
from epione_training.lives.cohort import Cohort
from epione_training.lives.evaluation import evaluation_of
from epione_training.lives.genome import genome_gain, losses_by_life, with_genome
from epione_training.lives.planted import (
    TRUTH,
    planted,
    planted_version,
    read_world,
    simulate,
    version_of,
)
from epione_training.lives.truth import Truth
from epione_training.lives.world import world_of

# The other disease comes twice as often with a number one standard deviation higher.
PRESSURE = {
    "unit": "mm[Hg]",
    "edges": [120, 130, 140],
    "usual": [130, 134],
    "by_ten_years": [5, 5],
    "spread": 10,
    "effects": {"X/B other": 0.7},
}
MEASURED = SMALL | {"measurements": {"X/M pressure": PRESSURE}}
# Who has the rare gene dies five times as often since the first disease, taken here as a medicine.
RARE = {"share": 0.3, "with": {"X/A first": {"DEATH": 1.6}}}
PAIRED = SMALL | {"genome": {"G": {"rare": RARE, "common": {"share": 0.7}}}}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return drawn(SMALL, 3_000, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return drawn(MEASURED, 3_000, tmp_path_factory.mktemp("measured"))


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(world_of(SMALL))


def test_a_cohort_is_read_as_it_was_drawn_and_says_what_it_is(tmp_path: Path) -> None:
    cohort = drawn(dict(planted()), 200, tmp_path)

    world = read_world(tmp_path / TRUTH)
    assert cohort.vocabulary == world.vocabulary
    assert len(cohort) == 200
    assert len(cohort.vocabulary.of_kind(Kind.GENOME)) == 46
    assert len(cohort.vocabulary.predicted) == 181
    assert json.loads((tmp_path / TRUTH).read_text())["planted, not measured"] is True
    assert planted_version(tmp_path) == version_of(planted())


def test_a_world_that_says_something_else_has_another_version() -> None:
    other = {**planted(), "recent_years": 3.0}

    assert version_of(planted()).split(", ")[0] == planted()["version"]
    assert version_of(other) != version_of(planted())


def test_the_same_seed_draws_the_same_lives(tmp_path: Path) -> None:
    one, same, other = (
        simulate(SMALL, 50, seed, tmp_path / str(n)) for n, seed in enumerate([3, 3, 4])
    )

    assert np.array_equal(one.ages_days, same.ages_days)
    assert not np.array_equal(one.ages_days[:50], other.ages_days[:50])


def test_no_code_of_the_planted_world_is_raised_by_two_genes() -> None:
    world = world_of(planted())
    raised = world.lasting != 0
    for pair in world.pairs:
        raised[pair.level] |= pair.effect != 0

    genes = np.array([raised[gene].any(0) for gene in world.genes])

    assert genes.sum(0).max() == 1


def test_genomes_are_known_of_the_share_that_was_said(small: Cohort) -> None:
    assert len(with_genome(small)) / len(small) == pytest.approx(0.6, abs=0.04)


def test_a_truth_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / TRUTH).write_text('{"world": {"version": "x"}}')

    with pytest.raises(MalformedCohort, match="does not describe a planted world"):
        read_world(tmp_path / TRUTH)


def test_a_habit_that_does_something_with_a_medicine_is_refused(tmp_path: Path) -> None:
    smokes = {"share": 1.0, "with": {"X/A first": {"DEATH": 1.6}}}
    written = SMALL | {"lifestyles": {"tobacco": {"Tobacco/smokes": smokes}}}

    with pytest.raises(MalformedCohort, match='smokes has effects "with" a medicine'):
        simulate(written, 5, 0, tmp_path)


def test_true_rates_are_age_sex_and_all_effects(truth: Truth) -> None:
    """At 50.5 a woman's A comes at 4 per 1,000 a year; B of two years before raises it."""
    token = world_of(SMALL).vocabulary.by_name
    born = [token["Female"], token["G/rare"]]
    tokens = torch.tensor([[*born, token["X/B"], NO_EVENT]])
    ages = torch.tensor([[0.0, 0.0, 48.2, 50.5]]) * YEAR_DAYS

    rates = truth(tokens, ages)[0, :, token["X/A"]]

    base = np.log(4.0 / 1_000 / YEAR_DAYS) + 2.3
    assert rates[1].item() == pytest.approx(base, abs=1e-4)
    assert rates[2].item() == pytest.approx(base + 0.5 + 1.0, abs=1e-4)
    assert rates[3].item() == pytest.approx(base + 0.5 + np.exp(-1), abs=1e-4)
    assert (truth(tokens, ages)[0, 2:, token["X/B"]] == NO_RATE).all()


def test_a_medicine_does_more_in_those_of_a_level_since_it_was_taken() -> None:
    world = world_of(PAIRED)
    token = world.vocabulary.by_name
    tokens = torch.tensor(
        [
            [token["Female"], token[f"G/{level}"], NO_EVENT, token["X/A"]]
            for level in ("rare", "common")
        ]
    )
    ages = torch.tensor([[0.0, 0.0, 50.1, 50.2]] * 2) * YEAR_DAYS

    rates = Truth(world)(tokens, ages)[..., token["DEATH"]]

    assert (rates[0, 1:3] == rates[1, 1:3]).all()
    assert (rates[0, 3] - rates[1, 3]).item() == pytest.approx(1.6, abs=1e-5)


def test_an_unread_gene_is_weighed_by_how_long_a_medicine_was_survived() -> None:
    """At 50.2 the share is as at birth; two years later the rare ones are fewer."""
    world = world_of(PAIRED)
    token = world.vocabulary.by_name
    tokens = torch.tensor([[token["Female"], token["X/A"], NO_EVENT]])
    ages = torch.tensor([[0.0, 50.2, 52.2]]) * YEAR_DAYS

    rates = Truth(world)(tokens, ages)[0, :, token["DEATH"]].exp()

    base = np.exp(world.base[0, [50, 52], token["DEATH"]])
    at_once, later = (rates[1:].numpy() / base).tolist()
    days = (0.8 * np.exp(world.base[0, 50, token["DEATH"]]) + 1.2 * base.mean()) * YEAR_DAYS
    left = (
        0.3
        * np.exp(-days * np.exp(1.6))
        / (0.3 * np.exp(-days * np.exp(1.6)) + 0.7 * np.exp(-days))
    )
    assert at_once == pytest.approx(0.7 + 0.3 * np.exp(1.6), rel=1e-3)
    assert later == pytest.approx(1 - left + left * np.exp(1.6), rel=0.01)
    assert later < at_once - 0.01


def test_an_unread_gene_is_weighed_by_the_life(truth: Truth) -> None:
    """Of who is 50 and never had A, fewer have the rare gene; of who has no life yet, 0.3."""
    token = world_of(SMALL).vocabulary.by_name
    tokens = torch.tensor([[token["Female"], NO_EVENT]])
    ages = torch.tensor([[0.0, 50.0]]) * YEAR_DAYS

    rates = truth(tokens, ages)[0, :, token["X/A"]].double().exp()

    born, quiet = rates * YEAR_DAYS * 1_000 / 4
    days = 50 * 0.004  # expected of A without the gene
    share = (
        0.3
        * np.exp(-days * np.exp(2.3))
        / (0.3 * np.exp(-days * np.exp(2.3)) + 0.7 * np.exp(-days))
    )
    assert born.item() == pytest.approx(0.7 + 0.3 * np.exp(2.3), rel=1e-3)
    assert quiet.item() == pytest.approx(1 - share + share * np.exp(2.3), rel=1e-3)


@pytest.mark.parametrize(
    ("sex", "age", "token", "deviations"),
    [
        pytest.param("Female", 50.0, "X/M [130, 140) mm[Hg]", 0.4598, id="0 to 1 at its age"),
        pytest.param("Female", 70.0, "X/M [130, 140) mm[Hg]", -0.4598, id="-1 to 0 when older"),
        pytest.param("Male", 50.0, "X/M [, 120) mm[Hg]", -1.8541, id="below -1.4"),
    ],
)
def test_a_measured_number_is_the_mean_of_its_range_from_then_on(
    sex: str, age: float, token: str, deviations: float
) -> None:
    """Of a normal distribution between two ends: the fall of the density over the share."""
    world = world_of(MEASURED)
    by_name = world.vocabulary.by_name
    tokens = torch.tensor([[by_name[sex], NO_EVENT, by_name[token]]])
    ages = torch.tensor([[0.0, age, age]]) * YEAR_DAYS

    _, before, after = Truth(world)(tokens, ages)[0, :, by_name["X/B"]]

    base = world.base[int(sex == "Male"), int(age), by_name["X/B"]]
    assert after.item() == pytest.approx(base + 0.7 * deviations, abs=1e-3)
    assert before.item() < base + 0.7**2 / 2  # those with high numbers had B, and cannot again


def test_the_mean_rate_over_a_number_that_was_not_measured_is_as_it_is_written() -> None:
    world = world_of(MEASURED)
    by_name = world.vocabulary.by_name
    tokens, ages = torch.tensor([[by_name["Female"]]]), torch.zeros(1, 1)

    rate = Truth(world)(tokens, ages)[0, 0, by_name["X/B"]].exp().item() * YEAR_DAYS * 1_000

    assert rate == pytest.approx(10 * np.exp(-0.3 * 4.95), rel=1e-3)


@pytest.mark.parametrize("written", [SMALL, PAIRED], ids=["alone", "beside a medicine"])
def test_as_many_events_come_as_the_truth_expects_with_and_without_the_genome(
    written: dict[str, Any], tmp_path: Path
) -> None:
    lives = drawn(written, 3_000, tmp_path)
    without = lives.without(lives.vocabulary.of_kind(Kind.GENOME))

    for cohort in (lives, without):
        evaluation = evaluation_of(Truth(world_of(written)), cohort, Reading())
        observed, expected = np.array(list(evaluation.calibration.values())).sum((0, 1))
        assert observed == pytest.approx(expected, rel=0.05)


def test_as_many_come_as_expected_of_the_measured_and_of_lives_without_their_numbers(
    measured: Cohort,
) -> None:
    world = world_of(MEASURED)
    unread = measured.without(world.measurements[0].tokens)
    truth = Truth(world)

    for cohort in (measured, unread):
        evaluation = evaluation_of(truth, cohort, Reading())
        observed, expected = np.array(list(evaluation.calibration.values())).sum((0, 1))
        assert observed == pytest.approx(expected, rel=0.05)
    assert unread.lengths.sum() < measured.lengths.sum()


def test_the_truth_gains_by_what_was_measured(measured: Cohort) -> None:
    world = world_of(MEASURED)
    unread = measured.without(world.measurements[0].tokens)

    with_numbers, without = (
        losses_by_life(Truth(world), each, Reading()) for each in (measured, unread)
    )

    gained = without.less(with_numbers)["likelihood"]
    assert gained.value > 4 * gained.error


def test_the_truth_gains_by_what_a_gene_does_beside_a_medicine(tmp_path: Path) -> None:
    lives = drawn(PAIRED, 3_000, tmp_path)

    gained = genome_gain(Truth(world_of(PAIRED)), lives, Reading()).gained()["likelihood"]

    assert gained.value > 4 * gained.error


def test_the_truth_gains_by_the_genome_and_nothing_by_wrong_effects(
    small: Cohort, truth: Truth
) -> None:
    wrong = Truth(world_of(SMALL))
    wrong.lasting[wrong.genes[0][0]] *= -1

    right, worse = (genome_gain(each, small, Reading()) for each in (truth, wrong))

    gained = right.gained()["likelihood"]
    assert gained.value > 4 * gained.error
    assert worse.gained()["likelihood"].value < 0
    assert right.recovered(right)["event"].value == pytest.approx(1)
