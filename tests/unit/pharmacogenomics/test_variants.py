"""DPYD and RYR1: each variant by itself, and HapB3's tag.

The rules are those of CPIC's fluoropyrimidine guideline (PMID 29152729) and of the page "Gene
Definition Exceptions" of PharmCAT 3.1.1.
"""

import pytest
from tests.unit.pharmacogenomics.genomes import Genotypes, called

from epione.medicine.pharmacogenomics import gene_of
from epione.medicine.pharmacogenomics.variants import lowest_first

STAR_2A = 97450058  # c.1905+1G>A, no function
STAR_5 = 97515839  # c.1627A>G, normal function
STAR_13 = 97515787  # c.1679T>G, no function
D949V = 97082391  # c.2846A>T, decreased function
EXON, INTRON = 97573863, 97579893  # HapB3: c.1236G>A travels with c.1129-5923C>G
HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"


@pytest.mark.parametrize(
    ("genotypes", "diplotypes", "phenotype", "score"),
    [
        pytest.param({}, ["Reference/Reference"], "Normal Metabolizer", 2.0, id="no variant"),
        pytest.param(
            {STAR_2A: "0/1"},
            ["Reference/c.1905+1G>A (*2A)"],
            "Intermediate Metabolizer",
            1.0,
            id="one variant needs no phase",
        ),
        pytest.param(
            {STAR_2A: "1/1"},
            ["c.1905+1G>A (*2A)/c.1905+1G>A (*2A)"],
            "Poor Metabolizer",
            0.0,
            id="homozygous needs no phase",
        ),
        pytest.param(
            {STAR_2A: "0|1", D949V: "0|1"},
            ["Reference/[c.1905+1G>A (*2A) + c.2846A>T]"],
            "Intermediate Metabolizer",
            1.0,
            id="two on one strand: the lower one of it counts",
        ),
        pytest.param(
            {STAR_2A: "0|1", D949V: "1|0"},
            ["c.1905+1G>A (*2A)/c.2846A>T"],
            "Poor Metabolizer",
            0.5,
            id="one on each strand: both count",
        ),
        pytest.param(
            {STAR_2A: "1/1", D949V: "0/1"},
            ["c.1905+1G>A (*2A)/[c.1905+1G>A (*2A) + c.2846A>T]"],
            "Poor Metabolizer",
            0.0,
            id="one heterozygous beside homozygous needs no phase",
        ),
    ],
)
def test_strands_are_called_with_all_their_variants(
    genotypes: Genotypes, diplotypes: list[str], phenotype: str, score: float
) -> None:
    call = called("DPYD", genotypes)

    assert list(call.diplotypes) == diplotypes
    assert call.phenotypes == (phenotype,)
    assert call.activity_scores == (score,)


def test_two_phase_sets_give_both_pairs_and_both_meanings() -> None:
    call = called("DPYD", {STAR_2A: "0|1:a", STAR_13: "0|1:b"})

    assert call.diplotypes == (
        "Reference/[c.1679T>G (*13) + c.1905+1G>A (*2A)]",
        "c.1679T>G (*13)/c.1905+1G>A (*2A)",
    )
    assert call.phenotypes == ("Intermediate Metabolizer", "Poor Metabolizer")


def test_unphased_variants_are_listed_and_the_two_lowest_count() -> None:
    call = called("DPYD", {STAR_2A: "0/1", STAR_5: "0/1", D949V: "0/1"})

    assert call.diplotypes == ()
    assert call.component_haplotypes == ("c.1627A>G (*5)", "c.1905+1G>A (*2A)", "c.2846A>T")
    assert call.lookup_keys == ("0.5",)
    assert call.no_call_reason == ""


def test_an_unphased_variant_on_both_strands_counts_twice() -> None:
    call = called("DPYD", {STAR_2A: "1/1", STAR_5: "0/1", D949V: "0/1"})

    assert call.component_haplotypes.count("c.1905+1G>A (*2A)") == 2
    assert call.lookup_keys == ("0.0",)


@pytest.mark.parametrize(
    ("genotypes", "diplotype", "warned"),
    [
        pytest.param({EXON: "0/1", INTRON: "0/1"}, f"Reference/{HAPB3}", False, id="both, once"),
        pytest.param({EXON: "1/1", INTRON: "1/1"}, f"{HAPB3}/{HAPB3}", False, id="both, twice"),
        pytest.param({EXON: "0|1", INTRON: "0|1"}, f"Reference/{HAPB3}", False, id="both, phased"),
        pytest.param({INTRON: "0/1"}, "Reference/c.1129-5923C>G", True, id="intron alone decides"),
        pytest.param({EXON: "0/1"}, "Reference/Reference", True, id="exon alone means nothing"),
        pytest.param(
            {EXON: "0/1", INTRON: "1/1"}, f"c.1129-5923C>G/{HAPB3}", True, id="they differ"
        ),
        pytest.param(
            {EXON: "0/1", INTRON: ""}, f"Reference/{HAPB3}", True, id="exon stands in for intron"
        ),
        pytest.param(
            {EXON: "1/1", INTRON: ""}, f"{HAPB3}/{HAPB3}", True, id="exon stands in, twice"
        ),
        pytest.param(
            {EXON: "", INTRON: "0/1"}, "Reference/c.1129-5923C>G", False, id="exon was not read"
        ),
        pytest.param({EXON: "", INTRON: ""}, "Reference/Reference", False, id="neither was read"),
    ],
)
def test_hapb3_is_called_by_its_intron_where_that_was_read(
    genotypes: Genotypes, diplotype: str, warned: bool
) -> None:
    call = called("DPYD", genotypes)

    assert call.diplotypes == (diplotype,)
    assert bool(call.warnings) is warned


@pytest.mark.parametrize(
    ("exon", "other"),
    [pytest.param("0|1", "0|1", id="second"), pytest.param("1|0", "1|0", id="first strand")],
)
def test_where_the_intron_is_on_both_strands_the_exon_stays_on_its_own(
    exon: str, other: str
) -> None:
    call = called("DPYD", {INTRON: "1|1", EXON: exon, STAR_2A: other}, elsewhere="0|0")

    assert call.diplotypes == (f"c.1129-5923C>G/[{HAPB3} + c.1905+1G>A (*2A)]",)


def test_hapb3_and_another_unphased_variant_are_two_components() -> None:
    call = called("DPYD", {EXON: "0/1", INTRON: "0/1", STAR_2A: "0/1"})

    assert call.component_haplotypes == (HAPB3, "c.1905+1G>A (*2A)")


def test_two_alternatives_at_one_position_are_two_components() -> None:
    call = called("RYR1", {38440747: "0/1", 38466386: "1/2"})

    assert set(call.component_haplotypes) == {"c.51_53del", "c.3166G>A", "c.3166G>C"}
    assert call.phenotypes == ("Malignant Hyperthermia Susceptibility",)


def test_ryr1_is_called_variant_by_variant_too() -> None:
    call = called("RYR1", {38440802: "0/1"})

    assert call.diplotype is not None
    assert call.diplotype.startswith("Reference/")


def test_alleles_are_sorted_from_the_lowest_function() -> None:
    names = ["Reference", "c.2846A>T", "c.1905+1G>A (*2A)"]

    assert lowest_first(gene_of("DPYD"), names) == names[::-1]
