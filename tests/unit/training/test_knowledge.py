"""The knowledge files are what their importer writes, and no statement goes in unread."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from epione.medicine.pharmacogenomics.knowledge import release_named
from epione_training.knowledge import knowledge_files
from epione_training.knowledge.drugs import base_files, gist_of
from epione_training.knowledge.genes import gene_text

STATEMENT = {
    "source": "CPIC",
    "drugs": ["citalopram"],
    "genes": ["CYP2C19"],
    "lookup": [{"CYP2C19": "Normal Metabolizer"}],
    "population": "general",
    "classification": "Strong",
    "text": "Initiate therapy with recommended starting dose",
    "pmids": ["37032427"],
}


@pytest.mark.reference
def test_the_committed_files_are_what_the_importer_writes(reference_data: Path) -> None:
    for release, name, text in knowledge_files(reference_data):
        assert (release_named(release) / name).read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize(
    ("text", "drug", "gist"),
    [
        pytest.param("Avoid Xyl use.", "xyl", "avoid {drug} use", id="the drug's name"),
        pytest.param(
            "Reduce by 50%. Other Considerations Watch out.", "x", "reduce by 50%", id="remarks"
        ),
        pytest.param("Start low (PMID: 123, 456).", "x", "start low", id="references"),
        pytest.param(
            "Based on TPMT status, start low. NUDT15 genotype is not available. If needed, watch.",
            "x",
            "start low",
            id="which gene it rests on, and which is not known",
        ),
        pytest.param(
            "Use X. TPMT genotype is not available. If needed, monitor closely for toxicity.",
            "x",
            "use {drug} and watch for toxicity",
            id="what a gene that is not known asks for",
        ),
        pytest.param("Limit to ≥ 20mg", "x", "limit to ≥20mg", id="numbers stay"),
        pytest.param(
            "Do not use phenytoin/fosphenytoin",
            "phenytoin",
            "do not use {drug} {drug}",
            id="prodrug",
        ),
    ],
)
def test_the_gist_is_what_a_statement_asks_for(text: str, drug: str, gist: str) -> None:
    assert gist_of(text, drug) == gist


def test_a_statement_becomes_a_row_with_our_action(tmp_path: Path) -> None:
    files = dict(base_files(data_with(tmp_path, STATEMENT)))

    assert files["advice.tsv"].splitlines()[1:] == [
        "CPIC\tcitalopram\tgeneral\tStrong\tusual-start\tCYP2C19=Normal Metabolizer\t2024-04-23"
    ]
    assert files["drugs.tsv"].splitlines()[1:] == [
        "citalopram\t2556\tCYP2C19\t37032427\t2024-04-23"
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"text": "Give twice as much"}, id="new words"),
        pytest.param({"lookup": [{"G6PD": "Deficient"}]}, id="known words on another gene"),
    ],
)
def test_a_statement_that_nobody_has_read_stops_the_import(
    tmp_path: Path, other: dict[str, object]
) -> None:
    data = data_with(tmp_path, {**STATEMENT, **other})

    with pytest.raises(ValueError, match="nobody has read this statement on citalopram"):
        dict(base_files(data))


def test_the_publications_of_the_levels_stand_where_a_statement_names_none(tmp_path: Path) -> None:
    files = dict(base_files(data_with(tmp_path, {**STATEMENT, "pmids": []})))

    assert files["drugs.tsv"].splitlines()[1:] == [
        "citalopram\t2556\tCYP2C19\t37032427\t2024-04-23"
    ]


def test_results_of_one_disease_are_of_its_patients_alone(tmp_path: Path) -> None:
    statement = {
        **STATEMENT,
        "lookup": [{"CFTR": "ivacaftor responsive in CF patients"}],
        "text": "Use citalopram according to the product label",
    }

    files = dict(base_files(data_with(tmp_path, statement)))

    assert files["advice.tsv"].splitlines()[1].split("\t")[2] == "cystic fibrosis"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"source": "DPWG"}, id="another guideline"),
        pytest.param({"lookup": [{"CYP2D6": "xN combinations"}]}, id="no result of a gene"),
    ],
)
def test_what_is_not_taken_over_needs_no_reading(tmp_path: Path, other: dict[str, object]) -> None:
    data = data_with(tmp_path, {**STATEMENT, "text": "Something new", **other})

    assert dict(base_files(data))["advice.tsv"].count("\n") == 1


def test_phenotype_rules_with_exceptions_stop_the_import() -> None:
    rules = {"kind": "function_pair", "rules": {}, "exceptions": {"*1/*2": "odd"}}

    with pytest.raises(ValueError, match="exceptions"):
        gene_text("X", [], [], [], rules, {})


def data_with(folder: Path, statement: Mapping[str, object]) -> Path:
    """Give reference data that hold one drug and one statement."""
    (folder / "gene_drug_cpic_level.tsv").write_text(
        "gene\tdrug\trxnorm\tcpic_level\tpmids\nCYP2C19\tcitalopram\t2556\tA\t37032427\n"
    )
    with gzip.open(folder / "recommendations.jsonl.gz", "wt") as lines:
        lines.write(json.dumps(statement) + "\n")
    return folder
