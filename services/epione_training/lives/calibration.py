"""How far risks may be trusted: ratios by lives, intervals, and where to say nothing.

Rates are held against what came, from each five years of age on (the places of "no event").

**Ratio**: how many events came of those expected within so many years, by sex and ten years of age.
It multiplies every rate: it also holds what a rate that stands still misses as a person ages. So
few numbers cannot learn lives by heart: a part of the lives that were learned from helps to count.

**Interval**: how far one person's rate may be off. Who had an event tells little of what the chance
was, so this can be seen only where the truth is known: on the planted cohort the variance of the
log rate is a part common to all, and a part that falls with the events of the code that the cohort
holds near that sex and age. Held-back lives then check it: the counts of a sex, age and code must
lie where their intervals, and chance, put them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from epione.errors import Misconfigured
from epione.timeline.told import YEAR_DAYS
from epione.timeline.vocabulary import NO_EVENT
from epione_training.lives.batches import Batch, Reading, batches_of
from epione_training.lives.cohort import Cohort, Floats, Ints, sex_of
from epione_training.lives.genome import Foresees

CALIBRATION = "calibration.json"
HORIZONS_YEARS = (1, 5, 10)
SEXES, BAND_YEARS, N_BANDS = 2, 10, 10
WIDTH = 1.645  # standard deviations to either side: 90 % of what is normally distributed
# This project's own choices, judged on the planted cohort (tests/benchmarks/README.md).
PRIOR_EVENTS = 50.0  # that draw a ratio to one
FEWEST_EVENTS = 50  # of a code, in the cohort, near a sex and age
FEWEST_YEARS = 1_000.0  # that the cohort lived at a sex and age
FEWEST_HAD = 1  # events in a history, of people of ten years and more
COMMON, BY_EVENT = 0.03, 30.0  # variance of a log rate: of all, and over the events near it
MOST_COUNTED = 2_000  # lives that were learned from
FEWEST_CHECKED = 5.0  # events expected of a sex, age and code whose count is checked

Counts = npt.NDArray[np.float64]  # (SEXES, N_BANDS, n_tokens)


@dataclass(frozen=True)
class Standing:
    """Rates that stand at some ages of some lives, and what came; (n,) or (n, n_tokens)."""

    sex: Ints  # 2 is not known
    band: Ints
    had: Ints  # events before
    log_rates: npt.NDArray[np.float32]
    waited_days: Floats  # until the token comes, or infinity
    left_days: Floats  # until the life's end

    def followed_days(self, years: float) -> Floats:
        """Give how long each token could come: until it came, the life's end or the horizon."""
        return np.minimum(np.minimum(self.waited_days, self.left_days[:, None]), years * YEAR_DAYS)

    def came(self, years: float) -> npt.NDArray[np.bool_]:
        """Say whether each token came within so many years."""
        return self.waited_days <= self.followed_days(years)


@dataclass(frozen=True)
class Support:
    """What the cohort that was learned from holds by sex and ten years of age."""

    events: Counts
    lived_years: Floats  # (SEXES, N_BANDS)

    def near(self) -> Counts:
        """Give the events of each band and its two neighbours."""
        padded = np.pad(self.events, ((0, 0), (1, 1), (0, 0)))
        near: Counts = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
        return near

    def holds(self, standing: Standing) -> npt.NDArray[np.bool_]:
        """Say for which tokens there is enough to speak: (n, n_tokens)."""
        sex = np.minimum(standing.sex, SEXES - 1)
        known = (standing.sex < SEXES) & (self.lived_years[sex, standing.band] >= FEWEST_YEARS)
        known &= (standing.had >= FEWEST_HAD) | (standing.band == 0)
        return known[:, None] & (self.near()[sex, standing.band] >= FEWEST_EVENTS)


