"""From a genome to calls: what is called, what is not, and why."""

import pytest
from tests.unit.pharmacogenomics.genomes import (
    Genotypes,
    called,
    genome_of_records,
    genome_with,
    record,
)

from epione.medicine.pharmacogenomics import call_gene, call_genes, gene_names, gene_of

STAR_2, STAR_2_PARTNER, STAR_1 = 94781859, 94775367, 94842866  # of CYP2C19
RS4149056 = 21178615
NAT2_REQUIRED = 18400344


@pytest.mark.parametrize(
    ("gene", "genotypes", "diplotypes", "phenotypes"),
    [
        pytest.param("CYP2C19", {}, ("*38/*38",), ("Normal Metabolizer",), id="as GRCh38 is"),
        pytest.param(
            "CYP2C19",
            {STAR_1: "1/1", STAR_2: "0/1", STAR_2_PARTNER: "0/1"},
            ("*1/*2",),
            ("Intermediate Metabolizer",),
            id="a loss on one strand",
        ),
        pytest.param(
            "VKORC1",
            {31096368: "0/1"},
            ("rs9923231 reference (C)/rs9923231 variant (T)",),
            ("-1639 AG",),
            id="one position is the gene",
        ),
        pytest.param(
            "SLCO1B1",
            {21176804: "0/1", RS4149056: "0/1"},
            ("*1/*15",),
            ("Decreased Function",),
            id="two variants of one allele",
        ),
        pytest.param(
            "SLCO1B1",
            {21176804: "1|0", RS4149056: "0|1"},
            ("*5/*37",),
            ("Decreased Function",),
            id="the same two on two strands",
        ),
        pytest.param(
            "TPMT",
            {18130687: "0/1", 18138997: "0/1"},
            ("*1/*3A",),
            ("Intermediate Metabolizer",),
            id="unphased *3A is not taken for *3B/*3C",
        ),
    ],
)
def test_a_gene_is_called(
    gene: str, genotypes: Genotypes, diplotypes: tuple[str, ...], phenotypes: tuple[str, ...]
) -> None:
    call = called(gene, genotypes)

    assert (call.diplotypes, call.phenotypes) == (diplotypes, phenotypes)
    assert call.diplotype == diplotypes[0]
    assert call.no_call_reason == ""


def test_equally_good_diplotypes_are_all_given() -> None:
    call = called("CYP2C19", {STAR_1: ""})

    assert call.diplotypes == ("*1/*1", "*1/*38", "*38/*38")
    assert call.missing_positions == (STAR_1,)


@pytest.mark.parametrize(
    ("gene", "genotypes", "reason"),
    [
        pytest.param(
            "CYP2C19", {STAR_2: "./1"}, "half a genotype at chr10:94781859", id="half a genotype"
        ),
        pytest.param(
            "CYP2C19",
            {STAR_1: "1/1", STAR_2: "0/1", STAR_2_PARTNER: "0/0"},
            "no pair of known alleles explains the genotypes",
            id="a combination that no one has named",
        ),
        pytest.param(
            "NAT2",
            {NAT2_REQUIRED: ""},
            "no genotype at chr8:18400344, without which nothing is called",
            id="a position that the gene needs",
        ),
    ],
)
def test_what_is_not_called_says_why(gene: str, genotypes: Genotypes, reason: str) -> None:
    call = called(gene, genotypes)

    assert call.no_call_reason == reason
    assert (call.diplotype, call.diplotypes, call.lookup_keys) == (None, (), ())


def test_an_undocumented_allele_is_a_no_call_with_a_warning() -> None:
    tpmt = gene_of("TPMT")
    unknown = record(18138997, "C", ["A"], "0/1")

    call = call_gene(tpmt, genome_of_records(tpmt, {18138997: [unknown]}))

    assert call is not None
    assert call.no_call_reason == "C/A at chr6:18138997 is in no definition"
    assert call.warnings == ("C/A at chr6:18138997 is in no definition of TPMT",)


@pytest.mark.parametrize(
    ("genotype", "phenotype"),
    [
        pytest.param("0/0", "Normal Function", id="no copy"),
        pytest.param("0/1", "Decreased Function", id="one copy"),
        pytest.param("1/1", "Poor Function", id="two copies"),
    ],
)
def test_an_uncalled_slco1b1_means_what_rs4149056_means(genotype: str, phenotype: str) -> None:
    call = called("SLCO1B1", {RS4149056: genotype, 21176804: "./1"})

    assert call.diplotypes == ()
    assert call.phenotypes == (phenotype,)
    assert "the phenotype is that of rs4149056 alone" in call.warnings[-1]
    assert call.no_call_reason == ""


def test_an_uncalled_slco1b1_without_rs4149056_is_not_called() -> None:
    call = called("SLCO1B1", {RS4149056: "", 21176804: "./1"})

    assert call.lookup_keys == ()
    assert call.no_call_reason == "half a genotype at chr12:21176804"


def test_a_gene_without_a_position_in_the_file_is_left_out() -> None:
    cyp2c19, vkorc1 = gene_of("CYP2C19"), gene_of("VKORC1")
    genome = genome_with(cyp2c19, {})

    assert [call.gene for call in call_genes([vkorc1, cyp2c19], genome)] == ["CYP2C19"]


def test_a_file_of_no_calls_holds_no_position() -> None:
    vkorc1 = gene_of("VKORC1")

    assert call_gene(vkorc1, genome_with(vkorc1, {}, elsewhere="./.")) is None


@pytest.mark.parametrize(
    ("elsewhere", "diplotype"),
    [
        pytest.param("0", "B (reference)", id="one strand"),
        pytest.param("0/0", "B (reference)/B (reference)", id="two strands"),
    ],
)
def test_g6pd_has_as_many_strands_as_the_file_shows(elsewhere: str, diplotype: str) -> None:
    assert called("G6PD", {}, elsewhere=elsewhere).diplotypes == (diplotype,)


@pytest.mark.parametrize("name", [n for n in gene_names() if gene_of(n).positions])
def test_every_gene_of_the_release_calls_its_own_reference(name: str) -> None:
    reference = gene_of(name).reference.name
    call = called(name, {})

    assert (call.diplotypes or call.research_diplotypes) == (f"{reference}/{reference}",)


@pytest.mark.parametrize(
    ("genotypes", "suggested"),
    [
        pytest.param({42128945: "0/1"}, ("*1/*4",), id="a loss on one strand"),
        pytest.param({42128945: "./1"}, (), id="half a genotype suggests nothing"),
    ],
)
def test_small_variants_of_cyp2d6_are_for_research_and_never_a_call(
    genotypes: Genotypes, suggested: tuple[str, ...]
) -> None:
    call = called("CYP2D6", genotypes)

    assert call.research_diplotypes == suggested
    assert "research use only" in call.no_call_reason
    assert (call.diplotypes, call.phenotypes, call.lookup_keys) == ((), (), ())


def test_a_gene_without_positions_is_never_called_from_a_genome() -> None:
    assert call_gene(gene_of("MT-RNR1"), genome_with(gene_of("CYP2C19"), {})) is None
