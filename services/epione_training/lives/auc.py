"""How well rates tell who gets a code from who does not, among people of one sex and age.

As Delphi does (Shmatko et al. 2025, Nature 647:248): in each five years of age from 40 to 80, the
rate that stood before each case's event is held against one rate, taken by chance, of each person
of that sex who never has the code; the curve's area is averaged over the ages. So neither sex nor
age alone can raise it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from epione_training.lives.cohort import Floats, Ints

AGES_YEARS = range(40, 80, 5)
BRACKET_YEARS = 5
FEWEST = 2  # cases, and others, for an area


@dataclass(frozen=True)
class Foreseen:
    """Every token of a cohort but the first days', with the rates that stood on the day before."""

    person: Ints  # (n,)
    sex: Ints  # (n,), as `sex_of`
    age_years: Floats  # (n,), when the rates began to stand
    token: Ints  # (n,), what came
    log_rates: npt.NDArray[np.float32]  # (n, n_codes)
    codes: Ints  # (n_codes,), whose rates these are


@dataclass(frozen=True)
class Area:
    """The area under a curve, 0 to 1, with its standard error, and how many cases it rests on."""

    value: float
    error: float
    cases: int


def areas_of(foreseen: Foreseen, sex: int, seed: int = 0) -> Mapping[int, Area]:
    """Give the area of each code among people of a sex; a code without cases has none."""
    of_sex = foreseen.sex == sex
    controls = _controls(foreseen, of_sex, np.random.default_rng(seed))
    found = {}
    for column, code in enumerate(foreseen.codes):
        cases = of_sex & (foreseen.token == code)
        have = np.unique(foreseen.person[cases])
        each = list(_by_age(foreseen, column, cases, controls, have))
        if each:
            found[int(code)] = Area(
                value=float(np.mean([area.value for area in each])),
                error=float(np.sqrt(np.sum([area.error**2 for area in each])) / len(each)),
                cases=sum(area.cases for area in each),
            )
    return found


def _by_age(
    foreseen: Foreseen, column: int, cases: npt.NDArray[np.bool_], controls: list[Ints], have: Ints
) -> Iterator[Area]:
    for age, rows in zip(AGES_YEARS, controls, strict=True):
        others = rows[~np.isin(foreseen.person[rows], have)]
        sick = np.flatnonzero(cases & _is_aged(foreseen, age))
        if min(len(sick), len(others)) >= FEWEST:
            rates = foreseen.log_rates[:, column]
            yield area_of(rates[sick], rates[others])


def area_of(cases: npt.NDArray[np.floating], others: npt.NDArray[np.floating]) -> Area:
    """Give the chance that a case's score is above another's, ties by half.

    The standard error is that of DeLong et al. 1988, Biometrics 44:837, doi:10.2307/2531595.

    >>> area_of(np.array([2.0, 3.0]), np.array([1.0, 2.0])).value
    0.875
    """
    above, below = placements(cases, others)
    variance = np.var(above, ddof=1) / len(cases) + np.var(below, ddof=1) / len(others)
    return Area(float(above.mean()), float(np.sqrt(variance)), len(cases))


def placements(
    cases: npt.NDArray[np.floating], others: npt.NDArray[np.floating]
) -> tuple[Floats, Floats]:
    """Give of each case the share of others below it, of each other that of cases above it."""
    return _share_below(cases, others), 1 - _share_below(others, cases)


def _share_below(
    scores: npt.NDArray[np.floating], of: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Give of each score the share of the others that are below it, ties by half."""
    of = np.sort(of)
    return (np.searchsorted(of, scores, "left") + np.searchsorted(of, scores, "right")) / (
        2 * len(of)
    )


def _controls(
    foreseen: Foreseen, of_sex: npt.NDArray[np.bool_], chance: np.random.Generator
) -> list[Ints]:
    """Take one row of each person in each age, by chance."""
    order = chance.permutation(len(foreseen.person))
    taken = []
    for age in AGES_YEARS:
        rows = order[(of_sex & _is_aged(foreseen, age))[order]]
        _, first = np.unique(foreseen.person[rows], return_index=True)
        taken.append(rows[first])
    return taken


def _is_aged(foreseen: Foreseen, age: int) -> npt.NDArray[np.bool_]:
    return (foreseen.age_years >= age) & (foreseen.age_years < age + BRACKET_YEARS)
