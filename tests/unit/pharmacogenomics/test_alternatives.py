"""What else a call could be."""

from dataclasses import replace

import pytest
from tests.unit.pharmacogenomics.genomes import Genotypes, called

from epione.medicine.pharmacogenomics.alternatives import answers_of, if_known, is_known, unread
from epione.timeline import GeneCall

STAR_2, STAR_2_PARTNER, STAR_17, STAR_1 = 94781859, 94775367, 94761900, 94842866


def alternatives(gene: str, genotypes: Genotypes) -> list[tuple[str, str, str | None]]:
    found = if_known(called(gene, genotypes))
    return [(each.condition, each.answer, each.outcome.phenotype) for each in found]


def test_a_call_with_everything_read_has_no_alternative() -> None:
    assert alternatives("CYP2C19", {STAR_1: "1/1"}) == []


def test_a_missing_position_names_the_allele_that_it_leaves_possible() -> None:
    found = alternatives("CYP2C19", {STAR_1: "1/1", STAR_17: ""})

    condition = "chr10:94761900 (rs12248560), not in the file, is read as T"
    assert (condition, "*1/*17", "Rapid Metabolizer") in found


def test_an_allele_that_what_was_read_rules_out_is_not_named() -> None:
    answers = {answer for _, answer, _ in alternatives("CYP2C19", {STAR_1: "1/1", STAR_2: ""})}

    assert not any("*2" in answer.split("/") for answer in answers)


def test_an_allele_all_of_whose_positions_are_missing_stays_possible() -> None:
    genotypes = {STAR_1: "1/1", STAR_2: "", STAR_2_PARTNER: ""}

    answers = {answer for _, answer, _ in alternatives("CYP2C19", genotypes)}

    assert "*1/*2" in answers


def test_an_allele_may_stand_on_both_strands() -> None:
    found = if_known(called("CYP2C19", {STAR_1: "1/1", STAR_17: ""}))

    assert [(each.answer, each.is_on_both) for each in found if "*17" in each.answer] == [
        ("*1/*17", False),
        ("*17/*17", True),
    ]


def test_unphased_variants_could_stand_on_one_strand() -> None:
    found = alternatives("DPYD", {97450058: "0/1", 97515787: "0/1"})

    strands = "Reference/[c.1679T>G (*13) + c.1905+1G>A (*2A)]"
    assert found == [("all stand on one strand", strands, "Intermediate Metabolizer")]


@pytest.mark.parametrize(
    ("genotypes", "answer"),
    [
        pytest.param({97450058: ""}, "Reference/c.1905+1G>A (*2A)", id="beside the reference"),
        pytest.param(
            {97450058: "", 97082391: "1/1"},
            "c.2846A>T/[c.1905+1G>A (*2A) + c.2846A>T]",
            id="beside another variant",
        ),
        pytest.param(
            {97450058: "", 97082391: "0/1", 97515787: "0/1"},
            "c.1679T>G (*13) + c.2846A>T + c.1905+1G>A (*2A)",
            id="beside variants of unknown phase",
        ),
    ],
)
def test_a_missing_variant_may_stand_beside_those_found(genotypes: Genotypes, answer: str) -> None:
    assert answer in {found for _, found, _ in alternatives("DPYD", genotypes)}


def test_each_equally_good_diplotype_has_its_own_meaning() -> None:
    answers = answers_of(called("SLCO1B1", {21176804: "0/1", 21239158: ""}))

    assert [(text, outcome.phenotype) for text, outcome in answers] == [
        ("*1/*29", "Indeterminate"),
        ("*1/*37", "Normal Function"),
    ]


@pytest.mark.parametrize(
    ("genotypes", "position"),
    [
        pytest.param({21176804: "0/1", 21239158: ""}, "chr12:21239158 (rs140790673)", id="missing"),
        pytest.param({}, "", id="nothing missing"),
    ],
)
def test_the_position_that_tells_diplotypes_apart_is_named(
    genotypes: Genotypes, position: str
) -> None:
    assert unread(called("SLCO1B1", genotypes)) == position


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(GeneCall("CYP2C19", "*1/*999", ("*1/*999",)), id="an allele"),
        pytest.param(GeneCall("DPYD", None, component_haplotypes=("c.1A>C",)), id="a component"),
        pytest.param(GeneCall("CYP999", "*1/*1", ("*1/*1",)), id="a gene"),
    ],
)
def test_what_another_release_named_and_this_one_does_not_know_is_not_tried(call: GeneCall) -> None:
    missing = replace(call, missing_positions=(STAR_17,), lookup_keys=("Normal Metabolizer",))

    assert not is_known(missing)
    assert if_known(missing) == ()
