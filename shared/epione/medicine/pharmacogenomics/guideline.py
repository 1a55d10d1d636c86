"""What CPIC's tables say of a drug, and which drug an ordered product holds."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from epione.medicine.pharmacogenomics.knowledge import text_of
from epione.medicine.recommendation import Evidence
from epione.timeline import RXNORM, Code

SOURCE = "CPIC"
# The tables as ClinPGx published them on 2024-04-23. See knowledge/2025-11/SOURCE.toml.
CPIC_RELEASE = "2024-04"
CPIC_AS_OF = "2024-04-23"
NO_RESULT = "No Result"  # what a table calls a gene that was not called


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of a table: what to do where the genes have these results."""

    population: str
    strength: str
    kind: str
    action: str
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug with a CPIC guideline; `statements` is empty where its tables are not held here."""

    code: Code
    guideline_genes: tuple[str, ...]  # all genes that CPIC links to it
    pmids: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def genes(self) -> tuple[str, ...]:
        """Give the genes that the table needs."""
        return tuple(sorted(self.statements[0].results)) if self.statements else ()

    @property
    def populations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(statement.population for statement in self.statements))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(SOURCE, CPIC_RELEASE, f"PMID {pmid}", CPIC_AS_OF) for pmid in self.pmids
        )


def drugs_known() -> tuple[Code, ...]:
    """Give the drugs of which this release holds a table, by name."""
    return tuple(drug.code for drug in _drugs().values() if drug.statements)


def drug_of(code: Code) -> Drug | None:
    """Give the drug of an RxNorm ingredient or product; None where no map knows it.

    A coding whose display is exactly an ingredient's name counts as that ingredient; nothing else is
    guessed from names.
    """
    if code.system == RXNORM:
        found = _drugs().get(_ingredients().get(code.code, code.code))
        if found:
            return found
    return _by_name().get(code.display.strip().lower()) if code.display else None


def drug_named(name: str) -> Drug | None:
    """Give the drug of an ingredient's name, or of an RxNorm code."""
    return drug_of(Code(RXNORM, name, name))


@cache
def _drugs() -> Mapping[str, Drug]:
    actions = {row["action"]: (row["kind"], row["words"]) for row in _rows("actions.tsv")}
    statements: dict[str, list[Statement]] = {}
    for row in _rows("advice.tsv"):
        kind, words = actions[row["action"]]
        statements.setdefault(row["drug"], []).append(
            Statement(
                row["population"],
                row["strength"],
                kind,
                words.replace("{drug}", row["drug"]),
                dict(result.split("=", 1) for result in row["results"].split(";")),
            )
        )
    return {
        row["rxnorm"]: Drug(
            Code(RXNORM, row["rxnorm"], row["drug"]),
            tuple(row["genes"].split(";")),
            tuple(filter(None, row["pmids"].split(";"))),
            tuple(statements.get(row["drug"], ())),
        )
        for row in _rows("drugs.tsv")
    }


@cache
def _ingredients() -> Mapping[str, str]:
    return {row["product"]: row["ingredient"] for row in _rows("products.tsv")}


@cache
def _by_name() -> Mapping[str, Drug]:
    return {drug.code.display: drug for drug in _drugs().values()}


def _rows(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader(text_of(name).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
