"""Quantities in the one unit in which Epione's rules and models read them.

A LOINC code stays as sent: the value of a molar code (14647-2) is then given as a mass. The codes
are of LOINC 2.78. Factors:

- lipids: 38.67 mg/dL of cholesterol and 88.57 mg/dL of triglycerides are 1 mmol/L.
  Source: NCEP ATP III final report, NIH Publication 02-5215 (2002), page vii.
- HbA1c: NGSP % = 0.09148 * IFCC mmol/mol + 2.152. Source: IFCC-NGSP master equation, Weykamp et al.
  2008, Clin Chem 54:240-248, doi:10.1373/clinchem.2007.097402 (as on ngsp.org).
- creatinine: 88.4 umol/L is 1 mg/dL; hence 1 mg/mmol of albumin to creatinine is 8.84 mg/g.
  Source: KDIGO 2024 CKD guideline, Kidney Int 105(4S), "Conversion factors of conventional units
  to SI units".
- glucose: 18.016 mg/dL is 1 mmol/L (C6H12O6, 180.156 g/mol; IUPAC atomic weights 2021).
- pounds, inches and feet: exact. Source: NIST Special Publication 811 (2008), appendix B.8.
- kPa: 7.50062 mmHg. Source: the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from epione.timeline import LOINC, Code, Quantity


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit and the way from others to it: value * factor + offset."""

    unit: str
    factors: Mapping[str, float]
    offset: Mapping[str, float]

    def converted(self, quantity: Quantity) -> Quantity | None:
        """Give the quantity in this unit; None where its own has no way here."""
        if quantity.unit == self.unit:
            return quantity
        factor = self.factors.get(quantity.unit)
        if factor is None:
            return None
        value = quantity.value * factor + self.offset.get(quantity.unit, 0.0)
        return replace(quantity, value=value, unit=self.unit)


def _scale(unit: str, factors: Mapping[str, float], **offset: float) -> Scale:
    return Scale(unit, factors, offset)


CHOLESTEROL = _scale("mg/dL", {"mmol/L": 38.67, "g/L": 100.0, "mg/L": 0.1})
TRIGLYCERIDES = _scale("mg/dL", {"mmol/L": 88.57, "g/L": 100.0, "mg/L": 0.1})
GLUCOSE = _scale("mg/dL", {"mmol/L": 18.016, "g/L": 100.0, "mg/L": 0.1})
CREATININE = _scale("mg/dL", {"umol/L": 1 / 88.4, "mmol/L": 1000 / 88.4, "mg/L": 0.1})
HBA1C = Scale("%", {"mmol/mol": 0.09148}, {"mmol/mol": 2.152})
URINE_ALBUMIN_TO_CREATININE = _scale(
    "mg/g", {"mg/mmol": 8.84, "g/mol": 8.84, "ug/mg": 1.0, "mg/mg": 1000.0}
)
WEIGHT = _scale("kg", {"g": 0.001, "[lb_av]": 0.45359237, "[oz_av]": 0.028349523125})
HEIGHT = _scale("cm", {"m": 100.0, "mm": 0.1, "[in_i]": 2.54, "[ft_i]": 30.48})
BLOOD_PRESSURE = _scale("mm[Hg]", {"kPa": 7.50062})

SCALES: dict[str, Scale] = {
    **dict.fromkeys(("2093-3", "14647-2"), CHOLESTEROL),  # total
    **dict.fromkeys(("2085-9", "14646-4"), CHOLESTEROL),  # HDL
    **dict.fromkeys(("2089-1", "13457-7", "18262-6", "22748-8", "39469-2"), CHOLESTEROL),  # LDL
    **dict.fromkeys(("43396-1", "70204-3"), CHOLESTEROL),  # non-HDL
    **dict.fromkeys(("2571-8", "14927-8", "3043-7", "1644-4"), TRIGLYCERIDES),
    **dict.fromkeys(("2345-7", "2339-0", "14749-6", "15074-8", "1558-6", "14771-0"), GLUCOSE),
    **dict.fromkeys(("2160-0", "38483-4", "14682-9", "59826-8"), CREATININE),
    **dict.fromkeys(("4548-4", "17856-6", "59261-8"), HBA1C),
    **dict.fromkeys(
        ("9318-7", "14959-1", "14958-3", "30000-4", "32294-1"), URINE_ALBUMIN_TO_CREATININE
    ),
    **dict.fromkeys(("29463-7", "3141-9", "3142-7"), WEIGHT),
    **dict.fromkeys(("8302-2", "3137-7", "3138-5", "8301-4"), HEIGHT),
    **dict.fromkeys(("8480-6", "8462-4"), BLOOD_PRESSURE),
}


def converted(code: Code, quantity: Quantity) -> Quantity | None:
    """Give a measurement in the unit that its consumers read.

    Returns:
        The quantity as it is where no consumer needs another unit; None where one does, and the
        quantity's own unit cannot be converted.
    """
    scale = SCALES.get(code.code) if code.system == LOINC else None
    return quantity if scale is None else scale.converted(quantity)
