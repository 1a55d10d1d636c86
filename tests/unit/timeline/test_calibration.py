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
    foreseen,
)
from epione.timeline.meanwhile import Leads
from epione.timeline.risk_within import dying_beside, rates_of, risk_within

DEATH = 9
GROUPS = (SEXES, N_BANDS)
ENOUGH = Support(np.full((*GROUPS, 10), 1e6), np.full(GROUPS, 1e6), from_birth=True)
AS_IT_IS = np.ones((len(HORIZONS_YEARS), *GROUPS, 2))
BY_CODE = np.ones((len(HORIZONS_YEARS), 10))


def standing(sex: int = 0, band: int = 5, had: int = 3) -> Standing:
    return Standing(
        np.array([sex]),
        np.array([band]),
        np.isin(np.arange(10), [4, 5, 6][:had])[None],
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
    said = ENOUGH.refusal_of(int(of.sex[0]), int(of.band[0]), int(of.had.sum()))

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


def test_a_ratio_multiplies_the_rates_of_its_sex_age_and_time_and_death_has_its_own() -> None:
    """Of the second time, from one year on to five: it begins and ends amid pieces."""
    ratio = AS_IT_IS.copy()
    ratio[1, 1, 5] = 2, 3
    calibration = Calibration(ratio, BY_CODE, ENOUGH, DEATH)

    found = calibration.calibrated(standing(sex=1))

    times = rates_of(found.log_rates[0]) / np.exp(-9.0)
    assert found.begins_days.tolist() == [[0.0, 365.25, 1_000.0, 1_826.25]]
    assert times[:, 0] == pytest.approx([1, 2, 2, 1], rel=1e-5)
    assert times[:, DEATH] == pytest.approx([1, 3, 3, 1], rel=1e-5)
    for other in (standing(), standing(sex=1, band=4)):
        assert calibration.calibrated(other).log_rates == pytest.approx(-9.0)


def test_what_may_happen_meanwhile_is_there_before_a_ratio_is() -> None:
    log_lift = np.zeros((10, 10))
    log_lift[2, [3, DEATH]] = np.log(5)
    leads = Leads.of(log_lift)
    ratio = AS_IT_IS.copy()
    ratio[:, 0, 5, 0] = 2

    found = Calibration(ratio, BY_CODE, ENOUGH, DEATH, leads=leads).calibrated(standing())

    alone = foreseen(standing(), leads, DEATH)
    assert (np.diff(alone.log_rates[0, :, 3]) > 0).all()
    assert found.begins_days.tolist() == alone.begins_days.tolist()
    assert found.log_rates[..., :DEATH] == pytest.approx(
        alone.log_rates[..., :DEATH] + np.log(2), abs=1e-5
    )
    assert found.log_rates[..., DEATH] == pytest.approx(alone.log_rates[..., DEATH], abs=1e-5)
    dying = found.dying(DEATH)[0, -1]
    assert dying[2] < dying[3] == pytest.approx(np.exp(found.log_rates[0, -1, DEATH]))


def test_what_may_happen_meanwhile_goes_on_to_the_last_horizon() -> None:
    """And who is brought to death is asked about no more: so less is made of it in the end."""
    log_lift = np.zeros((10, 10))
    log_lift[2, 3] = np.log(5)
    lethal = log_lift.copy()
    lethal[2, DEATH] = np.log(50)
    of = standing()
    of.log_rates[:] = -8.0

    times, fewer = (
        Calibration(AS_IT_IS, BY_CODE, ENOUGH, DEATH, leads=Leads.of(each))
        .calibrated(of)
        .log_rates[0, :, 3]
        + 8
        for each in (log_lift, lethal)
    )

    rate, middle = np.exp(-8.0), (1_826.25 + 3_652.5) / 2
    odds = np.expm1(middle * rate)
    share = odds / (1 + odds + 4 * odds * 0.75)
    assert share < (np.exp(times[-1]) - 1) / 4 < odds / (1 + odds)
    assert (fewer[1:] < times[1:] - 0.05).all()


def test_a_code_has_a_ratio_of_its_own_beside_that_of_its_sex_and_age() -> None:
    ratio, by_code = AS_IT_IS.copy(), BY_CODE.copy()
    ratio[1, 1, 5] = 2
    by_code[1, 3] = 1.5

    found = Calibration(ratio, by_code, ENOUGH, DEATH).calibrated(standing(sex=1))

    times = rates_of(found.log_rates[0]) / np.exp(-9.0)
    assert times[:, 2] == pytest.approx([1, 2, 2, 1], rel=1e-5)
    assert times[:, 3] == pytest.approx([1, 3, 3, 1], rel=1e-5)


def test_a_piece_keeps_its_own_rates_where_it_is_cut() -> None:
    log_rates = np.stack([np.full(10, -9.0), np.full(10, -8.0)])[None].astype(np.float32)
    log_rates[..., 3] = -30

    found = Calibration(AS_IT_IS, BY_CODE, ENOUGH, DEATH).calibrated(
        replace(standing(), log_rates=log_rates)
    )

    assert found.log_rates[0, :, 0].tolist() == [-9, -9, -8, -8]
    assert (rates_of(found.log_rates[0, :, 3]) == 0).all()


def test_a_path_with_fewer_pieces_than_others_ends_as_it_is() -> None:
    shorter = replace(standing(), begins_days=np.array([[0.0, np.inf]]))
    log_rates = shorter.log_rates.copy()
    log_rates[:, 1] = 5  # of no piece
    calibration = Calibration(AS_IT_IS, BY_CODE, ENOUGH, DEATH)

    risk, _, _ = calibration.risks(replace(shorter, log_rates=log_rates), 2)

    rates = rates_of(shorter.log_rates[:, :1])
    expected = risk_within(3_652.5, np.zeros((1, 1)), rates, dying_beside(rates, DEATH))
    assert risk == pytest.approx(expected, rel=1e-5)


def test_risks_are_those_of_the_calibrated_rates() -> None:
    calibration = Calibration(2 * AS_IT_IS, BY_CODE, ENOUGH, DEATH)
    rates = 2 * rates_of(standing().log_rates)

    risk, _, _ = calibration.risks(standing(), 2)

    expected = risk_within(3_652.5, standing().begins_days, rates, dying_beside(rates, DEATH))
    assert risk == pytest.approx(expected, rel=1e-5)


def test_a_risk_lies_within_its_interval_and_few_events_widen_it() -> None:
    events = ENOUGH.events.copy()
    events[..., 7] = 20
    calibration = Calibration(AS_IT_IS, BY_CODE, replace(ENOUGH, events=events), DEATH)

    risk, low, high = calibration.risks(standing(), 1)

    assert (low < risk).all()
    assert (risk < high).all()
    assert high[0, 7] / low[0, 7] > high[0, 6] / low[0, 6]


@pytest.mark.parametrize(
    ("near", "times"),
    [
        pytest.param(1e6, 1.33, id="of very many"),
        pytest.param(300, 1.81, id="of many"),
        pytest.param(FEWEST_EVENTS, 3.7, id="of as few as are spoken of"),
    ],
)
def test_an_interval_ends_so_many_times_from_a_small_risk(near: float, times: float) -> None:
    """By the variance that the planted cohort showed (`tests/benchmarks/README.md`)."""
    support = replace(ENOUGH, events=np.full_like(ENOUGH.events, near / 3))
    rare = replace(standing(), log_rates=standing().log_rates - 6)

    risk, low, high = Calibration(AS_IT_IS, BY_CODE, support, DEATH).risks(rare, 0)

    assert high / risk == pytest.approx(times, rel=0.02)
    assert risk / low == pytest.approx(times, rel=0.02)


def test_it_travels_as_json() -> None:
    calibration = Calibration(
        1.25 * AS_IT_IS, BY_CODE, ENOUGH, None, (0.9, 0.8, None), (12, 9, 0), Leads.of(np.eye(10))
    )

    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))

    assert np.array_equal(again.ratio, calibration.ratio)
    assert np.array_equal(again.support.events, ENOUGH.events)
    assert (again.death, again.covered, again.checked) == (None, (0.9, 0.8, None), (12, 9, 0))
    assert again.leads.before.tolist() == again.leads.after.tolist() == [*range(10)]
