"""How far a model's risks may be trusted: ratios, intervals, and where to say nothing.

Training counts it from lives, and it travels with the model to where that is served.

**Ratio**: how many events came of those expected on the quiet path and by what may happen meanwhile
(`meanwhile.py`), by sex and ten years of age, in the first year from then, the four after and the
five after those; death apart from all other codes, for it rises faster with age. Another is of each
code, at all ages. Both multiply the rates of their time: so they also hold what is still missed in
the mean, which grows with time, and not in a person.

**Interval**: how far one person's rate may be off. Who had an event tells little of what the chance
was, so this can be seen only where the truth is known: on the planted cohort the variance of the
log rate is a part common to all, and a part that falls with the events of the code that the cohort
holds near that sex and age.

**Support**: of whom and of what the cohort holds enough. It is the one rule by which a model is
silent, in training and where it is served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from epione.timeline.meanwhile import NOTHING, Leads, Mask, Rates
from epione.timeline.risk_within import NO_RATE, Floats, dying_beside, rates_of, risk_within
from epione.timeline.told import YEAR_DAYS

Ints = npt.NDArray[np.int64]

HORIZONS_YEARS = (1, 5, 10)  # where a time with its own ratio ends, and the next begins
SEX_NAMES = ("female", "male")
SEXES, BAND_YEARS, N_BANDS = len(SEX_NAMES), 10, 10
WIDTH = 1.645  # standard deviations to either side: 90 % of what is normally distributed
# This project's own choices, judged on the planted cohort (tests/benchmarks/README.md).
FEWEST_EVENTS = 50  # of a code, in the cohort, near a sex and age
FEWEST_YEARS = 1_000.0  # that the cohort lived at a sex and age
FEWEST_HAD = 1  # codes in a history, of people of ten years and more
COMMON, BY_EVENT = 0.03, 30.0  # variance of a log rate: of all, and over the events near it

Counts = npt.NDArray[np.float64]  # (SEXES, N_BANDS, n_tokens)
Estimate = tuple[Floats, Floats, Floats]  # risks, and the ends of their intervals


@dataclass(frozen=True)
class Standing:
    """Where people stand, and the rates of their quiet path: see `risk_within`."""

    sex: Ints  # (n,), as in `SEX_NAMES`; SEXES is not known
    band: Ints  # (n,), ten years of age
    had: Mask  # (n, n_tokens), what was had before, of what is foreseen
    log_rates: Rates  # (n, pieces, n_tokens), a day
    begins_days: Floats  # (n, pieces)
    # (n, pieces, n_tokens), by how much each multiplies the rate of death, as it may come meanwhile
    times_death: Floats | None = field(default=None, kw_only=True)

    def dying(self, death: int | None) -> Floats:
        """Give the rate of death that each token competes with: (n, pieces, n_tokens)."""
        dying = dying_beside(rates_of(self.log_rates), death)
        return dying if self.times_death is None else dying / self.times_death


S = TypeVar("S", bound=Standing)


@dataclass(frozen=True)
class Support:
    """What the cohort that was learned from holds by sex and ten years of age."""

    events: Counts
    lived_years: Floats  # (SEXES, N_BANDS)
    from_birth: bool  # whether lives begin at birth, else where observation does

    @cached_property
    def near(self) -> Counts:
        """Give the events of each band and its two neighbours."""
        padded = np.pad(self.events, ((0, 0), (1, 1), (0, 0)))
        near: Counts = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
        return near

    def near_to(self, standing: Standing) -> Floats:
        """Give the events near each person's sex and age: (n, n_tokens)."""
        near: Floats = self.near[np.minimum(standing.sex, SEXES - 1), standing.band]
        return near

    def holds(self, standing: Standing) -> npt.NDArray[np.bool_]:
        """Say for which tokens there is enough to speak: (n, n_tokens)."""
        people = zip(standing.sex, standing.band, standing.had.sum(1), strict=True)
        known = np.array([not self.refusal_of(*each) for each in people], bool)
        return known[:, None] & (self.near_to(standing) >= FEWEST_EVENTS)

    def refusal_of(self, sex: int, band: int, had: int) -> str:
        """Say why a person is not spoken of; nothing where they are."""
        if sex >= SEXES:
            return "sex is not known"
        if (lived := self.lived_years[sex, band]) < FEWEST_YEARS:
            oldest = "" if band == N_BANDS - 1 else f" to {BAND_YEARS * (band + 1) - 1}"
            return (
                f"the cohort holds {lived:.0f} years of {SEX_NAMES[sex]} lives of "
                f"{BAND_YEARS * band}{oldest}, of at least {FEWEST_YEARS:.0f}"
            )
        if had < FEWEST_HAD and band > 0:
            return (
                f"not enough history: {had} codes that the model understands, "
                f"of at least {FEWEST_HAD}"
            )
        return ""


