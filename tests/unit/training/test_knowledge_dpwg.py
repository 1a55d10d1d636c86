"""DPWG's statements as the importer takes them over: each is read, and each is answered."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from epione.medicine.pharmacogenomics import DrugAdvice, Guidelines, outside_calls
from epione.medicine.pharmacogenomics.knowledge import PINNED
from epione.medicine.pharmacogenomics.tables import DPWG, rows_of
from epione.timeline import RXNORM, Code
from epione_training import knowledge
from epione_training.knowledge.dpwg import (
    NO_RECOMMENDATION,
    NOT_GRADED,
    dpwg_annotations,
    dpwg_rows,
)
from epione_training.knowledge.genes import read_tsv
from epione_training.knowledge.statements import CONFIRMED, PUBLISHED, Row, renewed

READINGS = Path(knowledge.__file__).with_name("dpwg_readings.tsv")
SCORES = ["1.75", "2.75", "≥3.75", "n/a"]
# A call that has a result which no phenotype or score says by itself.
CALLED = {
    ("CYP2C9", "Intermediate Metabolizer"): "*1/*6",
    ("CYP2C9", "Poor Metabolizer"): "*6/*6",
    ("DPYD", "1.0 (Intermediate Metabolizer)"): "Reference/c.1905+1G>A (*2A)",
    ("DPYD", "1.0 (Phenotyping)"): "c.2846A>T/c.2846A>T",
    ("HLA-B", "1511 and 1502"): "*15:02/*15:11",
}


def statement(drug: str, gene: str, result: object, *actions: str, **flags: bool) -> dict[str, Any]:
    return {
        "source": "DPWG",
        "drugs": [drug],
        "lookup": [{gene: result}],
        "classification": "N/A",
        "actions": list(actions),
        "flags": {"dosing": False, "alternate_drug": False, "other": False} | flags,
        "guideline_id": "PA1",
        "pmids": ["21412232"],
    }


SILENT = {"classification": NO_RECOMMENDATION}
CODEINE = {
    "2.0": statement("codeine", "CYP2D6", "2.0") | SILENT,
    "1.5": statement("codeine", "CYP2D6", "1.5") | SILENT,
    "2.5": statement("codeine", "CYP2D6", "2.5") | SILENT,
    "3.0": statement("codeine", "CYP2D6", "3.0", "avoid", "reduce_dose", alternate_drug=True),
    "≥3.5": statement("codeine", "CYP2D6", "≥3.5", "avoid", "reduce_dose", alternate_drug=True),
}


def results(*statements: Mapping[str, Any]) -> dict[str, str]:
    rows = dpwg_rows([dict(each) for each in statements], PUBLISHED, SCORES)
    return {row.results: row.action for row in rows}


def test_a_statement_becomes_a_row_with_our_action_and_no_grade() -> None:
    (row, *_) = dpwg_rows([CODEINE["3.0"]], PUBLISHED, [])

    assert row == Row(
        "DPWG",
        "codeine",
        "general",
        NOT_GRADED,
        "dpwg-codeine-ultrarapid",
        "CYP2D6=3.0",
        "2024-04-23",
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"actions": ["avoid"]}, id="other words found in it"),
        pytest.param({"flags": {"dosing": True}}, id="other flags"),
        pytest.param({"lookup": [{"CYP2D6": "3.25"}]}, id="another result"),
        pytest.param({"drugs": ["oxycodone"]}, id="another drug"),
    ],
)
def test_a_statement_that_nobody_has_read_stops_the_import(other: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="nobody has read this statement of DPWG"):
        results(CODEINE["3.0"] | other)


def test_a_score_that_no_statement_names_is_as_those_around_it_where_they_agree() -> None:
    found = results(*CODEINE.values())

    assert found["CYP2D6=1.75"] == "dpwg-silent"
    assert found["CYP2D6=≥3.75"] == "dpwg-codeine-ultrarapid"
    assert "CYP2D6=2.75" not in found
    assert "CYP2D6=n/a" not in found


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        pytest.param(
            statement("citalopram", "CYP2C19", "Normal Metabolizer") | SILENT,
            ["CYP2C19=Normal Metabolizer", "CYP2C19=Rapid Metabolizer"],
            id="one increased allele is normal",
        ),
        pytest.param(
            statement("phenytoin", "CYP2C9", {"*1": 1.0, "*3": 1.0}, "standard", dosing=True)
            | {"flags": {"dosing": True, "other": True}},
            ["CYP2C9=*1/*3"],
            id="a pair of alleles",
        ),
        pytest.param(
            statement("siponimod", "CYP2C9", {"*3": 2.0}, "avoid", alternate_drug=True),
            ["CYP2C9=*3/*3"],
            id="one allele twice",
        ),
        pytest.param(
            statement("siponimod", "CYP2C9", "Poor Metabolizer", "avoid", alternate_drug=True),
            [
                "CYP2C9=Decreased function/Decreased function",
                "CYP2C9=0.5",
                "CYP2C9=0.0",
            ],
            id="two decreased alleles are poor, and score as one lost",
        ),
    ],
)
def test_results_are_written_as_our_calls_have_them(given: dict[str, Any], ours: list[str]) -> None:
    assert list(results(given)) == ours


def test_two_alleles_of_a_gene_are_asked_for_together() -> None:
    found = results(
        statement("carbamazepine", "HLA-B", "*15:02 positive", "avoid", alternate_drug=True),
        statement("carbamazepine", "HLA-B", "*15:11 positive", "avoid", alternate_drug=True),
        statement("carbamazepine", "HLA-B", "1511 and 1502"),
    )

    assert list(found) == [
        "HLA-B=*15:02 positive",
        "HLA-B=*15:02 positive & *15:11 negative",
        "HLA-B=*15:11 positive",
        "HLA-B=*15:02 negative & *15:11 positive",
        "HLA-B=*15:02 positive & *15:11 positive",
    ]


def test_a_pair_that_a_later_state_alone_has_is_held_in_part() -> None:
    later = {**statement("mavacamten", "CYP2C19", "Normal Metabolizer"), "pmids": []}

    found = list(dpwg_annotations([CODEINE["2.0"]], [CODEINE["2.0"], later]))

    assert [(each.drug, each.references, each.held) for each in found] == [
        ("codeine", "PMID 21412232;ClinPGx PA1", "whole"),
        ("mavacamten", "ClinPGx PA1", "part"),
    ]


def test_a_later_state_confirms_changes_and_adds() -> None:
    known, changed = Row("DPWG", "a", "general", "", "x", "G=1", PUBLISHED), "y"
    same, other = known._replace(results="G=2"), known._replace(results="G=3")

    found = renewed(
        [known, same, other],
        [
            same._replace(as_of=CONFIRMED),
            other._replace(as_of=CONFIRMED, action=changed),
            known._replace(as_of=CONFIRMED, results="G=4"),
        ],
    )

    assert [(row.results, row.action, row.as_of) for row in found] == [
        ("G=1", "x", PUBLISHED),
        ("G=2", "x", CONFIRMED),
        ("G=4", "x", CONFIRMED),
        ("G=3", "y", CONFIRMED),
    ]


# ── every statement of the data is the answer to some patient ──


@pytest.mark.reference
def test_every_statement_of_2024_answers_a_patient_with_its_result(reference_data: Path) -> None:
    data = reference_data / "pharmacogenomics" / "recommendations.jsonl.gz"
    with gzip.open(data, "rt", encoding="utf-8") as lines:
        given = [each for each in map(json.loads, lines) if each["source"] == DPWG]

    wrong = [each["lookup"] for each in given if not is_answered(each, PUBLISHED)]

    assert len(given) == 529
    assert wrong == []


@pytest.mark.reference
def test_every_statement_of_2025_answers_a_patient_with_its_result(reference_data: Path) -> None:
    data = reference_data / "pharmacogenomics" / "recommendations_2025_examples.jsonl"
    every = map(json.loads, data.read_text(encoding="utf-8").splitlines())
    given = [each for each in every if each["source"].startswith(DPWG)]

    wrong = [each for each in given if not is_answered(each, CONFIRMED)]

    assert len(given) == 75
    assert wrong == []


def is_answered(given: dict[str, Any], as_of: str) -> bool:
    """Say whether the patient reads what was read in the statement; of a later date, if changed."""
    drug = given["drug"] if "drug" in given else given["drugs"][0]
    ((gene, result),) = given["lookup"][0].items()
    (call,) = outside_calls(called(gene, result))
    (advice,) = (
        answer
        for answer in Guidelines().answers_for(Code(RXNORM, "", drug), {gene: call})
        if answer.source == DPWG and isinstance(answer, DrugAdvice) and answer.genes == (gene,)
    )
    dated = {each.knowledge_as_of for each in advice.evidence}
    is_later = as_of == PUBLISHED and dated == {CONFIRMED}
    return dated <= {as_of, CONFIRMED} and (is_later or advice.action == read_in(given, drug))


def called(gene: str, result: object) -> str:
    """Write a caller's line of a patient with a result of DPWG's."""
    if isinstance(result, dict):
        stars = [star for star, n in sorted(result.items()) for _ in range(int(n))]
        return f"{gene}\t{'/'.join(stars)}"
    if (gene, result) in CALLED:
        return f"{gene}\t{CALLED[gene, str(result)]}"
    score = str(result).split(" (")[0]
    is_score = score[0].isdigit() or score.startswith("≥")
    return f"{gene}\t\t\t{score}" if is_score else f"{gene}\t\t{result}"


def read_in(given: dict[str, Any], drug: str) -> str:
    """Give our words for what was read in a statement."""
    words = {row["action"]: row["words"] for row in rows_of("actions.tsv", PINNED)}
    if given["classification"] == NO_RECOMMENDATION:
        return words["dpwg-silent"]
    ((gene, result),) = given["lookup"][0].items()
    flags = ",".join(name for name, is_set in given["flags"].items() if is_set)
    asked = drug, gene, f"{','.join(given['actions'])}|{flags}"
    if isinstance(result, dict):
        result = "/".join(star for star, n in sorted(result.items()) for _ in range(int(n)))
    (action,) = (action for of, action in readings() if of == (*asked, result))
    return words[action].replace("{drug}", drug)


def readings() -> Iterator[tuple[tuple[str, ...], str]]:
    for row in read_tsv(READINGS):
        for result in row["results"].split(";"):
            yield (row["drug"], row["gene"], row["statement"], result), row["action"]
