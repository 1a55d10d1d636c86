"""How well the risk within some years tells who gets a code by then from who does not.

Everyone is asked at each five years of age (`calibration.standings`) about what was not had yet.
Cases had the code within the horizon. The others did not, and were followed through it or died in
it: risks are those of a code before death, of the rates that stand at that age. That is not the
risk that is served, whose rates follow age and are calibrated. Who was followed for less is left
out, but for those who had it. As in `auc.py`, a case is held against others of that sex and age.

One person stands at several ages, a case of some codes and not of others. So errors are DeLong's,
added up by person (Obuchowski 1997, Biometrics 53:567, doi:10.2307/2533958), which holds for means
over codes and ages, and for differences between groups, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione.timeline.calibration import SEXES
from epione.timeline.risk_within import dying_beside, rates_of, risk_within
from epione.timeline.told import YEAR_DAYS
from epione_training.lives.auc import AGES_YEARS, BRACKET_YEARS, FEWEST, Area, placements
from epione_training.lives.cohort import Floats, Ints
from epione_training.lives.genome import Estimate

Mask = npt.NDArray[np.bool_]
Single = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Stood:
    """Rates that stood at each five years of age, and what came after; a row an age of a life."""

    person: Ints  # (n,)
    sex: Ints  # (n,), as `sex_of`
    age_years: Floats  # (n,)
    log_rates: Single  # (n, n_codes), a day; minus infinity where a code is not asked about
    waited_days: Single  # (n, n_codes), until the code came, or infinity
    left_days: Floats  # (n,), until the life's end
    codes: Ints  # (n_codes,)
    death: int | None  # the one of the codes that it is


@dataclass(frozen=True)
class Block:
    """The areas of codes among people of one sex and age, and what each person moves them by."""

    sex: int
    age: int
    person: Ints  # (n,), nobody twice
    area: Floats  # (n_codes,), NaN where there is none
    cases: Ints  # (n_codes,)
    moved: Floats  # (n, n_codes)


@dataclass(frozen=True)
class Areas:
    """Areas within one horizon among one sex; None where there are too few cases."""

    mean: Estimate | None  # of the codes, death apart
    death: Area | None
    codes: Mapping[int, Area]  # by token, death included


def areas_within(stood: Stood, years: float) -> Mapping[int, Areas]:
    """Give the areas within a horizon by sex."""
    blocks = blocks_of(stood, years)
    return {
        sex: _areas([block for block in blocks if block.sex == sex], stood) for sex in range(SEXES)
    }


def blocks_of(
    stood: Stood, years: float, meant: Mask | bool = True, fewest: int = FEWEST
) -> list[Block]:
    """Give the areas of every sex and five years of age, of the rows that are meant.

    `fewest` are the cases, and the others, for an area.
    """
    found = []
    for sex in range(SEXES):
        for age in AGES_YEARS:
            there = (stood.sex == sex) & (stood.age_years >= age) & meant
            rows = np.flatnonzero(there & (stood.age_years < age + BRACKET_YEARS))
            _, first = np.unique(stood.person[rows], return_index=True)
            found.append(_block(stood, rows[first], years, (sex, age), fewest))
    return found


def known_areas(blocks: Sequence[Block]) -> Mask:
    """Say which blocks have an area of which code: (n_blocks, n_codes)."""
    return np.isfinite([block.area for block in blocks])


def evenly(meant: Mask) -> Floats:
    """Weigh each code alike, and of a code each block: (n_blocks, n_codes), 1 in all."""
    blocks = meant.sum(0)
    weights: Floats = meant / np.maximum(blocks, 1) / (blocks > 0).sum()
    return weights


def weighed(blocks: Sequence[Block], weights: Floats) -> Estimate:
    """Add areas up by weights (n_blocks, n_codes), which are 0 where there is no area."""
    value, moved = 0.0, np.zeros(max(block.person.max(initial=-1) for block in blocks) + 1)
    for block, weight in zip(blocks, weights, strict=True):
        value += float(np.nan_to_num(block.area) @ weight)
        moved[block.person] += block.moved @ weight
    return Estimate(value, float(np.sqrt(np.sum(moved**2))))


def _areas(blocks: Sequence[Block], stood: Stood) -> Areas:
    known = known_areas(blocks)
    diseases = known & (stood.codes != stood.death)
    cases = np.where(known, [block.cases for block in blocks], 0).sum(0)
    by_code = {}
    for column in np.flatnonzero(known.any(0)):
        alone = known & (np.arange(known.shape[1]) == column)
        area = weighed(blocks, evenly(alone))
        by_code[int(stood.codes[column])] = Area(area.value, area.error, int(cases[column]))
    mean = weighed(blocks, evenly(diseases)) if diseases.any() else None
    return Areas(mean, None if stood.death is None else by_code.get(stood.death), by_code)


def _block(stood: Stood, rows: Ints, years: float, of: tuple[int, int], fewest: int) -> Block:
    days = years * YEAR_DAYS
    log_rates, waited = stood.log_rates[rows], stood.waited_days[rows]
    rates, death = rates_of(log_rates)[:, None], stood.codes == stood.death  # (n_codes,)
    dying = dying_beside(rates, int(death.argmax()) if death.any() else None)
    risks = risk_within(days, np.zeros((len(rates), 1)), rates, dying)  # (n, n_codes)
    came, asked = waited <= days, np.isfinite(log_rates)
    followed = (stood.left_days[rows] >= days) | np.isfinite(waited[:, death]).any(1)
    cases, others = asked & came, asked & ~came & followed[:, None]
    area, moved = np.full(len(stood.codes), np.nan), np.zeros(risks.shape)
    for code in np.flatnonzero(np.minimum(cases.sum(0), others.sum(0)) >= fewest):
        sides = cases[:, code], others[:, code]
        placed = placements(*(risks[side, code] for side in sides))
        area[code] = placed[0].mean()
        for side, shares in zip(sides, placed, strict=True):
            n = len(shares)
            moved[side, code] = (shares - shares.mean()) / np.sqrt(n * (n - 1))
    return Block(*of, stood.person[rows], area, cases.sum(0), moved)
