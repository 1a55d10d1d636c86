"""The guidelines as a release of knowledge holds them: drugs, their genes, and advice."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from epione.medicine.pharmacogenomics.advice import answers_on, not_held
from epione.medicine.pharmacogenomics.answers import Answers, DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.circumstances import Circumstances
from epione.medicine.pharmacogenomics.hla import GENES as HLA_GENES
from epione.medicine.pharmacogenomics.hla import POSITIVE
from epione.medicine.pharmacogenomics.knowledge import PINNED, name_of
from epione.medicine.pharmacogenomics.phenoconversion import modulating_ingredients
from epione.medicine.pharmacogenomics.tables import (
    AND,
    CPIC,
    DPWG,
    Drug,
    Table,
    alleles_asked_by,
    drugs_by_ingredient,
    ingredients_by_product,
)
from epione.medicine.pharmacogenomics.warfarin import WARFARIN, warfarin_advice
from epione.medicine.recommendation import Evidence
from epione.timeline import RXNORM, Code, GeneCall

NOT_KNOWN = Circumstances()


class Guidelines:
    """One release of the guidelines: CPIC's, and DPWG's where it has them."""

    def __init__(self, release: Path = PINNED) -> None:
        """Speak for a release: the pinned one, or the folder of a candidate of the same layout."""
        self._release = release

    @property
    def folder(self) -> Path:
        """Where the release lies."""
        return self._release

    @property
    def release(self) -> str:
        """Name the release."""
        return name_of(self._release)

    def drugs(self) -> tuple[Code, ...]:
        """Give every ingredient that a guideline links to genes for prescribing, by name."""
        return tuple(drug.code for drug in drugs_by_ingredient(self._release).values())

    def drug_of(self, code: Code) -> Code | None:
        """Give the ingredient of an ordered drug; None where no map knows it.

        Known are RxNorm ingredients, the products of `products.tsv`, and a coding whose display is
        exactly an ingredient's name. Nothing else is guessed from a name.
        """
        drug = _drug_of(code, self._release)
        return drug.code if drug else None

    def modulators(self) -> tuple[Code, ...]:
        """Give every ingredient that inhibits or induces an enzyme."""
        return tuple(dict.fromkeys(modulating_ingredients(self._release).values()))

    def modulator_of(self, code: Code) -> Code | None:
        """Give the ingredient where it inhibits or induces an enzyme; known as `drug_of` knows."""
        return _modulator_of(code, self._release)

    def genes_of(self, drug: Code) -> tuple[str, ...]:
        """Give the genes that a guideline judges the drug by."""
        known = _drug_of(drug, self._release)
        return known.genes if known else ()

    def evidence_of(self, drug: Code, gene: str = "") -> tuple[Evidence, ...]:
        """Give the publications of the guidelines that judge the drug by a gene, or at all."""
        known = _drug_of(drug, self._release)
        return tuple(dict.fromkeys(_evidence(known, gene))) if known else ()

    def answers_for(
        self,
        drug: Code,
        calls: Mapping[str, GeneCall],
        circumstances: Circumstances = NOT_KNOWN,
    ) -> Answers:
        """Give each guideline's answer on a drug: of CPIC one a population, of DPWG one a gene.

        Args:
            drug: As `drug_of` takes it.
            calls: What the genome says, by gene; a gene that is not there was not read.
            circumstances: What is taken beside it, and what a dose asks of the body.
        """
        known = _drug_of(drug, self._release)
        if known is None:
            named = drug.display or drug.code
            unmet = f"{drug.code or named} is not mapped to a drug with a guideline"
            return (NoAdvice(named, unmet),)
        return (
            *_of_cpic(known, calls, circumstances),
            *_of_dpwg(known, calls, circumstances),
        )


def _of_cpic(drug: Drug, calls: Mapping[str, GeneCall], circumstances: Circumstances) -> Answers:
    if drug.code == WARFARIN:
        return (warfarin_advice(drug, calls, circumstances),)
    if drug.cpic_genes and not drug.tables_of(CPIC):
        return (not_held(drug),)
    return answers_on(drug, CPIC, calls, circumstances.taken)


def _of_dpwg(drug: Drug, calls: Mapping[str, GeneCall], circumstances: Circumstances) -> Answers:
    """Give DPWG's answers, which lead where CPIC does not ask for what they rest on."""
    return tuple(
        replace(answer, leads=_leads(answer, drug)) if isinstance(answer, DrugAdvice) else answer
        for answer in answers_on(drug, DPWG, calls, circumstances.taken)
    )


def _leads(advice: DrugAdvice, drug: Drug) -> bool:
    """Say whether neither a whole table of CPIC's nor its algorithm asks for what was found."""
    if drug.code == WARFARIN:
        return False
    whole = [table for table in drug.tables_of(CPIC) if not table.is_part]
    asked = {each for table in whole for gene in table.genes for each in _asked_by(table, gene)}
    return asked.isdisjoint(each for call in advice.looked_up for each in _found_in(call))


def _asked_by(table: Table, gene: str) -> Iterator[str]:
    """Give the gene, or the alleles of an HLA gene, that a table asks for."""
    if gene not in HLA_GENES:
        yield gene
        return
    yield from (f"{gene}{allele}" for allele in alleles_asked_by(table, gene))


def _found_in(call: GeneCall) -> Iterator[str]:
    """Give the gene of a call, or the alleles of an HLA gene that are there."""
    if call.gene not in HLA_GENES:
        yield call.gene
        return
    for result in (each for key in call.lookup_keys for each in key.split(AND)):
        if result.endswith(POSITIVE):
            yield f"{call.gene}{result.removesuffix(POSITIVE).strip()}"


def _evidence(drug: Drug, gene: str) -> Iterator[Evidence]:
    tables = [table for table in drug.tables if not gene or gene in table.genes]
    if not drug.tables_of(CPIC) and (not gene or gene in drug.cpic_genes):
        yield from drug.cpic_evidence
    for table in tables:
        yield from table.evidence


# Both are asked of every medicine of every plan, and there are few codes.
@lru_cache(maxsize=10_000)
def _drug_of(code: Code, release: Path) -> Drug | None:
    drugs = drugs_by_ingredient(release)
    if found := drugs.get(_ingredient(code, release)):
        return found
    name = _name(code)
    return next((drug for drug in drugs.values() if drug.code.display == name), None)


@lru_cache(maxsize=10_000)
def _modulator_of(code: Code, release: Path) -> Code | None:
    known = modulating_ingredients(release)
    return known.get(_ingredient(code, release)) or known.get(_name(code))


def _ingredient(code: Code, release: Path) -> str:
    """Give the RxNorm ingredient that a code is, or is a product of; "" in other systems."""
    if code.system != RXNORM:
        return ""
    return ingredients_by_product(release).get(code.code, code.code)


def _name(code: Code) -> str:
    return code.display.strip().lower()
