"""From named alleles to a phenotype, an activity score, and a guideline's look-up key."""

from collections.abc import Sequence
from dataclasses import dataclass

from epione.medicine.pharmacogenomics.definitions import Gene

NOT_ASSIGNED = "n/a"  # the key of guidelines for a result without a phenotype or score


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a diplotype means; None where no rule assigns it."""

    phenotype: str | None
    activity: float | None
    key: str


def outcome_of(gene: Gene, stars: Sequence[str]) -> Outcome:
    """Give the outcome of the alleles of a diplotype, or of the one allele of a haploid person."""
    alleles = [gene.by_name[star] for star in stars]
    if gene.by_activity:
        values = [allele.activity for allele in alleles]
        known = [value for value in values if value is not None]
        score = sum(known) if len(known) == len(values) else None
        key = NOT_ASSIGNED if score is None else str(score)
        return Outcome(gene.phenotypes.get((key,)), score, key)
    functions = tuple(sorted(allele.function for allele in alleles))
    phenotype = gene.phenotypes.get(functions)
    return Outcome(phenotype, None, phenotype or NOT_ASSIGNED)
