"""What a clinician reads, in which order, and within the width of a page."""

import re

import pytest
from tests.unit.pharmacogenomics.genomes import called
from tests.unit.reporting.reports import ISSUED, OLD, PAROXETINE, findings

from epione.medicine.pharmacogenomics import RELEASE, Body, Circumstances, outside_calls
from epione.medicine.recommendation import Reason
from epione.reporting import text_of
from epione.reporting.text import WIDTH
from epione.timeline import GeneCall, joined

ONE = {94842866: "1/1"}  # CYP2C19*1 on both strands
NORMAL_2C19 = called("CYP2C19", ONE)
POOR_2C19 = called("CYP2C19", {**ONE, 94781859: "1/1", 94775367: "1/1"})
UNSEEN_2C9 = called("CYP2C9", {94981296: ""})  # the position of *3
UNSEEN_2C19 = called("CYP2C19", {**ONE, 94762712: ""})
POOR_SLCO1B1 = called("SLCO1B1", {21178615: "1/1"})
RESEARCH_2D6 = called("CYP2D6", {})
(FASTER_2D6,) = outside_calls("# caller: Cyrius\nCYP2D6=*1/*2x2\n")
(OTHER_2C19,) = outside_calls("# caller: Other\nCYP2C19=*1/*1\n")
SECTIONS = [
    "PHARMACOGENOMIC REPORT",
    "WHAT TO DO DIFFERENTLY",
    "NO RECOMMENDATION FOR THIS RESULT",
    "AS USUAL",
    "GENES",
    "NOT CALLED, OR LEFT OPEN",
    "NO ADVICE",
    "METHOD AND LIMITS",
]


def section(text: str, title: str) -> str:
    """Give the lines of a section, as one text with single spaces."""
    _, _, after = f"\n{text}".partition(f"\n{title}\n")
    body = re.split(r"\n\n(?=[A-Z, -]+\n-+\n)", after)[0]
    return " ".join(body.split())


def test_what_to_do_differently_stands_first_and_the_limits_last() -> None:
    lines = text_of(findings(NORMAL_2C19, RESEARCH_2D6), "S1").splitlines()

    assert [line for line in lines if line in SECTIONS] == SECTIONS


def test_the_header_names_the_sample_the_day_and_the_knowledge() -> None:
    header = section(text_of(findings(POOR_2C19), "S1"), "PHARMACOGENOMIC REPORT")

    assert "Sample S1 (as its file names it)" in header
    assert "Date 2024-06-01" in header
    assert "a VCF on GRCh38" in header
    assert f"knowledge release {RELEASE}" in header
    assert "CPIC 2024-04, knowledge as of 2024-04-23" in header
    assert "months old" not in header


def test_old_knowledge_is_said_in_the_header() -> None:
    header = section(text_of(findings(POOR_2C19, issued=OLD), "S1"), "PHARMACOGENOMIC REPORT")

    assert (
        "Mind CPIC 2024-04: its knowledge is of 2024-04-23, more than twelve months old. "
        "What it advises is for information." in header
    )


def test_what_was_given_beside_and_who_else_called_is_in_the_header() -> None:
    given = Circumstances((PAROXETINE,), Body(age_years=60, reasons=(Reason("age 60 years"),)))

    header = section(
        text_of(findings(FASTER_2D6, circumstances=given), "S1"), "PHARMACOGENOMIC REPORT"
    )

    assert "called by others: Cyrius" in header
    assert "Beside paroxetine is taken" in header
    assert "Beside age 60 years" in header


def test_a_drug_has_what_to_do_how_it_is_graded_why_and_by_whom() -> None:
    todo = section(text_of(findings(POOR_SLCO1B1), "S1"), "WHAT TO DO DIFFERENTLY")

    assert "atorvastatin [adjust; Moderate, CPIC] Do Start atorvastatin at 20 mg or less" in todo
    assert "Why SLCO1B1 *5/*5: Poor Function Source CPIC 2024-04, PMID 35152405" in todo


def test_other_drugs_come_before_other_doses_and_strong_advice_before_weak() -> None:
    todo = section(text_of(findings(POOR_2C19, POOR_SLCO1B1), "S1"), "WHAT TO DO DIFFERENTLY")

    graded = re.findall(r"\[(\w+); (\w+), CPIC\]", todo)
    ranks = [(kind != "avoid", ["Strong", "Moderate", "Optional"].index(s)) for kind, s in graded]
    assert ranks == sorted(ranks)
    assert {kind for kind, _ in graded} == {"avoid", "adjust"}


def test_drugs_of_the_same_advice_are_named_together() -> None:
    todo = section(text_of(findings(NORMAL_2C19), "S1"), "WHAT TO DO DIFFERENTLY")

    assert (
        "1. lansoprazole, omeprazole, pantoprazole [adjust; Moderate, CPIC] "
        "Do Start the drug at the usual daily dose" in todo
    )
    assert "2. dexlansoprazole [adjust; Optional, CPIC] Do Start dexlansoprazole" in todo


