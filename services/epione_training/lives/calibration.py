"""A calibration, counted: rates held against what came; see `epione.timeline.calibration`.

Rates, and what may happen meanwhile, are held against what came from each five years of age on (the
places of "no event"). So few numbers cannot learn lives by heart: lives that were learned from
count the ratios. Lives that were held back choose the network's weights and check the intervals,
and count nothing: the counts of a sex, age and code within each horizon must lie where their
intervals, and chance, put them. Of many lives some count that lie evenly among all, whatever these
are sorted by.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from epione.errors import Misconfigured
from epione.timeline.calibration import (
    BAND_YEARS,
    HORIZONS_YEARS,
    N_BANDS,
    SEXES,
    WIDTH,
    Calibration,
    Counts,
    Standing,
    Support,
    band_of,
    foreseen,
    variance_of,
)
from epione.timeline.meanwhile import NOTHING, Leads
from epione.timeline.risk_within import lengths_within, rates_of
from epione.timeline.told import QUIET_DAYS, YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT, PADDING
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints, Life, sex_of
from epione_training.lives.genome import Foresees

CALIBRATION = "calibration.json"
# This project's own choices, judged on the planted cohort (tests/benchmarks/README.md).
PRIOR_EVENTS, PRIOR_OF_CODE = 50.0, 100.0  # that draw a ratio to one
PASSES = 3  # in which the ratios of groups and of codes are fitted in turn
MOST_COUNTED, MOST_CHECKED = 20_000, 5_000  # lives that count the ratios, and that check them
# Variance over mean of a count within each horizon, of places five years apart: of ten years, what
# comes in the later five is counted from the next place too, (1 + 2² + 1) / (1 + 2 + 1).
CHANCE = (1.0, 1.0, 1.5)
FEWEST_CHECKED = 5.0  # events expected of a sex, age and code whose count is checked
CUT_AT_ONCE = 128  # lives that are cut where rates stand


@dataclass(frozen=True)
class Followed(Standing):
    """Standings at some ages of some lives, and what came: (n,) or (n, n_tokens)."""

    row: Ints  # in its batch, of the life
    place: Ints  # in that life, of the token after which it stands
    waited_days: Floats  # until the token comes, or infinity
    left_days: Floats  # until the life's end

    def followed_days(self, years: float) -> Floats:
        """Give how long each token could come: until it came, the life's end or the horizon."""
        return np.minimum(np.minimum(self.waited_days, self.left_days[:, None]), years * YEAR_DAYS)

    def came(self, years: float) -> npt.NDArray[np.bool_]:
        """Say whether each token came within so many years."""
        return self.waited_days <= self.followed_days(years)

    def expected(self, years: float) -> Floats:
        """Give how many events the rates expect of each token while it could come."""
        lengths = lengths_within(years * YEAR_DAYS, self.begins_days)
        left = self.followed_days(years)[:, None] - self.begins_days[..., None]
        expected: Floats = (rates_of(self.log_rates) * np.clip(left, 0, lengths[..., None])).sum(1)
        return expected


def write_calibration(calibration: Calibration, folder: Path) -> None:
    """Leave it beside a model."""
    (folder / CALIBRATION).write_text(json.dumps(calibration.to_json()) + "\n", "utf-8")


