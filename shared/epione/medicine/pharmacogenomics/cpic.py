"""CPIC's guidelines as this release holds them: drugs, their genes, and advice."""

from collections.abc import Mapping
from pathlib import Path

from epione.medicine.pharmacogenomics.advice import DrugAdvice, NoAdvice, advice_on
from epione.medicine.pharmacogenomics.knowledge import PINNED
from epione.medicine.pharmacogenomics.tables import (
    Drug,
    drugs_by_ingredient,
    ingredients_by_product,
)
from epione.medicine.recommendation import Evidence
from epione.timeline import RXNORM, Code, GeneCall


class Cpic:
    """One release of the guidelines."""

    def __init__(self, release: Path = PINNED) -> None:
        """Speak for a release: the pinned one, or the folder of a candidate of the same layout."""
        self._release = release

    def drugs(self) -> tuple[Code, ...]:
        """Give every ingredient that CPIC links to genes for prescribing, by name."""
        return tuple(drug.code for drug in drugs_by_ingredient(self._release).values())

    def drug_of(self, code: Code) -> Code | None:
        """Give the ingredient of an ordered drug; None where no map knows it.

        Known are RxNorm ingredients, the products of `products.tsv`, and a coding whose display is
        exactly an ingredient's name. Nothing else is guessed from a name.
        """
        drug = self._drug(code)
        return drug.code if drug else None

    def genes_of(self, drug: Code) -> tuple[str, ...]:
        """Give the genes that the drug's guideline asks for."""
        known = self._drug(drug)
        return known.genes if known else ()

    def evidence_of(self, drug: Code) -> tuple[Evidence, ...]:
        """Give the publications of the drug's guideline."""
        known = self._drug(drug)
        return known.evidence if known else ()

    def advice_for(
        self, drug: Code, calls: Mapping[str, GeneCall]
    ) -> tuple[DrugAdvice, ...] | NoAdvice:
        """Give what CPIC advises on an ordered drug, one entry a population.

        Args:
            drug: As `drug_of` takes it.
            calls: What the genome says, by gene; a gene that is not there was not read.
        """
        known = self._drug(drug)
        if known is None:
            named = drug.display or drug.code
            return NoAdvice(named, f"{drug.code or named} is not mapped to a drug with a guideline")
        return advice_on(known, calls)

    def _drug(self, code: Code) -> Drug | None:
        drugs = drugs_by_ingredient(self._release)
        if code.system == RXNORM:
            found = drugs.get(ingredients_by_product(self._release).get(code.code, code.code))
            if found:
                return found
        name = code.display.strip().lower()
        return next((drug for drug in drugs.values() if drug.code.display == name), None)
