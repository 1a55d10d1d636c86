"""230 genomes against the calls of PharmCAT 3.1.1 (reference data: pharmacogenomics/cases).

The oracle is a reference and no clinical truth; where we answer otherwise, DIFFERENCES.md says why.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.pharmacogenomics.grch37 import on_grch37

from epione.errors import UnreadableGenome
from epione.medicine.genome import Build, Sites, read_vcf
from epione.medicine.pharmacogenomics import call_genes, gene_names, gene_of
from epione.medicine.pharmacogenomics.notation import strands_of
from epione.timeline import GeneCall

pytestmark = pytest.mark.reference

# A row of the oracle: one gene of one file.
Row = Mapping[str, Any]
# What became of each file: its calls by gene, or why it was refused.
Answers = Mapping[str, Mapping[str, GeneCall] | str]
# A diplotype's strands, each by its alleles, whatever their order.
Spelled = tuple[tuple[str, ...], ...]
# Their spelling of no result.
NONE = (None, "n/a", "No Result")
# Deletions that the file writes at the right end of their repeat: we know them (DIFFERENCES.md, 3).
SHIFTED = {97450065, 94942205, 94949281}
UNSORTED = 15


@pytest.fixture(scope="module")
def rows(reference_data: Path) -> list[Row]:
    text = (reference_data / "pharmacogenomics/cases/expected.jsonl").read_text(encoding="utf-8")
    return [row for row in map(json.loads, text.splitlines()) if row["mode"] == "default"]


@pytest.fixture(scope="module")
def answers(reference_data: Path) -> Answers:
    """Give each file's calls by gene, or why it was refused."""
    return answers_to(reference_data, Build.GRCH38, lambda text: text)


def answers_to(reference_data: Path, build: Build, translated: Callable[[str], str]) -> Answers:
    genes = [gene_of(name) for name in gene_names()]
    sites = Sites(site for gene in genes for site in gene.places[build].sites.values())
    found: dict[str, Mapping[str, GeneCall] | str] = {}
    for path in sorted((reference_data / "pharmacogenomics/cases/vcf").glob("*.vcf")):
        text = translated(path.read_text(encoding="utf-8")).encode()
        try:
            calls = call_genes(genes, read_vcf([text], sites))
            found[f"vcf/{path.name}"] = {call.gene: call for call in calls}
        except UnreadableGenome as refusal:
            found[f"vcf/{path.name}"] = str(refusal)
    return found


def test_only_unsorted_files_are_refused(answers: Answers) -> None:
    refusals = [answer for answer in answers.values() if isinstance(answer, str)]

    assert len(answers) == 230
    assert len(refusals) == UNSORTED
    assert all(refusal.startswith("not sorted") for refusal in refusals)


@pytest.mark.parametrize("gene", gene_names())
def test_a_gene_is_called_as_the_oracle_calls_it(
    gene: str, rows: list[Row], answers: Answers
) -> None:
    different = [
        (row["vcf"], expected(row), answered(call))
        for row, call in pairs_of(gene, rows, answers)
        if expected(row) != answered(call)
    ]

    assert different == []


@pytest.mark.parametrize("gene", gene_names())
def test_a_call_means_what_the_oracle_says_it_means(
    gene: str, rows: list[Row], answers: Answers
) -> None:
    different = [
        (row["vcf"], meaning_of(row), (set(call.phenotypes), set(call.activity_scores)))
        for row, call in pairs_of(gene, rows, answers)
        if call.lookup_keys and meaning_of(row) != (set(call.phenotypes), set(call.activity_scores))
    ]

    assert different == []


@pytest.mark.parametrize("gene", gene_names())
def test_the_same_positions_are_missing(gene: str, rows: list[Row], answers: Answers) -> None:
    different = [
        (row["vcf"], set(row["missing_positions"]) ^ set(call.missing_positions))
        for row, call in pairs_of(gene, rows, answers)
        if not set(row["missing_positions"]) ^ set(call.missing_positions) <= SHIFTED
    ]

    assert different == []


def test_no_gene_is_called_of_which_the_file_holds_nothing(
    rows: list[Row], answers: Answers
) -> None:
    held = {(row["vcf"], row["gene"]) for row in rows}

    answered_rows = {
        (vcf, gene)
        for vcf, calls in answers.items()
        for gene, call in calls_of(calls).items()
        if not call.no_call_reason
    }

    assert answered_rows <= held


def test_the_same_people_on_grch37_are_called_the_same(
    reference_data: Path, answers: Answers
) -> None:
    others = answers_to(reference_data, Build.GRCH37, on_grch37)

    assert sum(isinstance(answer, str) for answer in others.values()) == UNSORTED
    assert [vcf for vcf in answers if calls_of(others[vcf]) != calls_of(answers[vcf])] == []


def test_what_small_variants_of_cyp2d6_suggest_is_what_the_oracle_suggests(
    reference_data: Path, answers: Answers
) -> None:
    text = (reference_data / "pharmacogenomics/cases/expected.jsonl").read_text(encoding="utf-8")
    asked = [row for row in map(json.loads, text.splitlines()) if row["mode"] == "research"]
    pairs = [
        (set(row["call"]), set(calls_of(answers[row["vcf"]])["CYP2D6"].research_diplotypes))
        for row in asked
        if row["gene"] == "CYP2D6"
    ]

    assert len(pairs) == 5
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def pairs_of(gene: str, rows: list[Row], answers: Answers) -> list[tuple[Row, GeneCall]]:
    """Give the oracle's rows of a gene with our calls, without those set aside (DIFFERENCES.md)."""
    asked = [
        row for row in rows if row["gene"] == gene and not isinstance(answers[row["vcf"]], str)
    ]
    pairs = [(row, calls_of(answers[row["vcf"]])[gene]) for row in asked]
    return [(row, call) for row, call in pairs if not (row["undocumented"] and call.warnings)]


def calls_of(answer: Mapping[str, GeneCall] | str) -> Mapping[str, GeneCall]:
    return {} if isinstance(answer, str) else answer


def expected(row: Row) -> set[Spelled]:
    return {spelled(text) for text in [*row["call"], *row["component_haplotypes"]]}


def answered(call: GeneCall) -> set[Spelled]:
    return {spelled(text) for text in [*call.diplotypes, *call.component_haplotypes]}


def spelled(diplotype: str) -> Spelled:
    return tuple(sorted(tuple(sorted(strand)) for strand in strands_of(diplotype)))


def meaning_of(row: Row) -> tuple[set[str | None], set[float]]:
    found = row["lookup_diplotypes"]
    phenotypes = [p for d in found for p in (d["phenotypes"] or [None])]
    scores = [d["activity_score"] for d in found if d["activity_score"] not in NONE]
    return {None if p in NONE else p for p in phenotypes}, set(map(float, scores))
