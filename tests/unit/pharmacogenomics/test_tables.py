"""CPIC's tables as they are held: whole, and each statement in our words."""

import tomllib
from itertools import product

import pytest

from epione.medicine.pharmacogenomics.copies import outcome_of_score
from epione.medicine.pharmacogenomics.knowledge import (
    PINNED,
    gene_names,
    gene_of,
    release_named,
    text_of,
)
from epione.medicine.pharmacogenomics.phenotype import NOT_ASSIGNED
from epione.medicine.pharmacogenomics.tables import (
    CPIC,
    NO_RESULT,
    Table,
    asked_alleles,
    drugs_by_ingredient,
    ingredients_by_product,
    rows_of,
)

KINDS = {"standard", "adjust", "avoid", "indeterminate"}
BASE = release_named("2025-11")
STRENGTHS = {"Strong", "Moderate", "Optional", "No recommendation", "not graded here"}
TABLES = [
    (drug.code.display, table)
    for drug in drugs_by_ingredient().values()
    for table in drug.tables_of(CPIC)
    if not table.is_part
]
EVERY = [table for drug in drugs_by_ingredient().values() for table in drug.tables]


def test_every_statement_has_a_kind_an_action_and_a_strength() -> None:
    statements = {statement for table in EVERY for statement in table.rows.values()}

    assert {statement.kind for statement in statements} == KINDS
    assert {statement.strength for statement in statements} == STRENGTHS
    assert all(statement.action.endswith(".") for statement in statements)
    assert not any("{" in statement.action for statement in statements)


def test_every_table_names_its_publications_as_of_its_oldest_statement() -> None:
    assert all(table.evidence for table in EVERY)
    for table in EVERY:
        oldest = min(statement.as_of for statement in table.rows.values())
        assert {each.knowledge_as_of for each in table.evidence} == {oldest}
        assert {each.release for each in table.evidence} == {oldest[:7]}


def test_a_table_has_a_row_for_each_phenotype_that_its_gene_can_have() -> None:
    """Fluvastatin's holds what its two genes' rules give, the activity scores included."""
    (table,) = drugs_by_ingredient()["41127"].tables
    cyp2c9 = {key for (key,) in gene_of("CYP2C9").phenotypes}
    slco1b1 = set(gene_of("SLCO1B1").phenotypes.values())

    of_cyp2c9, of_slco1b1 = table.results
    assert of_cyp2c9 == {*cyp2c9, NO_RESULT}
    assert of_slco1b1 == {*slco1b1, NO_RESULT}
    assert NOT_ASSIGNED in cyp2c9


def test_a_table_of_two_genes_answers_whenever_one_of_them_is_known() -> None:
    for drug, table in TABLES:
        without = set(product(*table.results)) - set(table.rows)

        assert without <= {(NO_RESULT, NO_RESULT)}, drug


@pytest.mark.parametrize(
    ("gene", "alleles"),
    [("HLA-A", ("*31:01",)), ("HLA-B", ("*15:02", "*15:11", "*57:01", "*58:01"))],
)
def test_the_tables_say_which_alleles_are_asked_for(gene: str, alleles: tuple[str, ...]) -> None:
    assert asked_alleles(gene) == alleles


@pytest.mark.parametrize(
    "table",
    [pytest.param(table, id=drug) for drug, table in TABLES if "CYP2D6" in table.genes],
)
def test_a_table_by_cyp2d6_answers_every_score_that_copies_can_give(table: Table) -> None:
    """The scores of none to seven copies, by quarters, and that of an allele without a value."""
    gene = gene_of("CYP2D6")
    keys = {outcome_of_score(gene, quarter / 4).key for quarter in range(29)} | {NOT_ASSIGNED}

    assert keys <= table.results[table.genes.index("CYP2D6")]


def test_every_product_holds_a_known_drug() -> None:
    assert set(ingredients_by_product().values()) <= set(_names())


def test_every_product_names_its_ingredient_and_where_it_was_seen() -> None:
    header, *rows = text_of("products.tsv").splitlines()

    for product_, ingredient, name, seen_in in (row.split("\t") for row in rows):
        assert _names()[ingredient] in name, product_
        assert seen_in, product_
    assert header.split("\t") == ["product", "ingredient", "name", "seen_in"]


def _names() -> dict[str, str]:
    """Give every ingredient that a table of the release speaks of, by RxNorm."""
    judged = {code: drug.code.display for code, drug in drugs_by_ingredient().items()}
    return judged | {row["rxnorm"]: row["ingredient"] for row in rows_of("inhibitors.tsv", PINNED)}


@pytest.mark.parametrize("drug", ["1256", "103", "10485"])
@pytest.mark.parametrize("unknown", [NO_RESULT, "Indeterminate"])
def test_a_thiopurine_is_never_used_as_usual_while_one_gene_is_unknown(
    drug: str, unknown: str
) -> None:
    """The usual start with close watch: PMID 30447069."""
    (table,) = drugs_by_ingredient()[drug].tables_of(CPIC)

    for results in [("Normal Metabolizer", unknown), (unknown, "Normal Metabolizer")]:
        assert table.rows[results].kind == "adjust"
        assert "watch closely for toxicity" in table.rows[results].action


@pytest.mark.parametrize(
    ("drug", "populations"),
    [
        pytest.param("121243", {"adults", "children"}, id="voriconazole by age"),
        pytest.param(
            "32968",
            {
                "acute coronary syndrome or PCI",
                "cardiovascular disease without acute coronary syndrome or PCI",
                "neurovascular disease",
            },
            id="clopidogrel by indication",
        ),
        pytest.param("36567", {"general"}, id="simvastatin for all"),
    ],
)
def test_populations_are_kept_apart(drug: str, populations: set[str]) -> None:
    tables = drugs_by_ingredient()[drug].tables_of(CPIC)
    assert {table.population for table in tables} == populations


def test_the_source_of_every_file_is_named() -> None:
    releases = [tomllib.loads(text_of("SOURCE.toml", each)) for each in (PINNED, BASE)]
    sources = [source for release in releases for source in release.get("source", ())]
    named = {name for source in sources for name in source["files"]}

    generated = {"genes/*.json", "advice.tsv", "drugs.tsv", "annotations.tsv", "linked_genes.tsv"}
    by_hand = {"actions.tsv", "products.tsv", "inhibitors.tsv"}

    assert named == {*generated, *by_hand, "grch37.tsv", "../../iwpc.py", "../../warfarin.py"}
    assert len(gene_names()) == 21
