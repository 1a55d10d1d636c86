"""Why a medicine is not spoken of: the first unmet condition, one by one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.medicine.patients import (
    NO_CALL,
    NORMAL,
    NOW,
    POOR,
    WHO,
    OneGuideline,
    genome,
    timeline_of,
)
from tests.unit.pharmacogenomics.genomes import Genotypes, genome_with
from tests.unit.pharmacogenomics.test_phenoconversion import taken
from tests.unit.timeline.records import DAY, consent, event, merge, order, person

from epione.medicine.genome import Genome
from epione.medicine.pharmacogenomics import Circumstances, Guidelines, call_genes, gene_of
from epione.medicine.plan import case_of
from epione.medicine.why_not import WhyNot, why_not, why_not_in_genome
from epione.timeline import Gender, PatientEvent

ORDERED = event(order("309362"), "order")
CALLED = event(genome(NORMAL), "genome")


def asked(*events: PatientEvent, drug: str = "clopidogrel") -> WhyNot:
    return why_not(case_of(timeline_of(*events), NOW), OneGuideline(), drug)


@pytest.mark.parametrize(
    ("events", "unmet"),
    [
        pytest.param(
            [merge("p-1", "p-0")[0], ORDERED, CALLED], "it was merged into p-0", id="merged"
        ),
        pytest.param(
            [ORDERED, CALLED, event(consent("treatment", permitted=False), "c")],
            "consent to the use of this record for treatment is denied",
            id="treatment denied",
        ),
        pytest.param(
            [ORDERED, CALLED, event(consent("genomics", permitted=False), "c")],
            "consent to genomics is denied",
            id="genomics denied",
        ),
        pytest.param(
            [ORDERED],
            "CYP2C19 is not in any genome on the record that may be used",
            id="no genome",
        ),
        pytest.param(
            [
                ORDERED,
                event(person(gender=Gender.FEMALE), "who", version=2),
                event(genome(NORMAL, observed_sex="XY"), "genome"),
            ],
            "CYP2C19 is not in any genome on the record that may be used",
            id="a held genome",
        ),
        pytest.param(
            [ORDERED, event(genome(NO_CALL), "genome")],
            "CYP2C19 is not called: positions are missing; missing positions 94762706",
            id="gene not called",
        ),
        pytest.param(
            [CALLED],
            "it is not ordered, and ahead of an order there is nothing to say",
            id="no order",
        ),
        pytest.param([CALLED, ORDERED], "", id="nothing: it is ordered"),
        pytest.param([event(genome(POOR), "genome")], "", id="nothing: it is to be avoided"),
    ],
)
def test_the_first_unmet_condition_is_named(events: list[PatientEvent], unmet: str) -> None:
    assert asked(WHO, *events).unmet == unmet


def test_callers_that_disagree_are_named() -> None:
    own = replace(NORMAL, lookup_keys=("Normal Metabolizer",))
    panel = replace(POOR, lookup_keys=("Poor Metabolizer",), caller="Panel")
    disputed = timeline_of(WHO, event(genome(own), "genome"), event(genome(panel), "panel"))

    answer = why_not(case_of(disputed, NOW), Guidelines(), "clopidogrel")

    assert answer.unmet == "two callers disagree on CYP2C19"


def test_a_medicine_that_no_guideline_knows_is_named() -> None:
    assert asked(WHO, CALLED, drug="aspirin").unmet == (
        "no guideline of this release speaks of aspirin and a gene"
    )


@pytest.mark.parametrize("drug", ["Clopidogrel", " clopidogrel ", "32968"])
def test_a_medicine_is_known_however_it_is_written(drug: str) -> None:
    assert asked(WHO, CALLED, ORDERED, drug=drug).unmet == ""


def test_the_conditions_before_it_are_told_too() -> None:
    assert asked(WHO, ORDERED).met == (
        "the record stands for itself",
        "nothing holds the plan back",
        "genomics is consented to, or not spoken of",
        "a guideline speaks of it",
    )


def test_knowledge_that_has_grown_old_is_named_last() -> None:
    answer = why_not(
        case_of(timeline_of(WHO, CALLED, ORDERED), NOW + 366 * DAY), OneGuideline(), "clopidogrel"
    )

    assert answer.unmet == (
        "its knowledge is of 2026-01-01, more than twelve months old: "
        "it is spoken of for information"
    )


STAR_1, STAR_2, STAR_2_PARTNER, STAR_12 = 94842866, 94781859, 94775367, 94852914  # CYP2C19
POOR_2C19 = {STAR_2: "1/1", STAR_2_PARTNER: "1/1"}
READ_SOON = datetime(2024, 11, 1, tzinfo=UTC)


def in_genome(genotypes: Genotypes, drug: str, now: datetime = READ_SOON) -> str:
    gene = gene_of("CYP2C19")
    genome: Genome = genome_with(gene, {STAR_1: "1/1", **genotypes})
    calls = {call.gene: call for call in call_genes([gene], genome)}
    return why_not_in_genome(genome, calls, Guidelines(), drug, now).unmet


@pytest.mark.parametrize(
    ("genotypes", "drug", "unmet"),
    [
        pytest.param(
            {}, "aspirin", "no guideline of this release speaks of aspirin and a gene", id="unknown"
        ),
        pytest.param(
            {},
            "simvastatin",
            "SLCO1B1 is not in the genome: none of its positions was read",
            id="a gene that was not read",
        ),
        pytest.param(
            {},
            "abacavir",
            "no position of HLA-B is in this release: only another caller answers for it",
            id="a gene that no VCF is read for",
        ),
        pytest.param(
            {STAR_2: "./1", STAR_2_PARTNER: ""},
            "clopidogrel",
            "CYP2C19 is not called: half a genotype at chr10:94781859; "
            "read chr10:94775367 (rs12769205) to settle what it means",
            id="a gene not called, and by which position",
        ),
        pytest.param(
            {STAR_12: "0/1"},
            "clopidogrel",
            "CPIC has no recommendation for CYP2C19 *1/*12: Indeterminate; "
            "DPWG's table on clopidogrel holds no statement for CYP2C19 Indeterminate",
            id="no recommendation for the phenotype",
        ),
        pytest.param(POOR_2C19, "clopidogrel", "", id="nothing"),
    ],
)
def test_of_a_genome_alone_the_first_unmet_condition_is_named(
    genotypes: Genotypes, drug: str, unmet: str
) -> None:
    assert in_genome(genotypes, drug) == unmet


STAR_2_OF_2C9, STAR_3_OF_2C9 = 94942290, 94981296


def test_what_was_not_read_and_what_is_taken_is_told_of_a_result_without_recommendation() -> None:
    gene = gene_of("CYP2C9")
    genome = genome_with(gene, {STAR_2_OF_2C9: "", STAR_3_OF_2C9: ""})
    calls = {call.gene: call for call in call_genes([gene], genome)}
    beside = Circumstances(taken("fluconazole"))

    answer = why_not_in_genome(genome, calls, Guidelines(), "siponimod", READ_SOON, beside)

    assert "it recommends something for this result" not in answer.met
    assert "; As far as CYP2C9 was read: DPWG has no recommendation for CYP2C9 *1/*1: Normal" in (
        answer.unmet
    )
    assert "fluconazole, a moderate inhibitor of CYP2C9, is taken" in answer.unmet
    assert (
        "it would change if chr10:94981296 (rs1057910), not in the file, is read as C: "
        "CYP2C9 *1/*3, Intermediate Metabolizer → adjust"
    ) in answer.unmet


def test_of_a_genome_too_old_knowledge_is_named() -> None:
    unmet = in_genome(POOR_2C19, "voriconazole", READ_SOON + 800 * DAY)

    assert "of 2025-11-05, more than twelve months old" in unmet
