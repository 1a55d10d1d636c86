"""The dose of warfarin that the pharmacogenetic algorithm of the IWPC estimates.

The square root of the weekly dose in mg is a sum of terms. Source: International Warfarin
Pharmacogenetics Consortium 2009, N Engl J Med 360:753-764, doi:10.1056/NEJMoa0809329, appendix S1e.
The coefficients were read in three independent public implementations, which agree (SOURCE.toml).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from epione.medicine.pharmacogenomics.notation import strands_of
from epione.medicine.recommendation import Evidence

IWPC = Evidence("IWPC", "2009", "doi:10.1056/NEJMoa0809329", "2009-02-19")

INTERCEPT = 5.6044
PER_DECADE, PER_CM, PER_KG = -0.2614, 0.0087, 0.0128
LAST_DECADE = 9  # a decade is 1 for 10 to 19 years, and 9 for all from 90 on
VKORC1_TERMS: Mapping[str | None, float] = {  # by rs9923231
    "-1639 GG": 0.0,
    "-1639 AG": -0.8677,
    "-1639 AA": -1.6974,
}
CYP2C9_TERMS: Mapping[tuple[str, ...], float] = {
    ("*1", "*1"): 0.0,
    ("*1", "*2"): -0.5211,
    ("*1", "*3"): -0.9357,
    ("*2", "*2"): -1.0616,
    ("*2", "*3"): -1.9206,
    ("*3", "*3"): -2.3312,
}
RACE_NOT_KNOWN = -0.1032  # "missing or mixed": no record that is read here has it
INDUCER, AMIODARONE = 1.1816, -0.5503
INDUCERS = frozenset({"carbamazepine", "phenytoin", "rifampin"})
# Alleles of CYP2C9 that CPIC's guideline on warfarin lowers the dose for (Johnson et al. 2017,
# doi:10.1002/cpt.668); the algorithm takes them for *1.
LOWERED_BY = frozenset({"*5", "*6", "*8", "*11"})


@dataclass(frozen=True, slots=True)
class Alleles:
    """CYP2C9 as the algorithm takes it, and the alleles that it has no term for."""

    term: float
    without_term: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """Everything that the dose is estimated from."""

    age_years: int
    height_cm: float
    weight_kg: float
    vkorc1: float
    cyp2c9: float
    inducer: bool = False
    amiodarone: bool = False

    @property
    def weekly_mg(self) -> float:
        """Give the dose in mg a week, or 0 where the terms come to nothing."""
        root = (
            INTERCEPT
            + PER_DECADE * min(self.age_years // 10, LAST_DECADE)
            + PER_CM * self.height_cm
            + PER_KG * self.weight_kg
            + self.vkorc1
            + self.cyp2c9
            + RACE_NOT_KNOWN
            + (INDUCER if self.inducer else 0)
            + (AMIODARONE if self.amiodarone else 0)
        )
        return max(root, 0.0) ** 2


def alleles_of(diplotype: str) -> Alleles | None:
    """Read a diplotype of CYP2C9; None where it has an allele of which no source speaks.

    >>> alleles_of("*2/*8")
    Alleles(term=-0.5211, without_term=('*8',))
    """
    stars = [star for strand in strands_of(diplotype) for star in strand]
    without = tuple(star for star in stars if star in LOWERED_BY)
    pair = tuple(sorted("*1" if star in LOWERED_BY else star for star in stars))
    return Alleles(CYP2C9_TERMS[pair], without) if pair in CYP2C9_TERMS else None
