"""CYP2D6 by structure: read, added up, and named by the consensus of 2020 (Caudle et al.).

Values of alleles and of copy numbers: allele_function.tsv of the reference data (CPIC through
PharmCAT); classes of scores: the equation table of pypgx 0.27.0.
"""

import csv
from pathlib import Path

import pytest

from epione.medicine.pharmacogenomics import gene_of
from epione.medicine.pharmacogenomics.copies import (
    Copies,
    copies_on,
    outcome_of_score,
    outcomes_of_copies,
    unknown_alleles,
)
from epione.medicine.pharmacogenomics.phenotype import Outcome

CYP2D6 = gene_of("CYP2D6")


def outcomes(diplotype: str) -> tuple[Outcome, ...]:
    strands = [copies_on(strand) for strand in diplotype.split("/")]
    assert None not in strands
    return outcomes_of_copies(CYP2D6, [each for strand in strands if strand for each in strand])


@pytest.mark.parametrize(
    ("strand", "copies"),
    [
        pytest.param("*1", (Copies("*1"),), id="one copy"),
        pytest.param("*4x2", (Copies("*4", 2),), id="a duplication"),
        pytest.param("*1x3", (Copies("*1", 3),), id="three"),
        pytest.param("*2xN", (Copies("*2", 2, True),), id="not counted: two at least"),
        pytest.param("*1x≥3", (Copies("*1", 3, True),), id="three at least"),
        pytest.param("*1≥3", (Copies("*1", 3, True),), id="three at least, as PharmCAT's page"),
        pytest.param("*36+*10", (Copies("*36"), Copies("*10")), id="a tandem"),
        pytest.param("[*68 + *4]", (Copies("*68"), Copies("*4")), id="in brackets"),
        pytest.param("*36x2+*10", (Copies("*36", 2), Copies("*10")), id="copies in a tandem"),
        pytest.param("*4.013", (Copies("*4.013"),), id="a sub-allele"),
    ],
)
def test_a_strand_is_read(strand: str, copies: tuple[Copies, ...]) -> None:
    assert copies_on(strand) == copies


@pytest.mark.parametrize(
    "strand", ["", "1", "*", "*4x", "*4x0", "*4y2", "*1+", "*1 *2", "(*1/*2)xN"]
)
def test_what_is_not_in_the_notation_is_not_read(strand: str) -> None:
    assert copies_on(strand) is None


@pytest.mark.parametrize(
    ("diplotype", "score", "phenotype"),
    [
        pytest.param("*1/*1", 2.0, "Normal Metabolizer", id="two normal"),
        pytest.param("*4/*5", 0.0, "Poor Metabolizer", id="a loss and a deletion"),
        pytest.param("*1/*4x2", 1.0, "Intermediate Metabolizer", id="twice nothing is nothing"),
        pytest.param("*1x3/*4", 3.0, "Ultrarapid Metabolizer", id="three and none"),
        pytest.param("*1x2/*10", 2.25, "Normal Metabolizer", id="the highest normal score"),
        pytest.param("*1x2/*17", 2.5, "Ultrarapid Metabolizer", id="above it"),
        pytest.param("*1/*10", 1.25, "Normal Metabolizer", id="the lowest normal score"),
        pytest.param("*36+*10/*1", 1.25, "Normal Metabolizer", id="a hybrid adds nothing"),
        pytest.param("*36+*10/*36+*10", 0.5, "Intermediate Metabolizer", id="two tandems"),
        pytest.param("*68+*4/*5", 0.0, "Poor Metabolizer", id="tandem of two losses"),
        pytest.param("*13+*2/*4", 1.0, "Intermediate Metabolizer", id="hybrid beside a normal"),
        pytest.param("*4.013/*1", 1.0, "Intermediate Metabolizer", id="sub-allele as its star"),
        pytest.param("*1/*22", None, "Indeterminate", id="uncertain function"),
        pytest.param("*1/*58", None, "Indeterminate", id="unknown function"),
        pytest.param("*1/*172", None, "Indeterminate", id="no function assigned"),
    ],
)
def test_a_diplotype_has_a_score_and_a_phenotype(
    diplotype: str, score: float | None, phenotype: str
) -> None:
    assert [(each.activity, each.phenotype) for each in outcomes(diplotype)] == [(score, phenotype)]


@pytest.mark.parametrize(
    ("diplotype", "phenotypes"),
    [
        pytest.param("*1xN/*4", {"Normal", "Ultrarapid"}, id="two copies or more"),
        pytest.param("*1xN/*1", {"Ultrarapid"}, id="two already suffice"),
        pytest.param("*1x≥3/*4", {"Ultrarapid"}, id="three already suffice"),
        pytest.param("*4xN/*4", {"Poor"}, id="however many, none works"),
        pytest.param("*10xN/*1", {"Normal", "Ultrarapid"}, id="small values add up"),
        pytest.param("*10xN/*4", {"Intermediate", "Normal", "Ultrarapid"}, id="a wide range"),
        pytest.param("*1xN/*22", {"Indeterminate"}, id="nor is the other strand known"),
    ],
)
def test_copies_that_nobody_counted_leave_what_they_leave(
    diplotype: str, phenotypes: set[str]
) -> None:
    found = {str(each.phenotype).removesuffix(" Metabolizer") for each in outcomes(diplotype)}

    assert found == phenotypes


def test_a_high_score_is_looked_up_by_the_limit_it_reaches() -> None:
    (outcome,) = outcomes("*1x3/*10")

    assert (outcome.activity, outcome.key) == (3.25, "≥3.25")


@pytest.mark.parametrize("score", [0.1, 1.1, 2.6])
def test_a_score_that_no_rule_has_means_nothing(score: float) -> None:
    assert outcome_of_score(CYP2D6, score) == Outcome(None, score, "n/a")


def test_alleles_that_nobody_defined_are_named() -> None:
    assert unknown_alleles(CYP2D6, [Copies("*1"), Copies("*999"), Copies("*4.013")]) == ("*999",)


@pytest.mark.reference
def test_copies_are_worth_what_the_reference_says(reference_data: Path) -> None:
    """Its rows of copy numbers, as *17x2, are not in our knowledge: value times copies is."""
    with (reference_data / "pharmacogenomics/allele_function.tsv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["gene"] == "CYP2D6"]
    copied = [row for row in rows if "x" in row["allele"]]

    least = {row["allele"]: outcomes(f"{row['allele']}/*5")[0].activity for row in copied}

    assert len(copied) == 21
    assert {name: "n/a" if value is None else str(value) for name, value in least.items()} == {
        row["allele"]: row["activity_value"].removeprefix("≥") for row in copied
    }


@pytest.mark.reference
def test_every_score_has_the_phenotype_of_the_equation_table(reference_data: Path) -> None:
    with (reference_data / "pharmacogenomics/pypgx027_equation-table.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["Gene"] == "CYP2D6"]
    scores = [quarter / 4 for quarter in range(29)]

    for score in scores:
        (expected,) = (row["Phenotype"] for row in rows if holds(row["Equation"], score))
        assert outcome_of_score(CYP2D6, score).phenotype == expected, score


def holds(equation: str, score: float) -> bool:
    """Say whether "1.25 <= score < 2.5", or without the upper half, holds."""
    least, _, rest = equation.partition(" <= score")
    return float(least) <= score and (not rest or score < float(rest.removeprefix(" < ")))
