"""Every result that a gene can have is answered, and every row of CPIC's tables is some result's.

Of the genes that tables ask for by function; CYP2D6, HLA and activity scores are in `test_tables`.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement, product

import pytest

from epione.medicine.pharmacogenomics import DrugAdvice, Guidelines, NoAdvice
from epione.medicine.pharmacogenomics.knowledge import gene_of
from epione.medicine.pharmacogenomics.phenotype import NOT_ASSIGNED, Outcome, outcome_of
from epione.medicine.pharmacogenomics.tables import (
    CPIC,
    NO_RESULT,
    Drug,
    Table,
    drugs_by_ingredient,
)
from epione.timeline import GeneCall

GENES = {"RYR1", "CACNA1S", "G6PD", "UGT1A1", "CYP2B6", "CYP3A5", "CFTR"}
TABLES = [
    (drug, table)
    for drug in drugs_by_ingredient().values()
    for table in drug.tables_of(CPIC)
    if {*table.genes} <= GENES
]
OF_EACH = pytest.mark.parametrize(
    ("drug", "table"), TABLES, ids=[drug.code.display for drug, _ in TABLES]
)


def tables_by(gene: str) -> list[tuple[Drug, Table]]:
    return [(drug, table) for drug, table in TABLES if gene in table.genes]


@cache
def outcomes(name: str) -> dict[str, Outcome]:
    """Give what each diplotype of the gene means, by look-up key; of chrX also each allele."""
    gene = gene_of(name)
    pairs = combinations_with_replacement(gene.by_name, 2)
    single = [(star,) for star in gene.by_name] if gene.chromosome == "chrX" else []
    found = (outcome_of(gene, stars) for stars in (*pairs, *single))
    return {outcome.key: outcome for outcome in found}


def call_of(name: str, outcome: Outcome) -> GeneCall:
    return GeneCall(name, "a/b", ("a/b",), (outcome.phenotype,), lookup_keys=(outcome.key,))


def calls_for(table: Table) -> Iterator[tuple[tuple[str, ...], dict[str, GeneCall]]]:
    """Give every combination of results of the table's genes, some of them not called."""
    for keys in product(*([*outcomes(gene), NO_RESULT] for gene in table.genes)):
        results = zip(table.genes, keys, strict=True)
        yield (
            keys,
            {g: call_of(g, outcomes(g)[key]) for g, key in results if key != NO_RESULT},
        )


def test_the_drugs_are_those_of_the_guidelines() -> None:
    assert {drug.code.display for drug, _ in TABLES} == {
        *("desflurane", "enflurane", "halothane", "isoflurane", "methoxyflurane", "sevoflurane"),
        *("succinylcholine", "atazanavir", "efavirenz", "ivacaftor", "tacrolimus"),
        *("dapsone", "methylene blue", "nitrofurantoin", "pegloticase", "primaquine"),
        *("rasburicase", "tafenoquine", "toluidine blue"),
    }


@OF_EACH
def test_every_row_is_the_answer_to_some_diplotypes(drug: Drug, table: Table) -> None:
    assert set(table.rows) <= {keys for keys, _ in calls_for(table)}, drug.code.display


@OF_EACH
def test_every_diplotype_finds_its_row_or_is_told_why_not(drug: Drug, table: Table) -> None:
    for keys, calls in calls_for(table):
        answer, *_ = Guidelines().answers_for(drug.code, calls)

        if keys in table.rows:
            assert isinstance(answer, DrugAdvice)
            assert answer.action == table.rows[keys].action
        else:
            assert isinstance(answer, NoAdvice)
            assert any(gene in answer.unmet for gene in table.genes)


def test_only_an_allele_without_a_function_has_no_row() -> None:
    """CYP2B6*50, which no table of functions holds."""
    without = {
        gene: set(outcomes(gene)) - table.results[table.genes.index(gene)]
        for _, table in TABLES
        for gene in table.genes
    }

    assert {gene: keys for gene, keys in without.items() if keys} == {"CYP2B6": {NOT_ASSIGNED}}


@pytest.mark.parametrize(("drug", "table"), tables_by("RYR1"))
def test_an_anaesthetic_is_never_used_as_usual_by_genes(drug: Drug, table: Table) -> None:
    """Susceptible by either gene: avoid. Else half of the susceptible are not found by genes, and
    clinical findings decide: PMID 30499100."""
    for results, statement in table.rows.items():
        susceptible = "Malignant Hyperthermia Susceptibility" in results
        assert statement.kind == ("avoid" if susceptible else "indeterminate")
        assert "malignant hyperthermia" in statement.action


@pytest.mark.parametrize(("drug", "table"), tables_by("G6PD"))
def test_where_g6pd_is_low_or_not_told_by_genes_nothing_is_used_as_usual(
    drug: Drug, table: Table
) -> None:
    """PMID 36049896; nitrofurantoin, of medium risk, is watched where G6PD is deficient."""
    kinds = {result: statement.kind for (result,), statement in table.rows.items()}

    deficient = "adjust" if drug.code.display == "nitrofurantoin" else "avoid"
    assert kinds == {
        "Normal": "standard",
        "Deficient": deficient,
        "Deficient with CNSHA": "avoid",
        "Variable": "adjust",
        "Indeterminate": "adjust",
    }
    assert all(
        "red blood cells" in said.action for said in table.rows.values() if said.kind != "standard"
    )
