"""What a guideline says of one drug for these genes."""

from dataclasses import dataclass

from epione.medicine.recommendation import Evidence
from epione.timeline import Code


@dataclass(frozen=True, slots=True)
class DrugAdvice:
    """One guideline's answer for one drug.

    `kind` is "standard" (use as usual), "adjust" (another dose or monitoring), "avoid" (another
    drug), or "indeterminate" (the guideline gives no recommendation for this result).
    """

    drug: Code  # RxNorm ingredient
    source: str  # "CPIC"
    kind: str
    action: str  # in our words
    strength: str  # as the guideline grades it
    population: str  # whom the guideline speaks of: "general", "adults", "ACS/PCI" …
    genes: tuple[str, ...]  # the genes it rests on
    reasons: tuple[str, ...]  # "CYP2C19 *2/*2: Poor Metabolizer" …
    would_change_if: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """Why there is no advice: the first condition that is not met, in words."""

    drug: str
    unmet: str
