"""The risk by formula, against what is worked out by hand and by integration."""

import numpy as np
import pytest

from epione_inference.lives import risks_within

OTHER, CODE, DEATH, GONE = range(4)
LOG_RATES = np.array([np.log(1e-3), np.log(2e-4), np.log(5e-5), -30.0], np.float32)


def test_a_code_competes_with_death() -> None:
    """P = ∫ λ exp(−(λ + λ_death) s) ds, by the trapezium rule."""
    days = np.linspace(0, 3_652.5, 200_001)

    found = risks_within(3_652.5, LOG_RATES, DEATH)

    density = 2e-4 * np.exp(-(2e-4 + 5e-5) * days)
    assert found[CODE] == pytest.approx(np.trapezoid(density, days), rel=1e-5)


def test_death_competes_with_nothing() -> None:
    assert risks_within(3_652.5, LOG_RATES, DEATH)[DEATH] == pytest.approx(
        1 - np.exp(-5e-5 * 3_652.5), rel=1e-5
    )


def test_without_a_token_of_death_nothing_competes() -> None:
    assert risks_within(1_000, LOG_RATES, None)[CODE] == pytest.approx(1 - np.exp(-0.2), rel=1e-5)


def test_what_cannot_happen_has_no_risk() -> None:
    assert risks_within(1e9, LOG_RATES, DEATH)[GONE] == 0


def test_a_small_risk_is_not_lost_in_rounding() -> None:
    tiny = np.array([np.log(1e-12), -30.0], np.float64)

    assert risks_within(1, tiny, None)[0] == pytest.approx(1e-12, rel=1e-6)


def test_all_lives_at_once_are_each_alone() -> None:
    several = np.stack([LOG_RATES, LOG_RATES - 1])

    found = risks_within(365.25, several, DEATH)

    assert np.array_equal(found[1], risks_within(365.25, LOG_RATES - 1, DEATH))


def test_in_all_eternity_shares_are_those_of_the_rates() -> None:
    found = risks_within(1e9, LOG_RATES, DEATH)

    assert found[CODE] == pytest.approx(2e-4 / 2.5e-4, rel=1e-5)
    assert found[DEATH] == 1
