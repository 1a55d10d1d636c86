"""Drawn futures against the formula where it holds exactly, and what a future may not do."""

import numpy as np
import numpy.typing as npt
import pytest

from epione.timeline.risk_within import dying_beside, rates_of, risk_within
from epione.timeline.told import QUIET_DAYS, quiet_ages
from epione.timeline.vocabulary import NO_EVENT
from epione_inference.lives import Futures, futures_of
from epione_inference.lives.futures import Floats, Ints, Step

N_TOKENS, DEATH = 60, 59
PREDICTED = np.arange(4, N_TOKENS)
NOW, UNTIL = 18_000.0, 18_000 + 3_652.5
YEAR = 365.25
EACH = [[token] for token in range(N_TOKENS)]
GRID = quiet_ages(0, UNTIL)
LATER = GRID[GRID > NOW]  # ages of the quiet path


def log_rates(seed: int = 0) -> npt.NDArray[np.float32]:
    """Give rates from one in a thousand years to one a year; what is not predicted has none."""
    rates = np.full(N_TOKENS, -30.0, np.float32)
    spread = np.random.default_rng(seed).uniform(-7, 0, len(PREDICTED))
    rates[PREDICTED] = spread - np.log(YEAR)
    rates[DEATH] = np.log(0.02 / YEAR)
    return rates


def frozen(rates: npt.NDArray[np.float32]) -> Step:
    """Give rates that nothing changes."""
    return lambda tokens, ages_days, kept: np.broadcast_to(rates, (len(kept), len(rates)))


def draw(n: int, seed: int = 0, step: Step | None = None) -> Futures:
    rates = log_rates()
    chance = np.random.default_rng(seed)
    return futures_of(
        n, rates, lambda _: step or frozen(rates), NOW, UNTIL, PREDICTED, DEATH, chance
    )


def risks(days: float, pieces: list[npt.NDArray[np.float32]], death: int | None = DEATH) -> Floats:
    """Give what the formula says of the quiet path, from the rates of each piece."""
    rates = rates_of(np.stack(pieces))
    begins = np.array([0.0, *(LATER - NOW)])[: len(pieces)]
    return risk_within(days, begins, rates, dying_beside(rates, death))


def assert_equal_within_chance(futures: Futures, pieces: list[npt.NDArray[np.float32]]) -> None:
    """Each of 56 codes within four Monte-Carlo errors, and the errors neither small nor large.

    Of 56 standard normal deviates the largest is above four once in 280 draws; their root mean
    square has a standard deviation of 0.09. The seed is fixed.
    """
    days = UNTIL - NOW
    for part in (0.25, 1.0):
        shares, errors = futures.chances(NOW + part * days, EACH)
        deviates = (shares - risks(part * days, pieces))[PREDICTED] / errors[PREDICTED]
        assert np.abs(deviates).max() < 4
        assert np.sqrt((deviates**2).mean()) == pytest.approx(1, abs=0.3)


def test_where_rates_are_constant_the_formula_equals_ten_thousand_futures() -> None:
    assert_equal_within_chance(draw(10_000), [log_rates()])


def test_where_time_alone_changes_rates_the_quiet_path_equals_ten_thousand_futures() -> None:
    """Rates double with each piece, those of death grow fourfold; what happens changes none."""
    pieces = [log_rates() + np.float32(n * np.log(2)) for n in range(len(LATER) + 1)]
    for n, each in enumerate(pieces):
        each[DEATH] += np.float32(n * np.log(2))

    def step(tokens: Ints, ages_days: Floats, kept: Ints) -> npt.NDArray[np.float32]:
        return np.stack(pieces)[np.searchsorted(LATER, ages_days, "right")]

    futures = draw(10_000, step=step)

    assert len(LATER) == 2
    assert_equal_within_chance(futures, pieces)
    shares, errors = futures.chances(UNTIL, EACH)
    as_of_now = (shares - risks(UNTIL - NOW, pieces[:1])) / errors
    assert np.abs(as_of_now[PREDICTED]).max() > 10


