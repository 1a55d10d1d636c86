"""Kidney function from creatinine: CKD-EPI 2021, without race.

Source: Inker et al. 2021, N Engl J Med 385:1737-1749, doi:10.1056/NEJMoa2102953, the creatinine
equation, read at kidney.org/ckd-epi-creatinine-equation-2021. For adults; creatinine by a method
traceable to isotope-dilution mass spectrometry.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ADULT_FROM_YEARS = 18
SLOPE_ABOVE_KAPPA = -1.200
PER_YEAR = 0.9938


@dataclass(frozen=True, slots=True)
class _Coefficients:
    kappa_mg_dl: float
    slope_below_kappa: float
    factor: float


_BY_SEX: Mapping[str, _Coefficients] = {
    "female": _Coefficients(0.7, -0.241, 142 * 1.012),
    "male": _Coefficients(0.9, -0.302, 142.0),
}


def egfr_of(creatinine_mg_dl: float, age_years: float, sex: str) -> float | None:
    """Estimate the glomerular filtration rate.

    Args:
        creatinine_mg_dl: In serum or plasma, above 0.
        age_years: 18 or more.
        sex: "female" or "male".

    Returns:
        mL/min/1.73 m², not rounded (a laboratory prints whole numbers); None where the equation
        does not speak of this person.
    """
    of_sex = _BY_SEX.get(sex)
    if of_sex is None or creatinine_mg_dl <= 0 or age_years < ADULT_FROM_YEARS:
        return None
    ratio = creatinine_mg_dl / of_sex.kappa_mg_dl
    slope = of_sex.slope_below_kappa if ratio < 1 else SLOPE_ABOVE_KAPPA
    return float(of_sex.factor * ratio**slope * PER_YEAR**age_years)
