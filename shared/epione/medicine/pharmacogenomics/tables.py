"""CPIC's tables: what to do with a drug where its genes have these results."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from epione.medicine.pharmacogenomics.knowledge import PINNED, text_of
from epione.medicine.recommendation import Evidence
from epione.timeline import RXNORM, Code

SOURCE = "CPIC"
# The tables as ClinPGx published them on 2024-04-23. See knowledge/2025-11/SOURCE.toml.
CPIC_RELEASE = "2024-04"
CPIC_AS_OF = "2024-04-23"
NO_RESULT = "No Result"  # what a table calls a gene that was not called

# A gene's result in a table: a phenotype, an activity score, "n/a" or "No Result".
Results = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What to do, in our words, and how the guideline grades it."""

    kind: str
    action: str
    strength: str


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug that CPIC links to genes; `tables` is empty where its guideline is not held here.

    `tables` gives, by population, the statement by the results of `genes`, in their order.
    """

    code: Code
    genes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    tables: Mapping[str, Mapping[Results, Statement]]
    release: Path = PINNED  # whose genes its tables speak of


@cache
def drugs_by_ingredient(release: Path = PINNED) -> Mapping[str, Drug]:
    """Give every drug by its RxNorm ingredient."""
    statements = _statements(release)
    rows = rows_of("drugs.tsv", release)
    return {row["rxnorm"]: _drug(row, statements.get(row["drug"], {}), release) for row in rows}


@cache
def ingredients_by_product(release: Path = PINNED) -> Mapping[str, str]:
    """Give the RxNorm ingredient of each RxNorm product that the map knows."""
    return {row["product"]: row["ingredient"] for row in rows_of("products.tsv", release)}


def rows_of(name: str, release: Path) -> Iterator[dict[str, str]]:
    """Give the rows of a table of the release, by column."""
    lines = text_of(name, release).splitlines()
    yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@cache
def linked_genes(release: Path = PINNED) -> frozenset[str]:
    """Give every gene that CPIC links to a drug, at whichever level."""
    return frozenset(row["gene"] for row in rows_of("linked_genes.tsv", release))


@cache
def asked_alleles(gene: str, release: Path = PINNED) -> tuple[str, ...]:
    """Give the alleles of an HLA gene of which a table asks whether they are there."""
    results = {
        results[drug.genes.index(gene)]
        for drug in drugs_by_ingredient(release).values()
        if gene in drug.genes
        for table in drug.tables.values()
        for results in table
    }
    return tuple(sorted({result.split()[0] for result in results - {NO_RESULT}}))


def _drug(
    row: Mapping[str, str], rows: Mapping[str, Mapping[str, Statement]], release: Path
) -> Drug:
    genes: tuple[str, ...] = tuple(row["genes"].split(";"))
    tables: dict[str, dict[Results, Statement]] = {}
    for population, statements in rows.items():
        for text, statement in statements.items():
            results = dict(result.split("=", 1) for result in text.split(";"))
            genes = tuple(results)
            tables.setdefault(population, {})[tuple(results.values())] = statement
    pmids = filter(None, row["pmids"].split(";"))
    evidence = (Evidence(SOURCE, CPIC_RELEASE, f"PMID {pmid}", CPIC_AS_OF) for pmid in pmids)
    code = Code(RXNORM, row["rxnorm"], row["drug"])
    return Drug(code, genes, tuple(evidence), tables, release)


def _statements(release: Path) -> Mapping[str, Mapping[str, Mapping[str, Statement]]]:
    """Give the statements by drug, population and results."""
    actions = {
        row["action"]: (row["kind"], row["words"]) for row in rows_of("actions.tsv", release)
    }
    found: dict[str, dict[str, dict[str, Statement]]] = {}
    for row in rows_of("advice.tsv", release):
        kind, words = actions[row["action"]]
        words = words.replace("{drug}", row["drug"])
        table = found.setdefault(row["drug"], {}).setdefault(row["population"], {})
        table[row["results"]] = Statement(kind, words, row["strength"])
    return found