def test_a_formula_that_forgot_death_would_be_told_apart() -> None:
    shares, errors = draw(10_000).chances(UNTIL, EACH)

    without_death = risks(UNTIL - NOW, [log_rates()], None)

    assert (np.abs(shares - without_death) / errors).max() > 6


def test_the_same_seed_draws_the_same_futures_and_another_does_not() -> None:
    one, same, other = draw(300, seed=5), draw(300, seed=5), draw(300, seed=6)

    assert np.array_equal(one.ages_days, same.ages_days)
    assert np.array_equal(one.tokens, same.tokens)
    assert not np.array_equal(one.tokens[:50], other.tokens[:50])


def test_nothing_happens_after_death_nor_after_the_horizon() -> None:
    futures = draw(2_000)

    assert futures.ages_days.min() > NOW
    assert futures.ages_days.max() <= UNTIL
    died = futures.future[futures.tokens == DEATH]
    assert len(np.unique(died)) == len(died) > 100
    for future in died[:100]:
        own = futures.future == future
        assert futures.tokens[own][np.argmax(futures.ages_days[own])] == DEATH


def test_a_future_is_told_the_quiet_years_of_a_life_and_every_event() -> None:
    told: list[tuple[Ints, Floats]] = []
    none = np.full(N_TOKENS, -30.0, np.float32)

    def silent(tokens: Ints, ages_days: Floats, kept: Ints) -> npt.NDArray[np.float32]:
        told.append((tokens, ages_days))
        return np.broadcast_to(none, (len(kept), N_TOKENS))

    found = futures_of(
        3, none, lambda _: silent, NOW, UNTIL, PREDICTED, DEATH, np.random.default_rng(0)
    )

    grid = [age for age in quiet_ages(0, UNTIL + 1) if NOW < age <= UNTIL]
    assert len(found.tokens) == 0
    assert [ages.tolist() for _, ages in told] == [[age] * 3 for age in grid]
    assert all((tokens == NO_EVENT).all() for tokens, _ in told)
    assert np.diff(grid).tolist() == [QUIET_DAYS] * (len(grid) - 1)


def test_each_step_names_who_goes_on() -> None:
    """Of those of the step before, those who neither died nor reached the horizon."""
    numbers: list[int] = []

    def step(tokens: Ints, ages_days: Floats, kept: Ints) -> npt.NDArray[np.float32]:
        assert (tokens != DEATH).all()
        assert len(tokens) == len(ages_days) == len(kept)
        assert np.all(np.diff(kept) > 0)
        numbers.append(len(kept))
        return np.broadcast_to(log_rates(), (len(kept), N_TOKENS))

    draw(200, step=step)

    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > numbers[-1]


def test_a_life_that_begins_later_is_told_time_from_there() -> None:
    told: list[Floats] = []
    none = np.full(N_TOKENS, -30.0, np.float32)

    def silent(tokens: Ints, ages_days: Floats, kept: Ints) -> npt.NDArray[np.float32]:
        told.append(ages_days)
        return none[None]

    chance = np.random.default_rng(0)
    futures_of(1, none, lambda _: silent, NOW, UNTIL, PREDICTED, DEATH, chance, 17_000.0)

    assert [float(ages[0]) for ages in told] == quiet_ages(17_000, UNTIL)[1:].tolist()


def test_chances_count_a_future_once_and_none_of_n_is_no_proof() -> None:
    futures = Futures(4, np.array([0, 0, 2, 1]), np.array([1.0, 2, 3, 1]), np.array([5, 5, 5, 4]))

    shares, errors = futures.chances(2.5, [[5], [6], [4, 5]])

    assert shares.tolist() == [1 / 4, 0, 2 / 4]
    assert errors[1] == pytest.approx(np.sqrt(0.25 * 0.75 / 8))
