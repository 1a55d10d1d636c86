"""What may happen meanwhile, against chains of states that are integrated day by day."""

import json

import numpy as np
import pytest

from epione.timeline.meanwhile import NOTHING, Leads
from epione.timeline.risk_within import NO_RATE, dying_beside, lengths_within, rates_of, risk_within

A, B, DEATH, N = 0, 1, 2, 3
TEN_YEARS = 3_652.5
BEGINS = np.array([[0.0, 365.25, 1_826.25]])
DAY = 0.25  # of a step of the integration
NEW = np.zeros((1, N), bool)  # nothing was had


def leads(**times: float) -> Leads:
    """Say how many times as often B and death come after A."""
    log_lift = np.zeros((N, N))
    for name, of in times.items():
        log_lift[A, {"b": B, "death": DEATH}[name]] = np.log(of)
    return Leads.of(log_lift)


def path(a: float, b: float, death: float) -> np.ndarray:
    """Give log rates of so many a year, the same in each piece."""
    rates = np.log(np.array([a, b, death]) / 365.25)
    return np.broadcast_to(rates, (1, BEGINS.shape[1], N)).astype(np.float32)


def risks_by(told: Leads, log_rates: np.ndarray) -> np.ndarray:
    """Give the risks within ten years, of rates with what may happen meanwhile."""
    moved, times_death = told.moved(TEN_YEARS, BEGINS, log_rates, NEW, DEATH)
    rates = rates_of(moved)
    dying = dying_beside(rates, DEATH) / times_death
    risks: np.ndarray = risk_within(TEN_YEARS, BEGINS, rates, dying)[0]
    return risks


def integrated(a: float, b: float, death: float, times_b: float, times_death: float) -> list[float]:
    """Give the chance of A, of B and of death within ten years, step by step."""
    to_a = a / 365.25 * DAY
    to_b = b / 365.25 * DAY * np.array([1, times_b])
    dies = death / 365.25 * DAY * np.array([1, times_death])
    came_a, came_b, died = 0.0, 0.0, 0.0
    without_b, alive = (
        np.array([1.0, 0.0]),
        np.array([1.0, 0.0]),
    )  # of whom A did not come, and came
    for _ in range(int(TEN_YEARS / DAY)):
        came_a += alive[0] * to_a
        came_b += float(without_b @ to_b)
        died += float(alive @ dies)
        without_b = without_b * (1 - to_b - dies) + without_b[0] * to_a * np.array([-1, 1])
        alive = alive * (1 - dies) + alive[0] * to_a * np.array([-1, 1])
    return [came_a, came_b, died]


@pytest.mark.parametrize(
    ("rates", "times"),
    [
        pytest.param((0.02, 0.01, 0.01), (4.0, 1.0), id="A leads to B"),
        pytest.param((0.02, 0.001, 0.03), (1.0, 10.0), id="A leads to death"),
        pytest.param((0.05, 0.02, 0.02), (6.0, 5.0), id="A leads to both"),
        pytest.param((0.01, 0.001, 0.01), (3.0, 40.0), id="who has A dies soon"),
        pytest.param((0.05, 0.02, 0.02), (0.3, 1.0), id="A keeps B away"),
    ],
)
def test_risks_are_those_of_the_chain_of_states(
    rates: tuple[float, float, float], times: tuple[float, float]
) -> None:
    """To 1 %, where the quiet path is off by a tenth and more."""
    exact = np.array(integrated(*rates, *times))

    found = risks_by(leads(b=times[0], death=times[1]), path(*rates))
    quiet = risks_by(NOTHING, path(*rates))

    assert found == pytest.approx(exact, rel=0.01)
    off = np.abs(quiet / exact - 1)
    assert off.max() > 0.1


def test_who_has_had_the_code_is_asked_about_its_lift_no_more() -> None:
    log_rates = path(0.02, 0.01, 0.01).copy()
    log_rates[..., A] = -np.inf

    told = leads(b=4.0, death=3.0)

    impossible, _ = told.moved(TEN_YEARS, BEGINS, log_rates, NEW, DEATH)
    log_rates[..., A] = -6.0  # of what may come again
    again, _ = told.moved(TEN_YEARS, BEGINS, log_rates, NEW | (np.arange(N) == A), DEATH)

    assert np.array_equal(impossible[..., [B, DEATH]], log_rates[..., [B, DEATH]])
    assert np.array_equal(again, log_rates)


def test_what_cannot_happen_stays_so() -> None:
    log_rates = path(0.02, 0.01, 0.01).copy()
    log_rates[..., B] = NO_RATE

    moved, _ = leads(b=40.0).moved(TEN_YEARS, BEGINS, log_rates, NEW, DEATH)

    assert (moved[..., B] == np.float32(NO_RATE)).all()


def test_what_is_nobody_s_death_is_left_out() -> None:
    log_rates = path(0.02, 0.01, 0.01)

    moved, _ = leads(b=4.0).moved(TEN_YEARS, BEGINS, log_rates, NEW, None)

    assert (moved[0, :, B] > log_rates[0, :, B]).all()
    assert np.array_equal(moved[..., [A, DEATH]], log_rates[..., [A, DEATH]])


def test_pieces_that_never_begin_change_nothing() -> None:
    told, log_rates = leads(b=4.0), path(0.02, 0.01, 0.01)
    fewer = np.array([[0.0, 365.25, np.inf]])

    rates = rates_of(told.moved(TEN_YEARS, fewer, log_rates, NEW, DEATH)[0])
    hazard = (rates * lengths_within(TEN_YEARS, fewer)[..., None])[0, :, B].sum()

    longer = rates_of(told.moved(TEN_YEARS, fewer[:, :2], log_rates[:, :2], NEW, DEATH)[0])
    again = (longer * lengths_within(TEN_YEARS, fewer[:, :2])[..., None])[0, :, B].sum()
    assert hazard == pytest.approx(again)


def test_it_travels_as_json() -> None:
    told = leads(b=4.0, death=0.5)

    again = Leads.from_json(json.loads(json.dumps(told.to_json())))

    assert again.before.tolist() == [A, A]
    assert again.after.tolist() == [B, DEATH]
    assert again.log_lift == pytest.approx(np.log([4.0, 0.5]), abs=1e-4)
