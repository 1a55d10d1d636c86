"""Ratios, intervals and refusals, where the truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.training.lives.worlds import SMALL, B, drawn, world
from torch import Tensor

from epione.errors import Misconfigured
from epione.timeline.calibration import HORIZONS_YEARS, N_BANDS, SEXES, Calibration, Support
from epione.timeline.meanwhile import NOTHING
from epione.timeline.told import QUIET_DAYS
from epione.timeline.vocabulary import NO_EVENT
from epione_training.lives.against_truth import limits_of
from epione_training.lives.baseline import baseline_of
from epione_training.lives.batches import Reading, batch_of
from epione_training.lives.calibration import (
    _ratios,
    calibration_of,
    observed_expected,
    read_calibration,
    standings,
    support_of,
    write_calibration,
)
from epione_training.lives.cohort import Cohort, sex_of
from epione_training.lives.genome import with_genome
from epione_training.lives.network import Network
from epione_training.lives.truth import Truth
from epione_training.lives.world import world_of

COMMON, DEATH = 8, 9
GROUPS = (SEXES, N_BANDS)
ENOUGH = Support(np.full((*GROUPS, 10), 1e6), np.full(GROUPS, 1e6), from_birth=True)
AS_IT_IS = np.ones((len(HORIZONS_YEARS), *GROUPS, 2))
BY_CODE = np.ones((len(HORIZONS_YEARS), 10))


class Doubled(Truth):
    """Rates that are twice the truth's."""

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        return super().forward(tokens, ages_days) + float(np.log(2))


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Lives whose genome is read: of the others the truth takes long."""
    return with_genome(drawn(SMALL, 3_000, tmp_path_factory.mktemp("lives")))


def test_rates_that_are_twice_too_high_are_halved(lives: Cohort) -> None:
    learned, held = lives.split(5)

    calibration = calibration_of(Doubled(world_of(SMALL)), learned, held, Reading())

    both = calibration.ratio[1, :, 4:7, :1] * calibration.by_code[1, COMMON]
    assert both == pytest.approx(np.full((SEXES, 3, 1), 0.6), abs=0.2)


class Deathly(Truth):
    """The truth but for death, which is thrice too rare."""

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        rates = super().forward(tokens, ages_days)
        rates[..., DEATH] -= float(np.log(3))
        return rates


def test_death_has_a_ratio_of_its_own(lives: Cohort) -> None:
    learned, held = lives.split(5)

    calibration = calibration_of(Deathly(world_of(SMALL)), learned, held, Reading())

    ratio = calibration.ratio[1, :, 5:8] * calibration.by_code[1, [COMMON, DEATH]]
    of_codes, of_death = np.moveaxis(ratio, -1, 0)
    assert of_codes == pytest.approx(np.ones((SEXES, 3)), abs=0.25)
    assert (of_death > 1.6).all()
    assert calibration.death == DEATH


def test_what_may_happen_meanwhile_leaves_less_to_the_ratios() -> None:
    """Of B, four times as often after A: of nothing that comes meanwhile too few are foreseen."""
    learned, held = world(2_000).split(5)
    network = Network(learned.vocabulary, baseline_of(learned), None)

    quiet, moved = (
        calibration_of(network, learned, held, Reading(), leads)
        for leads in (NOTHING, network.leads())
    )

    assert np.log(quiet.by_code[2, B]) > 0.08
    assert np.log(moved.by_code[:, B]) == pytest.approx(0, abs=0.06)
    assert moved.leads.log_lift.tolist() == network.leads().log_lift.tolist()


class Rarer(Truth):
    """The truth but for one code, which is thrice too rare."""

    def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
        rates = super().forward(tokens, ages_days)
        rates[..., COMMON] -= float(np.log(3))
        return rates


def test_a_code_that_is_too_rare_has_a_ratio_of_its_own(lives: Cohort) -> None:
    learned, held = lives.split(5)

    calibration = calibration_of(Rarer(world_of(SMALL)), learned, held, Reading())

    others = np.arange(len(lives.vocabulary)) != COMMON
    assert calibration.by_code[1, COMMON] > 1.6
    assert calibration.by_code[1, others] == pytest.approx(1, abs=0.3)


def test_a_code_that_one_life_holds_twice_is_calibrated_as_before(lives: Cohort) -> None:
    """Records repeat nearly every code; the first time is asked about, and what follows is not."""
    few = lives.where(np.arange(len(lives)) < 500)
    row = int(np.flatnonzero(few.tokens == COMMON)[0])
    twice = replace(
        few,
        starts=few.starts + (few.starts > row),
        ages_days=np.insert(few.ages_days, row + 1, few.ages_days[row]),
        tokens=np.insert(few.tokens, row + 1, COMMON),
    )
    truth = Truth(world_of(SMALL))

    once, again = (
        sum(
            observed_expected(each, 5)[0][..., COMMON].sum()
            for each in standings(truth, cohort, Reading(), 1)
        )
        for cohort in (few, twice)
    )

    assert not twice.once[COMMON]
    assert again == once > 50


def test_a_life_that_says_both_sexes_counts_as_everywhere_else(lives: Cohort) -> None:
    """As `sex_of`: the first of the two."""
    few = lives.where(np.arange(len(lives)) < 1)
    female, male = (few.vocabulary.by_name[name] for name in ("Female", "Male"))
    ages = np.array([0, 0, 9_000], np.uint32)
    both = Cohort(
        few.vocabulary,
        np.zeros(1, np.uint64),
        np.array([0, 3]),
        ages,
        np.array([female, male, NO_EVENT], np.uint32),
        np.zeros(1, np.int64),
    )

    (found,) = standings(Truth(world_of(SMALL)), both, Reading(), 1)

    assert (found.sex == sex_of(both[0], few.vocabulary)).all()


def test_counts_of_the_true_rates_lie_in_their_intervals(lives: Cohort) -> None:
    learned, held = lives.split(2)

    calibration = calibration_of(Truth(world_of(SMALL)), learned, held, Reading())

    for covered, checked in zip(calibration.covered, calibration.checked, strict=True):
        assert covered is not None
        assert covered >= 0.85
        assert checked > 3


def test_lives_that_are_held_back_count_no_ratio(lives: Cohort) -> None:
    learned, held = (lives.where(np.arange(len(lives)) % 4 == part) for part in (0, 1))

    one, other = (
        calibration_of(Truth(world_of(SMALL)), learned.strided(50), each, Reading())
        for each in (held.strided(10), held.strided(50))
    )

    assert np.array_equal(one.ratio, other.ratio)
    assert np.array_equal(one.by_code, other.by_code)


def test_errors_of_an_age_that_is_refused_are_not_those_of_what_is_answered(lives: Cohort) -> None:
    """A network that is wrong of the oldest alone, of whom the calibration refuses to speak."""
    world = world_of(SMALL)

    class Wrong(Truth):
        def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
            old = (ages_days > 80 * 365.25)[..., None]
            return super().forward(tokens, ages_days) + torch.where(old, 5.0, 0.05)

    lived = ENOUGH.lived_years.copy()
    lived[:, 8:] = 10
    support = replace(ENOUGH, lived_years=lived)
    calibration = Calibration(AS_IT_IS, BY_CODE, support, DEATH)

    limits = limits_of(Wrong(world), Truth(world), calibration, lives, Reading())

    assert limits.answered_error == pytest.approx(0.05, abs=1e-3)
    assert limits.refused_error is not None
    assert limits.answered_error is not None
    assert limits.refused_error > 2 * limits.answered_error
    assert limits.covered[0] == 1
    assert min(covered or 0 for covered in limits.covered) > 0.95
    assert not limits.observed_expected[:, :, 8:].any()


def test_rates_that_are_wrong_later_are_seen_in_the_later_horizons(lives: Cohort) -> None:
    """A network that is right when asked, and thrice too high where five years were quiet."""
    world = world_of(SMALL)

    class Later(Truth):
        def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
            quiet = (tokens == NO_EVENT).cumsum(1) - 1
            return super().forward(tokens, ages_days) + (quiet > 0)[..., None] * float(np.log(9))

    children = lives.strided(300)
    calibration = Calibration(AS_IT_IS, BY_CODE, ENOUGH, DEATH)

    right, wrong = (
        limits_of(each, Truth(world), calibration, children, Reading()).covered
        for each in (Truth(world), Later(world))
    )

    assert right[2] is not None
    assert wrong[2] is not None
    assert right[2] > 0.9
    assert wrong[2] < 0.5


def test_ratios_are_those_that_were_planted() -> None:
    """Of groups and codes, where each code comes mostly to some groups, and to death apart."""
    of_group = np.where(np.arange(N_BANDS) < 5, 0.7, 1.4)[:, None]
    of_code = np.array([0.5, 1.0, 2.0, 1.0])
    expected = np.full((1, *GROUPS, 4), 1e4)
    expected[..., :5, 0] *= 4
    expected[..., 5:, 2] *= 4

    ratio, by_code = _ratios(expected * of_group * of_code, expected, death=3)

    found = ratio[..., [0, 0, 0, 1]] * by_code[:, None, None]
    assert found == pytest.approx(np.broadcast_to(of_group * of_code, found.shape), rel=0.05)


def test_what_came_of_few_hardly_moves_a_ratio() -> None:
    """Ten of each group would have come and twice as many did; of one code, in all, as of ten."""
    expected = np.zeros((1, *GROUPS, 2))
    expected[0, 0, 4] = 10, 10
    came = expected * [2.0, 1.0]

    ratio, by_code = _ratios(came, expected, death=None)

    assert 1.0 < by_code[0, 0] < 1.15
    assert 1.0 < ratio[0, 0, 4, 0] < 1.3


def test_what_came_is_counted_until_it_came_or_the_life_ended(lives: Cohort) -> None:
    first = next(standings(Truth(world_of(SMALL)), lives, Reading()))

    followed = first.followed_days(1.0)

    assert followed.max() <= 365.25
    assert (followed <= first.left_days[:, None]).all()
    assert (first.waited_days[first.came(1.0)] <= 365.25).all()


def test_a_calibration_is_read_as_it_was_left(tmp_path: Path) -> None:
    calibration = Calibration(1.25 * AS_IT_IS, BY_CODE, ENOUGH, DEATH, (0.9, 0.8, None), (12, 9, 0))
    write_calibration(calibration, tmp_path)

    again = read_calibration(tmp_path)

    assert np.array_equal(again.ratio, calibration.ratio)
    assert np.array_equal(again.support.events, ENOUGH.events)
    assert (again.death, again.covered, again.checked) == (DEATH, (0.9, 0.8, None), (12, 9, 0))
    assert again.support.from_birth


def test_a_folder_without_a_calibration_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no calibration"):
        read_calibration(tmp_path)


def test_a_calibration_of_an_earlier_release_is_refused(tmp_path: Path) -> None:
    write_calibration(Calibration(AS_IT_IS[..., 0], BY_CODE, ENOUGH, DEATH), tmp_path)

    with pytest.raises(Misconfigured, match="and death apart"):
        read_calibration(tmp_path)


def test_the_path_of_ten_years_is_that_of_a_life_cut_there_and_gone_on_with(lives: Cohort) -> None:
    truth = Truth(world_of(SMALL))
    few = lives.where(np.arange(len(lives)) < 3)

    (found,) = standings(truth, few, Reading())

    order = np.argsort(few.lengths, kind="stable")
    row = 0
    for life in (few[n] for n in order):
        told = batch_of([life], Reading())
        tokens, ages = told.tokens[0], told.ages_days[0]
        for place in np.flatnonzero((tokens == NO_EVENT) & (ages < ages[-1])):
            later = torch.cat([tokens[: place + 1], torch.tensor([NO_EVENT])])
            when = torch.cat([ages[: place + 1], ages[place : place + 1] + QUIET_DAYS])
            expected = truth(later[None], when[None].float())[0, -2:].numpy()
            may = np.isfinite(found.log_rates[row])
            assert np.array_equal(may[0], may[1])
            assert found.log_rates[row][may] == pytest.approx(expected[may], abs=1e-4)
            row += 1
    assert row == len(found.band) > 20
    assert (found.begins_days == [0, QUIET_DAYS]).all()


def test_what_is_expected_goes_by_the_rates_of_each_piece(lives: Cohort) -> None:
    """Rates of one a day in the first piece and of ten in the second count days of each."""
    found = next(standings(Truth(world_of(SMALL)), lives, Reading()))
    rates = np.ones(found.log_rates.shape) * np.array([1, 10])[:, None]

    _, expected = observed_expected(replace(found, log_rates=np.log(rates).astype(np.float32)), 10)

    days = found.followed_days(10)
    by_hand = np.minimum(days, QUIET_DAYS) + 10 * np.maximum(days - QUIET_DAYS, 0)
    assert expected.sum() == pytest.approx(by_hand.sum(), rel=1e-5)
    assert by_hand.max() > QUIET_DAYS


def test_what_comes_later_than_foreseen_is_in_the_ratio_of_its_time(lives: Cohort) -> None:
    """Of 400 women A comes at 42, two years after time was told: not in the first, nor the third.

    The rates are the same in every year, and of the 400 would bring 3 in one and 11 in four.
    """
    at = 1 + 8 * QUIET_DAYS + 730
    n_lives, (female, a) = 400, (lives.vocabulary.by_name[name] for name in ("Female", "X/A"))
    cohort = Cohort(
        lives.vocabulary,
        np.arange(n_lives, dtype=np.uint64),
        np.arange(0, 3 * n_lives + 1, 3),
        np.tile(np.array([0, at, at + 5_000], np.uint32), n_lives),
        np.tile(np.array([female, a, NO_EVENT], np.uint32), n_lives),
        np.arange(n_lives),
    )

    class Flat(Truth):
        def forward(self, tokens: Tensor, ages_days: Tensor) -> Tensor:
            flat = torch.full((*tokens.shape, len(self.predicted)), -30.0)
            flat[..., a] = float(np.log(2e-5))
            return flat

    learned, held = cohort.split(5)
    calibration = calibration_of(Flat(world_of(SMALL)), learned, held, Reading())

    first, second, third = calibration.ratio[:, 0, 4, 0]
    assert first < 1
    assert second > 5
    assert third == pytest.approx(1, abs=0.01)


def test_a_path_of_a_year_is_read_where_it_stands(lives: Cohort) -> None:
    truth = Truth(world_of(SMALL))

    (short,), (long,) = (
        list(standings(truth, lives.where(np.arange(len(lives)) < 5), Reading(), years))
        for years in (1, 10)
    )

    assert short.log_rates.shape[1] == 1
    assert short.log_rates[:, 0] == pytest.approx(long.log_rates[:, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("begins", "from_birth"),
    [pytest.param([0, 0, 9], True, id="most"), pytest.param([0, 9, 9], False, id="few")],
)
def test_lives_begin_at_birth_where_most_do(
    lives: Cohort, begins: list[int], from_birth: bool
) -> None:
    rows = np.array([[begin, begin + 5] for begin in begins], np.uint32)
    cohort = Cohort(
        lives.vocabulary,
        np.arange(3, dtype=np.uint64),
        np.arange(0, 7, 2),
        rows.ravel(),
        np.full(6, NO_EVENT, np.uint32),
        np.arange(3),
    )

    assert support_of(cohort).from_birth is from_birth


def test_rates_stand_at_each_five_years_of_a_life(lives: Cohort) -> None:
    found = list(standings(Truth(world_of(SMALL)), lives, Reading()))
    quiet = [np.arange(1, life.ages_days[-1], 1826.25) for life in lives]

    assert sum(len(each.band) for each in found) == sum(map(len, quiet))
