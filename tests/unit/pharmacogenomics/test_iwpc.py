"""The algorithm of the IWPC, against what others made of the same publication.

WEIGHTS are the pharmacogenetic model as an independent program has it (a student project's class
PDABaseline, read 2026-11). The worked example is that of another (lib/warfarin-v133.js: 65 years,
170 cm, 70 kg, G/G, *1/*1, white: 41.1 mg a week, 5.9 a day).
"""

from itertools import product
from math import sqrt

import pytest

from epione.medicine.pharmacogenomics.iwpc import (
    CYP2C9_TERMS,
    RACE_NOT_KNOWN,
    VKORC1_TERMS,
    Estimate,
    alleles_of,
)

WEIGHTS = {
    "offset": 5.6044,
    "decade": -0.2614,
    "cm": 0.0087,
    "kg": 0.0128,
    "A/G": -0.8677,
    "A/A": -1.6974,
    "*1/*2": -0.5211,
    "*1/*3": -0.9357,
    "*2/*2": -1.0616,
    "*2/*3": -1.9206,
    "*3/*3": -2.3312,
    "race missing": -0.1032,
    "inducer": 1.1816,
    "amiodarone": -0.5503,
}
VKORC1 = {"-1639 GG": "G/G", "-1639 AG": "A/G", "-1639 AA": "A/A"}


def estimate(
    age: int = 65,
    vkorc1: str = "-1639 GG",
    diplotype: str = "*1/*1",
    *,
    inducer: bool = False,
    amiodarone: bool = False,
) -> Estimate:
    alleles = alleles_of(diplotype)
    assert alleles is not None
    return Estimate(age, 170, 70, VKORC1_TERMS[vkorc1], alleles.term, inducer, amiodarone)


@pytest.mark.parametrize("vkorc1", VKORC1_TERMS)
@pytest.mark.parametrize("pair", CYP2C9_TERMS, ids="/".join)
def test_a_dose_is_that_of_an_independent_program(
    vkorc1: str | None, pair: tuple[str, ...]
) -> None:
    assert vkorc1 is not None
    diplotype = "/".join(pair)
    for inducer, amiodarone in product((False, True), repeat=2):
        root = WEIGHTS["offset"] + 6 * WEIGHTS["decade"] + 170 * WEIGHTS["cm"] + 70 * WEIGHTS["kg"]
        root += WEIGHTS.get(VKORC1[vkorc1], 0) + WEIGHTS.get(diplotype, 0)
        root += WEIGHTS["race missing"]
        root += inducer * WEIGHTS["inducer"] + amiodarone * WEIGHTS["amiodarone"]

        ours = estimate(vkorc1=vkorc1, diplotype=diplotype, inducer=inducer, amiodarone=amiodarone)

        assert ours.weekly_mg == pytest.approx(root**2, rel=1e-12)


def test_the_worked_example_of_another_program_is_met_but_for_its_race() -> None:
    white = (sqrt(estimate().weekly_mg) - RACE_NOT_KNOWN) ** 2

    assert (round(white, 1), round(white / 7, 1)) == (41.1, 5.9)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(60, 69, True, id="one decade"),
        pytest.param(69, 70, False, id="the next begins at its first year"),
        pytest.param(90, 104, True, id="all from 90 on are one"),
    ],
)
def test_age_counts_by_decades(one: int, other: int, same: bool) -> None:
    assert (estimate(one).weekly_mg == estimate(other).weekly_mg) is same


def test_terms_that_come_to_less_than_nothing_are_no_dose() -> None:
    least = Estimate(95, 100, 25, VKORC1_TERMS["-1639 AA"], -2.3312, amiodarone=True)

    assert least.weekly_mg == 0


@pytest.mark.parametrize(
    ("diplotype", "term", "without"),
    [
        pytest.param("*2/*3", -1.9206, (), id="both have a term"),
        pytest.param("*1/*8", 0.0, ("*8",), id="one has none"),
        pytest.param("*3/*11", -0.9357, ("*11",), id="the other's term is kept"),
        pytest.param("*5/*6", 0.0, ("*5", "*6"), id="neither has one"),
    ],
)
def test_an_allele_without_a_term_counts_as_the_reference_and_is_named(
    diplotype: str, term: float, without: tuple[str, ...]
) -> None:
    alleles = alleles_of(diplotype)

    assert alleles is not None
    assert (alleles.term, alleles.without_term) == (term, without)


@pytest.mark.parametrize("diplotype", ["*1/*13", "*9/*9"])
def test_an_allele_of_which_no_source_speaks_has_no_place(diplotype: str) -> None:
    assert alleles_of(diplotype) is None