def read_calibration(folder: Path) -> Calibration:
    """Read what `write_calibration` left.

    Raises:
        Misconfigured: The folder holds none, or one of an earlier release.
    """
    try:
        return Calibration.from_json(json.loads((folder / CALIBRATION).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Misconfigured(f"{folder} holds no calibration: {fault}") from fault


def calibration_of(
    network: Foresees, learned: Cohort, held: Cohort, reading: Reading, leads: Leads = NOTHING
) -> Calibration:
    """Count the ratios, and check the intervals by lives that were held back."""
    counted = standings(network, learned.strided(MOST_COUNTED), reading)
    death = learned.vocabulary.death
    ratios = ratios_of((foreseen(each, leads, death) for each in counted), death)
    calibration = Calibration(*ratios, support_of(learned), death, leads=leads)
    return _checked(calibration, network, held.strided(MOST_CHECKED), reading)


def ratios_of(counted: Iterable[Followed], death: int | None) -> tuple[Floats, Floats]:
    """Count the ratios of sexes and ages, and of codes, by time, of what was foreseen."""
    found = sum(
        np.array([observed_expected(standing, years) for years in HORIZONS_YEARS])
        for standing in counted
    )
    came, expected = np.moveaxis(np.diff(found, axis=0, prepend=0), 1, 0)
    return _ratios(came, expected, death)


def _ratios(came: Floats, expected: Floats, death: int | None) -> tuple[Floats, Floats]:
    """Fit the ratios of sexes and ages, and of codes, to (times, SEXES, N_BANDS, n_tokens)."""
    n_tokens = came.shape[-1]
    by_code = np.ones((len(came), n_tokens))
    is_death = (np.arange(n_tokens) == death).astype(int)
    for _ in range(PASSES):
        of_codes = expected * by_code[:, None, None]
        pair = _apart(came, death), _apart(of_codes, death)
        ratio = (pair[0] + PRIOR_EVENTS) / (pair[1] + PRIOR_EVENTS)
        of_groups = (expected * ratio[..., is_death]).sum((1, 2))
        by_code = (came.sum((1, 2)) + PRIOR_OF_CODE) / (of_groups + PRIOR_OF_CODE)
    return ratio, by_code


def support_of(cohort: Cohort) -> Support:
    """Count a cohort's events and years by sex and ten years of age.

    Its lives begin at birth where most of them do.
    """
    events = np.zeros((SEXES, N_BANDS, len(cohort.vocabulary)))
    years = np.zeros((SEXES, N_BANDS))
    edges = np.arange(N_BANDS + 1.0) * BAND_YEARS
    begins = []
    for life in cohort:
        begins.append(life.ages_days[0])
        sex = sex_of(life, cohort.vocabulary)
        if sex < SEXES:
            ages = life.ages_days / YEAR_DAYS
            np.add.at(events[sex], (band_of(life.ages_days), life.tokens), 1)
            years[sex] += np.clip(
                np.minimum(ages[-1], edges[1:]) - np.maximum(ages[0], edges[:-1]), 0, None
            )
    return Support(events, years, bool(np.median(begins) == 0) if begins else True)


def standings(
    network: Foresees, cohort: Cohort, reading: Reading, years: float = HORIZONS_YEARS[-1]
) -> Iterator[Followed]:
    """Give the quiet paths from each five years of age on, so many years long, and what came."""
    predicted = network.predicted.numpy()
    for batch in batches_of(cohort, reading):
        tokens, ages = batch.tokens.numpy(), batch.ages_days.numpy().astype(np.float64)
        where = np.argwhere((tokens == NO_EVENT) & (ages < ages[:, -1:])).T
        log_rates = quiet_path(network, batch, where, ceil(years * YEAR_DAYS / QUIET_DAYS))
        sexes = [sex_of(Life(*each), cohort.vocabulary) for each in zip(ages, tokens, strict=True)]
        yield _followed(log_rates, (tokens, ages), where, predicted, np.array(sexes))


def observed_expected(
    standing: Followed, years: float, meant: npt.NDArray[np.bool_] | bool = True
) -> tuple[Counts, Counts]:
    """Count what came, of what is meant, and was expected while it could, by sex, age and token."""
    known = standing.sex < SEXES
    place = standing.sex[known], standing.band[known]
    both = np.zeros((2, SEXES, N_BANDS, standing.log_rates.shape[-1]))
    np.add.at(both[0], place, (standing.came(years) & meant)[known])
    np.add.at(both[1], place, (standing.expected(years) * meant)[known])
    return both[0], both[1]


def quiet_path(
    network: Foresees, batch: Batch, where: Ints, pieces: int
) -> npt.NDArray[np.float32]:
    """Give the rates at places, and after each five years of nothing: (n, pieces, n_tokens).

    `where` is (2, n): rows and places of the batch.
    """
    row, place = where
    with torch.inference_mode():
        if pieces == 1:
            now: npt.NDArray[np.float32] = network(*batch).numpy()[row, place][:, None]
            return now
        order = np.argsort(place, kind="stable")
        found = np.empty((len(row), pieces, len(network.predicted)), np.float32)
        for begin in range(0, len(order), CUT_AT_ONCE):
            of = order[begin : begin + CUT_AT_ONCE]
            log_rates = network(*_cut(batch, row[of], place[of], pieces)).numpy()
            found[of] = log_rates[np.arange(len(of))[:, None], place[of, None] + np.arange(pieces)]
        return found


def _apart(counts: Floats, death: int | None) -> Floats:
    """Sum the counts of all codes but death, and those of death: (…, 2)."""
    of_death = counts[..., death] if death is not None else np.zeros(counts.shape[:-1])
    return np.stack([counts.sum(-1) - of_death, of_death], -1)


def _cut(batch: Batch, row: Ints, place: Ints, pieces: int) -> Batch:
    """Give lives until a place each, and "no event" every five years after it."""
    width = int(place.max()) + pieces
    after = np.arange(width) - place[:, None]  # (n, width)
    kept = np.minimum(np.arange(width), place[:, None])
    tokens = batch.tokens.numpy()[row[:, None], kept]
    ages = batch.ages_days.numpy()[row[:, None], kept]
    tokens[after > 0] = NO_EVENT
    tokens[after >= pieces] = PADDING
    ages = ages + np.clip(after, 0, pieces - 1) * QUIET_DAYS
    return Batch(torch.from_numpy(tokens), torch.from_numpy(ages.astype(np.float32)))


def _followed(
    log_rates: npt.NDArray[np.float32],
    lives: tuple[Ints, Floats],
    where: Ints,
    predicted: npt.NDArray[np.bool_],
    sexes: Ints,
) -> Followed:
    """Put together what stands at places; of a code that was had, nothing is asked."""
    (tokens, ages), (row, place) = lives, where
    age = ages[row, place]
    came_at = np.full((len(tokens), len(predicted)), np.inf)
    for life, (codes, when) in enumerate(zip(tokens, ages, strict=True)):
        came_at[life, codes[::-1]] = when[::-1]  # the first time counts
    waited = np.where(predicted, came_at[row] - age[:, None], np.inf)
    had = waited <= 0
    may = predicted & ~had
    return Followed(
        sexes[row],
        band_of(age),
        had,
        np.where(may[:, None], log_rates, -np.inf).astype(np.float32),
        np.broadcast_to(QUIET_DAYS * np.arange(log_rates.shape[1]), log_rates.shape[:2]),
        row,
        place,
        np.where(may, waited, np.inf),
        ages[row, -1] - age,
    )


def _checked(
    calibration: Calibration, network: Foresees, held: Cohort, reading: Reading
) -> Calibration:
    """See how many counts of a sex, age and code lie in their intervals, and chance's."""
    found = np.zeros((len(HORIZONS_YEARS), 2, SEXES, N_BANDS, len(held.vocabulary)))
    for standing in standings(network, held, reading):
        answered = calibration.support.holds(standing)
        calibrated = calibration.calibrated(standing)
        for n, years in enumerate(HORIZONS_YEARS):
            found[n] += observed_expected(calibrated, years, answered)
    near = calibration.support.near
    covered, checked = [], []
    for n, (came, expected) in enumerate(found):
        asked = expected >= FEWEST_CHECKED
        variance = CHANCE[n] * expected + variance_of(near) * expected**2
        within = (came - expected) ** 2 <= WIDTH**2 * variance
        covered.append(float(within[asked].mean()) if asked.any() else None)
        checked.append(int(asked.sum()))
    return replace(calibration, covered=tuple(covered), checked=tuple(checked))
