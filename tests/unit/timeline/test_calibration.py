"""Ratios applied, intervals, and whom a cohort holds enough of: both sides of each limit."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from epione.timeline.calibration import (
    FEWEST_EVENTS,
    HORIZONS_YEARS,
    N_BANDS,
    SEXES,
    Calibration,
    Standing,
    Support,
)
from epione.timeline.risk_within import dying_beside, rates_of, risk_within

DEATH = 9
GROUPS = (SEXES, N_BANDS)
ENOUGH = Support(np.full((*GROUPS, 10), 1e6), np.full(GROUPS, 1e6), from_birth=True)
AS_IT_IS = np.ones((len(HORIZONS_YEARS), *GROUPS, 2))


def standing(sex: int = 0, band: int = 5, had: int = 3) -> Standing:
    return Standing(
        np.array([sex]),
        np.array([band]),
        np.array([had]),
        np.full((1, 2, 10), -9.0, np.float32),
        np.array([[0.0, 1_000.0]]),
    )


@pytest.mark.parametrize(
    ("of", "why"),
    [
        pytest.param(standing(), "$", id="held by the cohort"),
        pytest.param(standing(sex=2), "sex is not known", id="sex not known"),
        pytest.param(standing(had=0), "not enough history: 0 codes .* at least 1", id="no history"),
        pytest.param(standing(band=0, had=0), "$", id="a child has none yet"),
        pytest.param(standing(band=1, had=0), "not enough history", id="no child any more"),
    ],
)
def test_who_is_outside_of_the_cohort_is_refused_with_a_reason(of: Standing, why: str) -> None:
    said = ENOUGH.refusal_of(int(of.sex[0]), int(of.band[0]), int(of.had[0]))

    assert re.match(why, said)
    assert ENOUGH.holds(of).all() == (said == "")


@pytest.mark.parametrize(
    ("years", "why"),
    [
        pytest.param(999, "the cohort holds 999 years of female lives of 50 to 59", id="too few"),
        pytest.param(1_000, "$", id="enough"),
    ],
)
def test_an_age_that_the_cohort_hardly_lived_is_refused(years: float, why: str) -> None:
    few = replace(ENOUGH, lived_years=np.full(GROUPS, years))

    assert re.match(why, few.refusal_of(0, 5, 3))
    assert few.holds(standing()).all() == (why == "$")


@pytest.mark.parametrize(
    ("events", "holds"),
    [
        pytest.param(FEWEST_EVENTS - 1, False, id="too few"),
        pytest.param(FEWEST_EVENTS, True, id="enough"),
    ],
)
def test_a_code_that_the_cohort_hardly_holds_near_an_age_is_not_spoken_of(
    events: int, holds: bool
) -> None:
    few = np.zeros((*GROUPS, 10))
    few[0, 6, 7] = events

    held = replace(ENOUGH, events=few).holds(standing(band=5))

    assert held[0, 7] == holds
    assert not held[0, :7].any()


def test_a_ratio_multiplies_the_rates_of_its_sex_age_and_horizon_and_death_has_its_own() -> None:
    ratio = AS_IT_IS.copy()
    ratio[1, 1, 5] = 2, 3
    calibration = Calibration(ratio, ENOUGH, DEATH)

    times = calibration.rates(standing(sex=1), 1) / rates_of(standing().log_rates)

    assert times[0, :, :DEATH] == pytest.approx(np.full((2, 9), 2.0))
    assert times[0, :, DEATH] == pytest.approx([3.0, 3.0])
    for other in (standing(), standing(sex=1, band=4)):
        assert calibration.rates(other, 1) == pytest.approx(rates_of(other.log_rates))
    assert calibration.rates(standing(sex=1), 0) == pytest.approx(rates_of(standing().log_rates))


def test_risks_are_those_of_the_calibrated_rates() -> None:
    calibration = Calibration(2 * AS_IT_IS, ENOUGH, DEATH)
    rates = 2 * rates_of(standing().log_rates)

    risk, _, _ = calibration.risks(standing(), 2)

    expected = risk_within(3_652.5, standing().begins_days, rates, dying_beside(rates, DEATH))
    assert risk == pytest.approx(expected)


def test_a_risk_lies_within_its_interval_and_few_events_widen_it() -> None:
    events = ENOUGH.events.copy()
    events[..., 7] = 20
    calibration = Calibration(AS_IT_IS, replace(ENOUGH, events=events), DEATH)

    risk, low, high = calibration.risks(standing(), 1)

    assert (low < risk).all()
    assert (risk < high).all()
    assert high[0, 7] / low[0, 7] > high[0, 6] / low[0, 6]


def test_it_travels_as_json() -> None:
    calibration = Calibration(1.25 * AS_IT_IS, ENOUGH, None, 0.9, 12)

    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))

    assert np.array_equal(again.ratio, calibration.ratio)
    assert np.array_equal(again.support.events, ENOUGH.events)
    assert (again.death, again.covered, again.checked) == (None, 0.9, 12)