@dataclass(frozen=True)
class Calibration:
    """What is known of a network's errors.

    `ratio` is (horizons, SEXES, N_BANDS). `covered` is the share of checked counts that lie where
    they should, 0.9 of them if intervals are neither too narrow nor too wide; `checked` how many.
    """

    ratio: Floats
    support: Support
    covered: float | None = None
    checked: int = 0

    def rates(self, standing: Standing, horizon: int) -> Floats:
        """Give rates a day by which as many come as came: (n, n_tokens)."""
        ratio = self.ratio[horizon, np.minimum(standing.sex, SEXES - 1), standing.band]
        rates: Floats = np.exp(standing.log_rates.astype(np.float64)) * ratio[:, None]
        return rates

    def deviation(self, standing: Standing) -> Floats:
        """Give the standard deviation of one person's log rates: (n, n_tokens)."""
        near = self.support.near()[np.minimum(standing.sex, SEXES - 1), standing.band]
        deviation: Floats = np.sqrt(COMMON + BY_EVENT / np.maximum(near, 1))
        return deviation

    def risks(
        self, standing: Standing, horizon: int, death: int | None
    ) -> tuple[Floats, Floats, Floats]:
        """Give risks within a horizon, and the ends of their intervals: (n, n_tokens) each."""
        rates, days = self.rates(standing, horizon), HORIZONS_YEARS[horizon] * YEAR_DAYS
        wide = np.exp(WIDTH * self.deviation(standing))
        low, risk, high = (
            risk_of(each, rates, days, death) for each in (rates / wide, rates, rates * wide)
        )
        return risk, low, high

    def to_json(self) -> Mapping[str, Any]:
        """Give it as JSON; arrays by sex, ten years of age and token."""
        return {
            "horizons_years": HORIZONS_YEARS,
            "ratio": self.ratio.round(4).tolist(),
            "variance": {"common": COMMON, "by_event": BY_EVENT},
            "covered": self.covered,
            "checked": self.checked,
            "fewest": {"events": FEWEST_EVENTS, "years": FEWEST_YEARS, "had": FEWEST_HAD},
            "events": self.support.events.astype(int).tolist(),
            "lived_years": self.support.lived_years.round().tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Calibration":
        """Read what `to_json` gave."""
        support = Support(np.array(told["events"], float), np.array(told["lived_years"], float))
        return cls(np.array(told["ratio"]), support, told["covered"], told["checked"])


def write_calibration(calibration: Calibration, folder: Path) -> None:
    """Leave it beside a model."""
    (folder / CALIBRATION).write_text(json.dumps(calibration.to_json()) + "\n", "utf-8")


def read_calibration(folder: Path) -> Calibration:
    """Read what `write_calibration` left.

    Raises:
        Misconfigured: The folder holds none.
    """
    try:
        return Calibration.from_json(json.loads((folder / CALIBRATION).read_text("utf-8")))
    except (OSError, ValueError, KeyError) as fault:
        raise Misconfigured(f"{folder} holds no calibration: {fault}") from fault


def calibration_of(
    network: Foresees, learned: Cohort, held: Cohort, reading: Reading
) -> Calibration:
    """Count the ratios, and check the intervals by lives that were held back."""
    counted = learned.where(np.arange(len(learned)) < MOST_COUNTED)
    came, expected = np.zeros((2, len(HORIZONS_YEARS), SEXES, N_BANDS))
    for cohort in (counted, held):
        for standing in standings(network, cohort, reading):
            for n, years in enumerate(HORIZONS_YEARS):
                both = observed_expected(standing, years, np.exp(standing.log_rates))
                came[n], expected[n] = came[n] + both[0].sum(-1), expected[n] + both[1].sum(-1)
    ratio = (came + PRIOR_EVENTS) / (expected + PRIOR_EVENTS)
    return _checked(Calibration(ratio, support_of(learned)), network, held, reading)


def support_of(cohort: Cohort) -> Support:
    """Count a cohort's events and years by sex and ten years of age."""
    events = np.zeros((SEXES, N_BANDS, len(cohort.vocabulary)))
    years = np.zeros((SEXES, N_BANDS))
    edges = np.arange(N_BANDS + 1.0) * BAND_YEARS
    for life in cohort:
        sex = sex_of(life, cohort.vocabulary)
        if sex < SEXES:
            ages = life.ages_days / YEAR_DAYS
            np.add.at(events[sex], (_band_of(life.ages_days), life.tokens), 1)
            years[sex] += np.clip(
                np.minimum(ages[-1], edges[1:]) - np.maximum(ages[0], edges[:-1]), 0, None
            )
    return Support(events, years)


def standings(network: Foresees, cohort: Cohort, reading: Reading) -> Iterator[Standing]:
    """Give the rates that stand at each five years of age, and what came after."""
    once = cohort.once
    sexes = {
        cohort.vocabulary.by_name[name]: sex
        for sex, name in enumerate((cohort.vocabulary.FEMALE, cohort.vocabulary.MALE))
    }
    judged = network.predicted.numpy() & once
    for batch in batches_of(cohort, reading):
        with torch.inference_mode():
            log_rates = network(*batch).numpy()
        yield _standing(log_rates, batch, judged, sexes)


def observed_expected(
    standing: Standing, years: float, rates: Floats, meant: npt.NDArray[np.bool_] | bool = True
) -> tuple[Counts, Counts]:
    """Count what came, of what is meant, and was expected while it could, by sex, age and token."""
    known = standing.sex < SEXES
    place = standing.sex[known], standing.band[known]
    both = np.zeros((2, SEXES, N_BANDS, rates.shape[1]))
    np.add.at(both[0], place, (standing.came(years) & meant)[known])
    np.add.at(both[1], place, (rates * standing.followed_days(years))[known])
    return both[0], both[1]


def risk_of(rates: Floats, of_everything: Floats, days: float, death: int | None) -> Floats:
    """Give the chance that each comes within so many days, before death, at constant rates.

    Args:
        rates: (n, n_tokens), a day.
        of_everything: The same, of which death's is taken.
        days: The horizon.
        death: The token of death.
    """
    dying = np.zeros_like(rates)
    if death is not None:
        dying += of_everything[:, death : death + 1]
        dying[:, death] = 0
    both = rates + dying
    share = np.divide(rates, both, out=np.zeros_like(rates), where=both > 0)
    risk: Floats = share * -np.expm1(-both * days)
    return risk


def _standing(
    log_rates: npt.NDArray[np.float32],
    batch: Batch,
    judged: npt.NDArray[np.bool_],
    sexes: Mapping[int, int],
) -> Standing:
    tokens, ages = batch.tokens.numpy(), batch.ages_days.numpy().astype(np.float64)
    row, place = np.nonzero((tokens == NO_EVENT) & (ages < ages[:, -1:]))
    age = ages[row, place]
    came_at = np.full((len(tokens), len(judged)), np.inf)
    for life, (codes, when) in enumerate(zip(tokens, ages, strict=True)):
        came_at[life, codes] = when
    came_at[:, ~judged] = np.inf
    waited = came_at[row] - age[:, None]
    had = waited <= 0
    sex = np.full(len(tokens), SEXES)
    for token, each in sexes.items():
        sex[(tokens == token).any(1)] = each
    return Standing(
        sex[row],
        _band_of(age),
        had.sum(1),
        np.where(judged & ~had, log_rates[row, place], -np.inf),
        np.where(had, np.inf, waited),
        ages[row, -1] - age,
    )


def _checked(
    calibration: Calibration, network: Foresees, held: Cohort, reading: Reading
) -> Calibration:
    """See how many counts of a sex, age and code lie in their intervals, and chance's."""
    came, expected = np.zeros((2, SEXES, N_BANDS, len(held.vocabulary)))
    for standing in standings(network, held, reading):
        answered = calibration.support.holds(standing)
        rates = np.where(answered, calibration.rates(standing, 0), 0)
        both = observed_expected(standing, HORIZONS_YEARS[0], rates, answered)
        came, expected = came + both[0], expected + both[1]
    variance = COMMON + BY_EVENT / np.maximum(calibration.support.near(), 1)
    asked = expected >= FEWEST_CHECKED
    off = (came - expected) ** 2 <= WIDTH**2 * (expected + variance * expected**2)
    covered = float(off[asked].mean()) if asked.any() else None
    return replace(calibration, covered=covered, checked=int(asked.sum()))


def _band_of(ages_days: Floats) -> Ints:
    return np.minimum(ages_days // (BAND_YEARS * YEAR_DAYS), N_BANDS - 1).astype(np.int64)
