"""The guidelines' tables: what to do with a drug where its genes have these results."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from epione.medicine.pharmacogenomics.knowledge import PINNED, text_of
from epione.medicine.recommendation import Evidence
from epione.timeline import RXNORM, Code

CPIC, DPWG = "CPIC", "DPWG"
NO_RESULT = "No Result"  # what a table calls a gene that was not called
AND = " & "  # between the results of two alleles of an HLA gene
IN_PART = "part"

# A gene's result in a table: a phenotype, an activity score, "n/a" or "No Result"; or where a
# guideline tells apart what means the same to another, both alleles or both functions.
Results = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What to do, in our words, how the guideline grades it, and as of when we have it (ISO)."""

    kind: str
    action: str
    strength: str
    as_of: str


@dataclass(frozen=True)
class Table:
    """What one guideline says of a drug and a population, by the results of `genes` in order.

    CPIC joins the genes of a drug in one table; DPWG has one for each gene. Where `is_part`, the
    release holds some of the guideline's results alone.
    """

    source: str
    genes: tuple[str, ...]
    population: str
    rows: Mapping[Results, Statement]
    references: tuple[str, ...]
    is_part: bool = False

    @cached_property
    def results(self) -> tuple[frozenset[str], ...]:
        """Give every result that the rows have, by gene."""
        return tuple(frozenset(row[n] for row in self.rows) for n in range(len(self.genes)))

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Give its publications, as of the oldest of its statements."""
        return self.evidence_of(self.rows.values())

    def evidence_of(self, statements: Iterable[Statement]) -> tuple[Evidence, ...]:
        """Give its publications, as of the oldest of these statements."""
        return evidence_as_of(self.source, self.references, min(s.as_of for s in statements))


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug that a guideline links to genes, with the tables that the release holds, CPIC's first.

    `cpic_genes` are those that CPIC links it to for prescribing, or that its tables ask for.
    """

    code: Code
    cpic_genes: tuple[str, ...]
    cpic_evidence: tuple[Evidence, ...]
    tables: tuple[Table, ...]
    release: Path = PINNED  # whose genes its tables speak of

    @property
    def genes(self) -> tuple[str, ...]:
        """Give every gene that a guideline judges it by."""
        return tuple(dict.fromkeys((*self.cpic_genes, *(g for t in self.tables for g in t.genes))))

    def tables_of(self, source: str) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.source == source)


def evidence_as_of(source: str, references: Iterable[str], as_of: str) -> tuple[Evidence, ...]:
    """Give a guideline's publications; its release is the month in which we have it."""
    return tuple(Evidence(source, as_of[:7], each, as_of) for each in references)


@cache
def drugs_by_ingredient(release: Path = PINNED) -> Mapping[str, Drug]:
    """Give every drug by its RxNorm ingredient; one whose ingredient is not known, by its name."""
    tables, annotations = _rows_by_table(release), _annotations(release)
    return {
        row["rxnorm"] or row["drug"]: _drug(row, tables.get(row["drug"], {}), annotations, release)
        for row in rows_of("drugs.tsv", release)
    }


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
    tables = (table for drug in drugs_by_ingredient(release).values() for table in drug.tables)
    asked = (alleles_asked_by(table, gene) for table in tables if gene in table.genes)
    return tuple(sorted({allele for alleles in asked for allele in alleles}))


def alleles_asked_by(table: Table, gene: str) -> frozenset[str]:
    """Give the alleles of an HLA gene that a table asks for."""
    results = table.results[table.genes.index(gene)] - {NO_RESULT}
    return frozenset(each.split()[0] for result in results for each in result.split(AND))


# By source, genes and population.
_Rows = Mapping[tuple[str, tuple[str, ...], str], Mapping[Results, Statement]]
_Annotations = Mapping[tuple[str, str, str], Mapping[str, str]]


def _drug(row: Mapping[str, str], rows: _Rows, annotations: _Annotations, release: Path) -> Drug:
    papers = tuple(f"PMID {pmid}" for pmid in row["pmids"].split(";") if pmid)
    tables = tuple(
        _table(row["drug"], *about, held, papers, annotations) for about, held in rows.items()
    )
    of_tables = (gene for table in tables if table.source == CPIC for gene in table.genes)
    genes = tuple(dict.fromkeys(of_tables)) or tuple(filter(None, row["genes"].split(";")))
    code = Code(RXNORM, row["rxnorm"], row["drug"])
    return Drug(code, genes, evidence_as_of(CPIC, papers, row["as_of"]), tables, release)


def _table(
    drug: str,
    source: str,
    genes: tuple[str, ...],
    population: str,
    rows: Mapping[Results, Statement],
    papers: tuple[str, ...],
    annotations: _Annotations,
) -> Table:
    """Put a table together; its publications are those of the drug, or else of its annotation."""
    noted = annotations.get((source, drug, ";".join(genes)), {})
    references = tuple(filter(None, noted.get("references", "").split(";")))
    is_part = noted.get("held") == IN_PART
    return Table(source, genes, population, rows, references or papers, is_part)


def _annotations(release: Path) -> _Annotations:
    rows = rows_of("annotations.tsv", release)
    return {(row["source"], row["drug"], row["genes"]): row for row in rows}


def _rows_by_table(release: Path) -> Mapping[str, _Rows]:
    """Give each drug's rows by table, in the order of the file: CPIC's first."""
    actions = {
        row["action"]: (row["kind"], row["words"]) for row in rows_of("actions.tsv", release)
    }
    found: dict[str, dict[tuple[str, tuple[str, ...], str], dict[Results, Statement]]] = {}
    for row in rows_of("advice.tsv", release):
        results = dict(result.split("=", 1) for result in row["results"].split(";"))
        about = row["source"], tuple(results), row["population"]
        kind, words = actions[row["action"]]
        words = words.replace("{drug}", row["drug"])
        statement = Statement(kind, words, row["strength"], row["as_of"])
        tables = found.setdefault(row["drug"], {})
        tables.setdefault(about, {})[tuple(results.values())] = statement
    return found
