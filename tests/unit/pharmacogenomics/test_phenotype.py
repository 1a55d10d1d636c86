"""From alleles to phenotype, score and look-up key."""

import pytest

from epione.medicine.pharmacogenomics import gene_of
from epione.medicine.pharmacogenomics.phenotype import Outcome, outcome_of


@pytest.mark.parametrize(
    ("gene", "stars", "outcome"),
    [
        pytest.param(
            "CYP2C19",
            ["*1", "*2"],
            Outcome("Intermediate Metabolizer", None, "Intermediate Metabolizer"),
            id="by functions",
        ),
        pytest.param(
            "CYP2C19",
            ["*2", "*17"],
            Outcome("Intermediate Metabolizer", None, "Intermediate Metabolizer"),
            id="increased does not make up for none",
        ),
        pytest.param(
            "CYP2C19",
            ["*1", "*40"],
            Outcome(None, None, "n/a"),
            id="an allele without a function",
        ),
        pytest.param(
            "CYP2C9", ["*1", "*1"], Outcome("Normal Metabolizer", 2.0, "2.0"), id="by score: 2"
        ),
        pytest.param(
            "CYP2C9",
            ["*1", "*2"],
            Outcome("Intermediate Metabolizer", 1.5, "1.5"),
            id="by score: 1.5",
        ),
        pytest.param(
            "CYP2C9",
            ["*1", "*3"],
            Outcome("Intermediate Metabolizer", 1.0, "1.0"),
            id="same phenotype, another key",
        ),
        pytest.param(
            "CYP2C9", ["*2", "*3"], Outcome("Poor Metabolizer", 0.5, "0.5"), id="by score: 0.5"
        ),
        pytest.param(
            "CYP2C9", ["*3", "*3"], Outcome("Poor Metabolizer", 0.0, "0.0"), id="by score: 0"
        ),
        pytest.param(
            "CYP2C9", ["*1", "*18"], Outcome("Indeterminate", None, "n/a"), id="no value, no score"
        ),
        pytest.param(
            "SLCO1B1",
            ["*1", "*45"],
            Outcome("Decreased Function", None, "Decreased Function"),
            id="a sub-allele has its star's function",
        ),
        pytest.param("G6PD", ["B (reference)"], Outcome("Normal", None, "Normal"), id="one strand"),
        pytest.param(
            "IFNL3",
            ["rs12979860 reference (C)", "rs12979860 variant (T)"],
            Outcome(None, None, "n/a"),
            id="a gene without rules",
        ),
    ],
)
def test_a_diplotype_means_what_the_rules_say(
    gene: str, stars: list[str], outcome: Outcome
) -> None:
    assert outcome_of(gene_of(gene), stars) == outcome


def test_the_order_of_the_alleles_does_not_matter() -> None:
    gene = gene_of("CYP2C19")

    assert outcome_of(gene, ["*2", "*1"]) == outcome_of(gene, ["*1", "*2"])