@dataclass(frozen=True)
class Calibration:
    """What is known of a network's errors.

    `ratio` is (times, SEXES, N_BANDS, 2), where a time ends with each of HORIZONS_YEARS: of all
    codes but death, and of death, whose token is `death`; `by_code` is (times, n_tokens). `leads`
    are which code leads to which, as far as it may come meanwhile. `covered` is, by horizon, the
    share of checked counts that lie where they should, 0.9 of them if intervals are neither too
    narrow nor too wide; `checked` how many.
    """

    ratio: Floats
    by_code: Floats
    support: Support
    death: int | None
    covered: tuple[float | None, ...] = ()
    checked: tuple[int, ...] = ()
    leads: Leads = NOTHING

    def calibrated(self, standing: S) -> S:
        """Give the same with rates by which as many come as came, and pieces by ratio."""
        return self.by_ratio(foreseen(standing, self.leads, self.death))

    def by_ratio(self, standing: S) -> S:
        """Give what was foreseen, times the ratios."""
        begins, log_rates = standing.begins_days, standing.log_rates
        sex = np.minimum(standing.sex, SEXES - 1)
        time = np.searchsorted(_CUTS_DAYS, begins, "right")  # (n, pieces)
        ratio = np.log(self.ratio[time, sex[:, None], standing.band[:, None]])  # (n, pieces, 2)
        is_death = np.arange(log_rates.shape[-1]) == self.death
        moved = log_rates + np.where(is_death, ratio[..., 1:], ratio[..., :1])
        moved += np.log(self.by_code)[time]
        log_rates = np.where(log_rates > NO_RATE, moved, -np.inf).astype(np.float32)
        return replace(standing, log_rates=log_rates)

    def risks(self, standing: Standing, horizon: int) -> Estimate:
        """Give risks within a horizon, and the ends of their intervals: (n, n_tokens) each."""
        return self.risks_of(self.calibrated(standing), horizon)

    def risks_of(self, calibrated: Standing, horizon: int) -> Estimate:
        """Give the same of a standing that is calibrated."""
        rates, dying = rates_of(calibrated.log_rates), calibrated.dying(self.death)
        near = self.support.near_to(calibrated)
        return risks_with_intervals(horizon, calibrated.begins_days, rates, dying, near)

    def to_json(self) -> Mapping[str, Any]:
        """Give it as JSON; arrays by sex, ten years of age and token."""
        return {
            "horizons_years": HORIZONS_YEARS,
            "ratio": self.ratio.round(4).tolist(),
            "ratio_by_code": self.by_code.round(4).tolist(),
            "death": self.death,
            "leads": self.leads.to_json(),
            "variance": {"common": COMMON, "by_event": BY_EVENT},
            "covered": self.covered,
            "checked": self.checked,
            "fewest": {"events": FEWEST_EVENTS, "years": FEWEST_YEARS, "had": FEWEST_HAD},
            "events": self.support.events.astype(int).tolist(),
            "lived_years": self.support.lived_years.round().tolist(),
            "from_birth": self.support.from_birth,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Calibration":
        """Read what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: It is something else, as of an earlier release.
        """
        names = ("ratio", "ratio_by_code", "events", "lived_years")
        ratio, by_code, events, lived = (np.array(told[name], float) for name in names)
        groups = (SEXES, N_BANDS)
        if ratio.shape != (len(HORIZONS_YEARS), *groups, 2):
            raise ValueError(f"{ratio.shape=} is not by time, sex, ten years, and death apart")
        if by_code.shape != (len(HORIZONS_YEARS), events.shape[-1]):
            raise ValueError(f"{by_code.shape=} is not by time and code")
        if events.shape[:-1] != groups or lived.shape != groups:
            raise ValueError(f"{events.shape=} and {lived.shape=} are not by sex and ten years")
        support = Support(events, lived, bool(told["from_birth"]))
        covered, checked = tuple(told["covered"]), tuple(told["checked"])
        leads = Leads.from_json(told["leads"])
        if leads.highest >= events.shape[-1]:
            raise ValueError(f"the code {leads.highest} leads or is led to, of {events.shape[-1]}")
        return cls(ratio, by_code, support, told["death"], covered, checked, leads)


def foreseen(standing: S, leads: Leads, death: int | None) -> S:
    """Give the same with what may happen meanwhile, in pieces that also end where a ratio does."""
    begins, log_rates = _cut(standing)
    days = HORIZONS_YEARS[-1] * YEAR_DAYS
    moved, times_death = leads.moved(days, begins, log_rates, standing.had, death)
    return replace(standing, begins_days=begins, log_rates=moved, times_death=times_death)


def risks_with_intervals(
    horizon: int, begins_days: Floats, rates: Floats, dying: Floats, near: Floats
) -> Estimate:
    """Give risks within a horizon and the ends of their 90 % intervals: (n, n_outcomes) each.

    Args:
        horizon: Its place in `HORIZONS_YEARS`.
        begins_days: (n, pieces).
        rates: (n, pieces, n_outcomes), calibrated.
        dying: Of the death that each competes with, which is taken as sure.
        near: (n, n_outcomes), the events near each.
    """
    wide = np.exp(WIDTH * np.sqrt(variance_of(near)))[:, None]
    days = HORIZONS_YEARS[horizon] * YEAR_DAYS
    low, risk, high = (
        risk_within(days, begins_days, each, dying) for each in (rates / wide, rates, rates * wide)
    )
    return risk, low, high


_CUTS_DAYS = np.array(HORIZONS_YEARS[:-1]) * YEAR_DAYS


def _cut(standing: Standing) -> tuple[Floats, Rates]:
    """Give begins and log rates of pieces that also end where a ratio does."""
    begins = standing.begins_days
    cuts = np.broadcast_to(_CUTS_DAYS, (len(begins), len(_CUTS_DAYS)))
    finer = np.sort(np.concatenate([begins, cuts], 1), axis=1)
    of = (begins[:, None] <= finer[..., None]).sum(-1) - 1  # (n, pieces), the piece that was cut
    return finer, np.take_along_axis(standing.log_rates, of[..., None], 1)


def variance_of(near: Floats) -> Floats:
    """Give the variance of one person's log rates where the cohort holds so many events."""
    variance: Floats = COMMON + BY_EVENT / np.maximum(near, 1)
    return variance


def band_of(ages_days: Floats) -> Ints:
    """Give the ten years of age.

    >>> band_of(np.array([0.0, 3_652.4, 3_652.5, 40_000.0])).tolist()
    [0, 0, 1, 9]
    """
    return np.minimum(ages_days // (BAND_YEARS * YEAR_DAYS), N_BANDS - 1).astype(np.int64)
