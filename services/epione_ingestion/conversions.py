"""Quantities in the one unit in which Epione's rules and models read them.

A LOINC code stays as sent: the value of a molar code (14647-2) is then given as a mass. Each code
was seen with its name, as `epione.timeline.codes` says. Factors, each read on 2026-11-24:

- lipids: 38.67 mg/dL of cholesterol and 88.57 mg/dL of triglycerides are 1 mmol/L. Source: AHRQ
  Evidence Synthesis 47 (2007), appendix 2, as mdapp.co/cholesterol-conversion-calculator-600 quotes
  it (38.66976 and 88.57396).
- HbA1c: NGSP % = 0.09148 * IFCC mmol/mol + 2.152. Source: ngsp.org/ifcc.asp. A percentage that is
  sent as by the IFCC protocol is 1.5 to 2 lower than NGSP's (ngsp.org/prog/IFCCmain.html), or is
  NGSP's with the wrong code: it is not read.
- creatinine: 88.4 umol/L is 1 mg/dL (labunits 0.2.1, LOINC 2160-0); 1 mg/mmol of albumin to
  creatinine is 8.84 mg/g (medicalalgorithms.com, "Unit conversion for the urine albumin to
  creatinine ratio": 8.8417, from 113.12 g/mol).
- glucose: 18.0156 mg/dL is 1 mmol/L (C6H12O6, 180.156 g/mol, of the atomic weights 12.011, 1.008
  and 15.999; labunits 0.2.1 has 0.05551 the other way).
- pounds, ounces, inches and feet: exact. kPa: 7.50064 mmHg, of m[Hg] = 133.3220 kPa. Source: UCUM
  essence 2.2 (2024-06-17).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from epione.timeline import LOINC, Code, Quantity


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit and the way from others to it: value * factor + offset.

    `takes_own` is false where a value in this very unit may stand on another scale.
    """

    unit: str
    factors: Mapping[str, float]
    offset: Mapping[str, float]
    takes_own: bool = True

    def converted(self, quantity: Quantity) -> Quantity | None:
        """Give the quantity in this unit; None where its own has no way here."""
        if quantity.unit == self.unit:
            return quantity if self.takes_own else None
        factor = self.factors.get(quantity.unit)
        if factor is None:
            return None
        value = quantity.value * factor + self.offset.get(quantity.unit, 0.0)
        return replace(quantity, value=value, unit=self.unit)


def _scale(unit: str, factors: Mapping[str, float], **offset: float) -> Scale:
    return Scale(unit, factors, offset)


CHOLESTEROL = _scale("mg/dL", {"mmol/L": 38.67, "g/L": 100.0, "mg/L": 0.1})
TRIGLYCERIDES = _scale("mg/dL", {"mmol/L": 88.57, "g/L": 100.0, "mg/L": 0.1})
GLUCOSE = _scale("mg/dL", {"mmol/L": 18.0156, "g/L": 100.0, "mg/L": 0.1})
CREATININE = _scale("mg/dL", {"umol/L": 1 / 88.4, "mmol/L": 1000 / 88.4, "mg/L": 0.1})
HBA1C = Scale("%", {"mmol/mol": 0.09148}, {"mmol/mol": 2.152})
HBA1C_BY_IFCC = replace(HBA1C, takes_own=False)
URINE_ALBUMIN_TO_CREATININE = _scale(
    "mg/g", {"mg/mmol": 8.84, "g/mol": 8.84, "ug/mg": 1.0, "mg/mg": 1000.0}
)
WEIGHT = _scale("kg", {"g": 0.001, "[lb_av]": 0.45359237, "[oz_av]": 0.028349523125})
HEIGHT = _scale("cm", {"m": 100.0, "mm": 0.1, "[in_i]": 2.54, "[ft_i]": 30.48})
BLOOD_PRESSURE = _scale("mm[Hg]", {"kPa": 1 / 0.133322})

SCALES: dict[str, Scale] = {
    **dict.fromkeys(("2093-3", "14647-2"), CHOLESTEROL),  # total
    **dict.fromkeys(("2085-9", "14646-4"), CHOLESTEROL),  # HDL
    **dict.fromkeys(("2089-1", "13457-7", "18262-6", "22748-8", "39469-2"), CHOLESTEROL),  # LDL
    **dict.fromkeys(("43396-1", "70204-3"), CHOLESTEROL),  # non-HDL
    **dict.fromkeys(("2571-8", "14927-8", "3043-7"), TRIGLYCERIDES),
    **dict.fromkeys(("2345-7", "2339-0", "14749-6", "15074-8", "1558-6", "14771-0"), GLUCOSE),
    **dict.fromkeys(("2160-0", "38483-4", "14682-9", "59826-8"), CREATININE),
    **dict.fromkeys(("4548-4", "17856-6"), HBA1C),
    "59261-8": HBA1C_BY_IFCC,
    **dict.fromkeys(
        ("9318-7", "14959-1", "14958-3", "30000-4", "32294-1"), URINE_ALBUMIN_TO_CREATININE
    ),
    **dict.fromkeys(("29463-7", "3141-9", "3142-7"), WEIGHT),
    **dict.fromkeys(("8302-2", "3137-7", "3138-5"), HEIGHT),
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