def test_the_genetic_phenotype_and_what_counts_are_both_told() -> None:
    report = findings(FASTER_2D6, circumstances=Circumstances((PAROXETINE,)))

    todo = section(text_of(report, "S1"), "WHAT TO DO DIFFERENTLY")
    genes = section(text_of(report, "S1"), "GENES")

    assert "CYP2D6 counts as Poor Metabolizer, activity score 0.0, and not as the genetic" in todo
    assert "Ultrarapid Metabolizer" in genes
    assert "Poor" not in genes


@pytest.mark.parametrize(
    ("calls", "says"),
    [
        pytest.param(
            [called("SLCO1B1", {})],
            "- Nothing to do differently was found for the drugs that guidelines answer for.",
            id="nothing",
        ),
        pytest.param(
            [called("SLCO1B1", {21178615: ""})],
            ", as far as their genes were read.",
            id="not all was read",
        ),
        pytest.param([], "is not known: no guideline answers for what was called.", id="no gene"),
    ],
)
def test_nothing_to_do_differently_is_said_where_it_is_known(
    calls: list[GeneCall], says: str
) -> None:
    todo = section(text_of(findings(*calls), "S1"), "WHAT TO DO DIFFERENTLY")

    assert todo.endswith(says)


def test_what_depends_on_which_result_is_true_is_not_known() -> None:
    todo = section(text_of(findings(joined(POOR_2C19, OTHER_2C19)), "S1"), "WHAT TO DO DIFFERENTLY")

    (told,) = re.findall(r"What to do is not known of .* true\.", todo)
    assert "clopidogrel" in told


def test_a_rare_disease_is_apart() -> None:
    text = text_of(findings(called("CFTR", {})), "S1")

    assert "ivacaftor (cystic fibrosis): Do not give" in section(text, "ONLY IN A RARE DISEASE")
    assert "ivacaftor" not in section(text, "WHAT TO DO DIFFERENTLY")


def test_results_that_disagree_have_no_recommendation() -> None:
    text = text_of(findings(joined(POOR_2C19, OTHER_2C19)), "S1")

    undecided = section(text, "NO RECOMMENDATION FOR THIS RESULT")
    assert "It depends on which result is true." in undecided
    assert ", disputed" in section(text, "GENES")


def test_a_gene_has_a_row_with_what_was_not_read() -> None:
    genes = section(text_of(findings(UNSEEN_2C19), "S1"), "GENES")

    assert "CYP2C19 *1/*1 Normal Metabolizer 1 position" in genes


def test_what_was_not_called_says_why_and_what_would_settle_it() -> None:
    lines = {"CYP2C19": ["what it means is settled by reading chr10:94762712"]}

    text = text_of(findings(UNSEEN_2C19, RESEARCH_2D6, left_open=lines), "S1")

    left_open = section(text, "NOT CALLED, OR LEFT OPEN")
    assert "CYP2C19 what it means is settled by reading chr10:94762712" in left_open
    assert "CYP2D6 is not called: small variants do not show its copies" in left_open
    assert "for research use only: *1/*1" in left_open
    assert "HLA-B no position of HLA-B is in this release" in left_open


def test_drugs_without_advice_are_told_with_why() -> None:
    unanswered = section(text_of(findings(POOR_2C19), "S1"), "NO ADVICE")

    assert (
        "abacavir, allopurinol, carbamazepine, flucloxacillin, lamotrigine, oxcarbazepine, "
        "phenytoin: no position of HLA-B is in this" in unanswered
    )
    assert "acenocoumarol" in unanswered


def test_a_report_says_that_it_is_no_device() -> None:
    assert "Not a medical device" in section(text_of(findings(), "S1"), "METHOD AND LIMITS")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(POOR_2C19, id="much to do"),
        pytest.param(called("ABCG2", {}), id="long names of alleles"),
        pytest.param(GeneCall("DPYD", None, no_call_reason="x" * 200), id="a long word"),
    ],
)
def test_no_line_is_longer_than_the_page(call: GeneCall) -> None:
    text = text_of(findings(call), "S" * 200)

    assert max(map(len, text.splitlines())) <= WIDTH


def test_what_would_steer_a_terminal_is_taken_out() -> None:
    steering = GeneCall("DPYD", None, no_call_reason="\x1b[31mred\x1b[0m")

    text = text_of(findings(steering, issued=ISSUED), "\x1b]0;name\x07")

    assert "\x1b" not in text
    assert "?]0;name?" in text


def test_what_is_usual_as_far_as_was_read_says_so() -> None:
    text = text_of(findings(UNSEEN_2C9), "S1")

    assert "celecoxib (as far as CYP2C9 was read)" in section(text, "AS USUAL")
    assert (
        "siponimod (DPWG by CYP2C9): CYP2C9 *1/*1: Normal Metabolizer, activity score "
        "2.0. As far as CYP2C9 was read: The guideline makes no recommendation"
    ) in section(text, "NO RECOMMENDATION FOR THIS RESULT")
