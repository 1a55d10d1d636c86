"""What a guideline answers on a drug: advice, or why there is none."""

from dataclasses import dataclass
from datetime import datetime

from epione.medicine.pharmacogenomics.tables import DPWG
from epione.medicine.recommendation import Evidence, Reason
from epione.timeline import Code, GeneCall, Quantity

DEPENDS = "It depends on which result is true."  # opens what equally good results say otherwise
EVERYONE = "general"  # the population that a guideline speaks of where it names none


@dataclass(frozen=True, slots=True)
class DrugAdvice:
    """One guideline's answer for one drug and population.

    `kind` is "standard" (use as usual), "adjust" (another dose or monitoring), "avoid" (another
    drug), or "indeterminate" (no recommendation for this result, or results that disagree).
    """

    drug: Code  # RxNorm ingredient
    source: str  # "CPIC" or "DPWG"
    kind: str
    action: str  # in our words
    strength: str  # as the guideline grades it
    population: str  # whom the guideline speaks of: "general", "adults", "children" …
    genes: tuple[str, ...]  # the genes it rests on
    reasons: tuple[str, ...]  # "CYP2C19 *2/*2: Poor Metabolizer" …
    would_change_if: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    unread: tuple[str, ...] = ()  # genes with a position not read that may change what is advised
    # Genes that are called and do not answer for this drug, each with why.
    unanswered: tuple[tuple[str, str], ...] = ()
    beside: tuple[Reason, ...] = ()  # what else it rests on: medicines taken, measurements
    dose: tuple[Quantity, ...] = ()  # where it is a number; the units are UCUM's
    ends: datetime | None = None  # when what is taken beside ends, and this advice with it
    looked_up: tuple[GeneCall, ...] = ()  # calls as the tables were asked: of HLA the drug's own
    # results, and what counts beside what is taken
    leads: bool = True  # it is the one to speak of ahead of an order

    @property
    def guideline(self) -> tuple[Evidence, ...]:
        """The publications of the advice itself, without those on what is taken beside."""
        return tuple(each for each in self.evidence if each.source == self.source)

    @property
    def is_open(self) -> bool:
        """Say whether equally good results, or callers, ask for different things."""
        return DEPENDS in self.action

    @property
    def as_far_as_read(self) -> str:
        """Open what is advised where a position that was not read may change it; else ""."""
        return f"As far as {' and '.join(self.unread)} was read: " if self.unread else ""

    @property
    def key(self) -> str:
        """Tell it from the other advice on the drug: "CPIC", "CPIC/adults", "DPWG/CYP2C19"."""
        about = "/".join(self.genes) if self.source == DPWG else self.population
        return self.source if about == EVERYONE else f"{self.source}/{about}"

    @property
    def heading(self) -> str:
        """Say whom it speaks of, or that it is DPWG's, by which gene; "" of CPIC's on everyone."""
        if self.source == DPWG:
            return f"{self.source} by {' and '.join(self.genes)}"
        return "" if self.population == EVERYONE else self.population


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """Why a guideline gives no advice: the first condition that is not met, in words.

    `lacks` are the measurements that would meet it, `genes` those whose results do not.
    """

    drug: str
    unmet: str
    lacks: tuple[Code, ...] = ()
    genes: tuple[str, ...] = ()
    source: str = ""  # "" where no guideline is known to speak of it
    is_held: bool = True  # the release holds a table on the drug


Answers = tuple[DrugAdvice | NoAdvice, ...]
