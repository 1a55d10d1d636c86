"""Named alleles by score, phase and what was read.

The first table and its answers are those of the method's documentation: PharmCAT 3.1.1, "Named
Allele Matcher 101", sections Scoring and Missing Positions.
"""

import pytest
from tests.unit.pharmacogenomics.genomes import Genotypes, genome_with, table_gene

from epione.medicine.pharmacogenomics.definitions import Calling, Gene
from epione.medicine.pharmacogenomics.matcher import named_pairs
from epione.medicine.pharmacogenomics.observed import observe

DOCUMENTED = {
    "*1": "C C T G A",
    "*2": "T . . A .",
    "*3": ". . . A .",
    "*4": ". T . . .",
    "*5": "T . . . .",
}


def pairs(gene: Gene, genotypes: Genotypes) -> list[str]:
    return [
        "/".join(pair) for pair in named_pairs(gene, observe(gene, genome_with(gene, genotypes)))
    ]


@pytest.mark.parametrize(
    ("genotypes", "expected"),
    [
        pytest.param({1: "0/1", 4: "0/1"}, ["*1/*2"], id="the best score is 5 + 2"),
        pytest.param({1: "0/1", 4: "0/1", 5: ""}, ["*1/*2"], id="a missing position defines none"),
        pytest.param({1: "", 4: "0/1"}, ["*1/*2", "*1/*3"], id="*2 and *3 cannot be told apart"),
        pytest.param({1: "0|1", 4: "1|0"}, ["*3/*5"], id="phase says on two strands"),
        pytest.param({1: "0|1", 4: "0|1"}, ["*1/*2"], id="phase says on one strand"),
        pytest.param({1: "0|1:a", 4: "1|0:b"}, ["*1/*2"], id="two phase sets are not phased"),
        pytest.param({1: "1/1", 4: "0/1"}, ["*2/*5"], id="homozygous on both strands"),
        pytest.param({4: "1/1"}, ["*3/*3"], id="the same allele twice"),
        pytest.param({1: "0/1", 2: "0/1", 4: "0/1"}, ["*2/*4"], id="only one pair explains all"),
        pytest.param({1: "1/1", 2: "0/1"}, [], id="no allele has both"),
    ],
)
def test_diplotypes_follow_the_documented_method(genotypes: Genotypes, expected: list[str]) -> None:
    assert pairs(table_gene(DOCUMENTED), genotypes) == expected


def test_an_allele_without_any_position_read_is_never_matched() -> None:
    assert pairs(table_gene(DOCUMENTED), {2: ""}) == ["*1/*1"]


@pytest.mark.parametrize(
    ("genotypes", "expected"),
    [
        pytest.param({2: "0/1"}, ["*1/*2"], id="the open base is the reference's"),
        pytest.param({1: "0/1", 2: "0/1"}, ["*1/*2"], id="the open base is changed"),
        pytest.param({1: "0|1", 2: "1|0"}, ["*2/*3"], id="changed on the other strand"),
    ],
)
def test_an_open_base_fits_either_way(genotypes: Genotypes, expected: list[str]) -> None:
    gene = table_gene({"*1": "A C", "*2": "R T", "*3": "G ."})

    assert pairs(gene, genotypes) == expected


def test_an_open_base_scores_only_where_it_is_changed() -> None:
    """From the oracle's case of one allele with an open base that leaves two equal answers."""
    gene = table_gene({"*1": "G A T", "*6": "T G .", "*9": "T . .", "*18": ". R C"})

    assert pairs(gene, {1: "0/1", 2: "0/1", 3: "0/1"}) == ["*6/*18", "*9/*18"]


def test_a_haploid_person_has_one_allele() -> None:
    gene = table_gene(DOCUMENTED, chromosome="chrX")

    assert pairs(gene, dict.fromkeys(range(1, 6), "0") | {4: "1"}) == ["*3"]


def test_an_allele_may_count_as_a_reference_though_it_differs_from_it() -> None:
    rows = {"*38": "A C T", "*1": "G . .", "*2": "G T ."}
    calling = Calling(scored_as_reference=frozenset({"*1"}))

    assert pairs(table_gene(rows, calling=calling), {1: "1/1", 2: "0/1"}) == ["*1/*2"]
    assert pairs(table_gene(rows, calling=calling), {1: ""}) == ["*1/*1", "*1/*38", "*38/*38"]


@pytest.mark.parametrize(
    ("genotypes", "expected"),
    [
        pytest.param({1: "0/1", 4: "0/1"}, ["*3/*5"], id="unphased: the preferred one"),
        pytest.param({1: "0|1", 4: "0|1"}, ["*1/*2"], id="phased: what phase says"),
    ],
)
def test_a_preferred_diplotype_counts_where_phase_is_not_known(
    genotypes: Genotypes, expected: list[str]
) -> None:
    calling = Calling(preferred={frozenset({"*1/*2", "*3/*5"}): "*3/*5"})

    assert pairs(table_gene(DOCUMENTED, calling=calling), genotypes) == expected


def test_a_sub_allele_is_called_by_its_star() -> None:
    gene = table_gene({"*1": "A C", "*45.001": "A T", "*45.002": "G T"})

    assert pairs(gene, {1: "0/1", 2: "0/1"}) == ["*1/*45"]
