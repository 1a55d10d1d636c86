"""What a report is put together from."""

from tests.unit.pharmacogenomics.genomes import called
from tests.unit.reporting.reports import PAROXETINE, findings

from epione.medicine.pharmacogenomics import Circumstances, Guidelines, gene_names, outside_calls
from epione.reporting.findings import old_knowledge, unmet

POOR_2C19 = called("CYP2C19", {94842866: "1/1", 94781859: "1/1", 94775367: "1/1"})


def test_every_drug_is_asked_for_and_answered() -> None:
    found = findings(POOR_2C19)

    answered = {each.drug.display for each in found.advice} | {
        each.drug for each in found.unanswered
    }
    assert answered == {drug.display for drug in Guidelines().drugs()}


def test_genes_that_were_not_read_are_those_that_a_guideline_held_here_asks_for() -> None:
    found = findings(POOR_2C19)

    assert set(found.unread) == {*gene_names(), "HLA-A", "HLA-B"} - {"CYP2C19"}


def test_a_gene_of_another_caller_counts_as_read() -> None:
    found = findings(*outside_calls("# caller: Typer\nHLA-B\t*57:01/*15:02\n"))

    assert "HLA-B" not in found.unread


def test_a_guideline_is_named_once_by_its_release() -> None:
    named = [(each.source, each.release) for each in findings(POOR_2C19).guidelines]

    assert len(named) == len(set(named))
    assert set(named) == {("CPIC", "2024-04"), ("CPIC", "2025-11"), ("DPWG", "2025-11")}


def test_young_knowledge_is_not_old() -> None:
    assert list(old_knowledge(findings(POOR_2C19))) == []


def test_what_is_taken_beside_bears_on_the_advice() -> None:
    (normal,) = outside_calls("# caller: Cyrius\nCYP2D6=*1/*1\n")

    found = findings(normal, circumstances=Circumstances((PAROXETINE,)))

    codeine = next(each for each in found.advice if each.drug.display == "codeine")
    assert codeine.kind == "avoid"
    assert found.beside == ("paroxetine is taken",)


def test_drugs_of_one_reason_are_told_in_one_line() -> None:
    lines = list(unmet(findings(POOR_2C19)))

    assert len(lines) == len({line.partition(": ")[2] for line in lines})
    assert sum("no guideline of CPIC's on it is held" in line for line in lines) == 1
