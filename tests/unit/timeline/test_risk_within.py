"""The risk on the quiet path, against what is worked out by hand and by integration."""

import numpy as np
import numpy.typing as npt
import pytest

from epione.timeline.risk_within import Floats, dying_beside, rates_of, risk_within

OTHER, CODE, DEATH, GONE = range(4)
NOW = np.array([0.0])
LOG_RATES = np.array([[np.log(1e-3), np.log(2e-4), np.log(5e-5), -30.0]], np.float32)
RISING = np.concatenate([LOG_RATES, LOG_RATES + np.array([0, 1, 1.5, 0], np.float32)])
BEGINS = np.array([0.0, 700.0])


def risks(
    days: float,
    log_rates: npt.NDArray[np.float32] = LOG_RATES,
    death: int | None = DEATH,
    begins_days: Floats = NOW,
) -> Floats:
    rates = rates_of(log_rates)
    return risk_within(days, begins_days, rates, dying_beside(rates, death))


def test_a_code_competes_with_death() -> None:
    """P = ∫ λ exp(−(λ + λ_death) s) ds, by the trapezium rule."""
    days = np.linspace(0, 3_652.5, 200_001)

    found = risks(3_652.5)

    density = 2e-4 * np.exp(-(2e-4 + 5e-5) * days)
    assert found[CODE] == pytest.approx(np.trapezoid(density, days), rel=1e-5)


def test_rates_that_rise_are_followed_from_piece_to_piece() -> None:
    """The same integral, of hazards that jump where the second piece begins."""
    days = np.linspace(0, 3_652.5, 400_001)
    later = days >= BEGINS[1]
    code, death = 2e-4 * np.where(later, np.e, 1), 5e-5 * np.where(later, np.exp(1.5), 1)
    gone = np.concatenate([[0], np.cumsum(((code + death) * np.gradient(days))[:-1])])

    found = risks(3_652.5, RISING, begins_days=BEGINS)

    assert found[CODE] == pytest.approx(np.trapezoid(code * np.exp(-gone), days), rel=1e-4)
    assert found[DEATH] == pytest.approx(
        1 - np.exp(-5e-5 * (700 + np.exp(1.5) * 2_952.5)), rel=1e-5
    )


def test_a_horizon_before_the_next_piece_knows_nothing_of_it() -> None:
    assert risks(600, RISING, begins_days=BEGINS) == pytest.approx(risks(600), rel=1e-9)


def test_a_path_with_fewer_pieces_than_others_is_as_long() -> None:
    never = np.array([0.0, np.inf])

    assert risks(3_652.5, RISING, begins_days=never) == pytest.approx(risks(3_652.5), rel=1e-9)


def test_pieces_of_equal_rates_are_one() -> None:
    same = np.concatenate([LOG_RATES, LOG_RATES])

    assert risks(3_652.5, same, begins_days=BEGINS) == pytest.approx(risks(3_652.5), rel=1e-9)


def test_death_competes_with_nothing() -> None:
    assert risks(3_652.5)[DEATH] == pytest.approx(1 - np.exp(-5e-5 * 3_652.5), rel=1e-5)


def test_without_a_token_of_death_nothing_competes() -> None:
    assert risks(1_000, death=None)[CODE] == pytest.approx(1 - np.exp(-0.2), rel=1e-5)


def test_what_cannot_happen_has_no_risk() -> None:
    assert risks(1e9)[GONE] == 0


def test_a_small_risk_is_not_lost_in_rounding() -> None:
    tiny = np.array([[np.log(1e-12), -30.0]], np.float32)

    assert risks(1, tiny, death=None)[0] == pytest.approx(1e-12, rel=1e-5)


def test_all_lives_at_once_are_each_alone() -> None:
    several = np.stack([LOG_RATES, LOG_RATES - 1])

    found = risks(365.25, several, begins_days=np.zeros((2, 1)))

    assert np.array_equal(found[1], risks(365.25, LOG_RATES - 1))


def test_in_all_eternity_shares_are_those_of_the_rates() -> None:
    found = risks(1e9)

    assert found[CODE] == pytest.approx(2e-4 / 2.5e-4, rel=1e-5)
    assert found[DEATH] == 1
