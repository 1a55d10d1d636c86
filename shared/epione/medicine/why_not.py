"""Why a medicine is not spoken of: the first condition that is not met."""

from collections.abc import Iterator
from dataclasses import dataclass

from epione.medicine.drug_recommendations import (
    ACTIONABLE,
    DrugGuidelines,
    circumstances_of,
    is_called,
    orders_of,
    uncalled,
)
from epione.medicine.pharmacogenomics.advice import NoAdvice
from epione.medicine.plan import Case

GENOMICS_DENIED = "consent to genomics is denied"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The conditions of a recommendation: those that are met, and the first that is not.

    `unmet` is "" where nothing is: the plan speaks of the medicine.
    """

    drug: str
    met: tuple[str, ...]
    unmet: str


def why_not(case: Case, guidelines: DrugGuidelines, drug: str) -> WhyNot:
    """Walk the conditions of a drug's recommendation in order, until one is not met."""
    met: list[str] = []
    for condition, failure in _conditions(case, guidelines, drug):
        if failure:
            return WhyNot(drug, tuple(met), failure)
        met.append(condition)
    return WhyNot(drug, tuple(met), "")


def _conditions(case: Case, guidelines: DrugGuidelines, drug: str) -> Iterator[tuple[str, str]]:
    """Give each condition with why it is not met, "" where it is; each rests on those before."""
    yield "the record stands for itself", case.survivor and f"it was merged into {case.survivor}"
    yield "nothing holds the plan back", case.hold
    denied = case.history.denial("genomics") is not None
    yield "genomics is consented to, or not spoken of", GENOMICS_DENIED if denied else ""
    ingredient = next((each for each in guidelines.drugs() if each.display == drug.lower()), None)
    unknown = f"no guideline of this release speaks of {drug} and a gene"
    yield "a guideline speaks of it", unknown if ingredient is None else ""
    if ingredient is None:
        return
    calls = {call.gene: call for call in case.genome.gene_calls}
    advice = guidelines.advice_for(ingredient, calls, circumstances_of(case.history, guidelines))
    missing = [gene for gene in guidelines.genes_of(ingredient) if not is_called(gene, case.genome)]
    for_genes = isinstance(advice, NoAdvice) and not advice.lacks
    yield (
        "its genes are called",
        uncalled(missing[0], case.genome).text if missing and for_genes else "",
    )
    yield "the guideline answers for them", advice.unmet if isinstance(advice, NoAdvice) else ""
    is_ordered = ingredient in orders_of(case.history, guidelines)
    changes = not isinstance(advice, NoAdvice) and any(each.kind in ACTIONABLE for each in advice)
    yield (
        "it is ordered, or something would be done differently",
        "" if is_ordered or changes else "it is not ordered, and would be used as usual",
    )
