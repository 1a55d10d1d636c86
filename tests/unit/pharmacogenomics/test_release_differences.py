"""What a release says otherwise: statements, genes, and the rows of other tables."""

from pathlib import Path

import pytest
from tests.unit.pharmacogenomics.candidates import candidate

from epione.medicine.pharmacogenomics import PINNED, gene_names, release_named
from epione.medicine.pharmacogenomics.release_differences import (
    Changes,
    StatementDifference,
    TableDifference,
    gene_differences,
    statement_differences,
    table_differences,
)

ABACAVIR = "CPIC\tabacavir\tgeneral\tStrong\tabacavir-never\tHLA-B=*57:01 positive\t2025-11-05"
NONE: Changes[str] = Changes((), (), ())


def statements(before: Path, after: Path) -> list[StatementDifference]:
    return list(statement_differences(before, after))


def test_a_release_differs_from_itself_in_nothing(tmp_path: Path) -> None:
    same = candidate(tmp_path)

    assert statements(PINNED, same) == []
    assert list(gene_differences(PINNED, same)) == []
    assert list(table_differences(PINNED, same)) == []


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        pytest.param(("advice.tsv", ABACAVIR, ABACAVIR.replace("-never", "-xx")), "action"),
        pytest.param(("advice.tsv", ABACAVIR, ABACAVIR.replace("Strong", "Weak")), "strength"),
        pytest.param(("actions.tsv", "abacavir-never\tavoid", "abacavir-never\tadjust"), "kind"),
    ],
)
def test_a_statement_that_is_made_otherwise_is_told_with_both(
    tmp_path: Path, edit: tuple[str, str, str], what: str
) -> None:
    more = (
        "actions.tsv",
        "abacavir-never\t",
        "abacavir-xx\tavoid\tAnother word.\nabacavir-never\t",
    )

    every = statements(PINNED, candidate(tmp_path, more, edit))
    (found,) = (each for each in every if each.asked.source == "CPIC")

    assert found.asked == ("abacavir", "CPIC", "general", (("HLA-B", "*57:01 positive"),))
    assert found.before is not None
    assert found.after is not None
    before, after = found.before.statement, found.after.statement
    assert getattr(before, what) != getattr(after, what)
    assert not found.is_of_evidence


def test_a_statement_of_one_release_alone_came_or_went(tmp_path: Path) -> None:
    without = candidate(tmp_path, ("advice.tsv", f"{ABACAVIR}\n", ""))

    (went,), (came,) = statements(PINNED, without), statements(without, PINNED)

    assert (went.asked, went.before, went.after) == (came.asked, came.after, None)
    assert went.before is not None
    assert came.before is None
    assert not went.is_of_evidence


def test_the_same_on_other_evidence_is_told_apart(tmp_path: Path) -> None:
    newer = candidate(tmp_path, ("drugs.tsv", "24561393;22378157", "24561393;99999999"))

    found = statements(PINNED, newer)

    assert {each.asked.drug for each in found} == {"abacavir"}
    assert all(each.is_of_evidence for each in found)


TPMT_2 = '["*2", "No function"'


@pytest.mark.parametrize(
    ("edit", "part", "changes"),
    [
        pytest.param(
            ('"*24", "', '"*2424", "'), "alleles", Changes(("*2424",), ("*24",), ()), id="a name"
        ),
        pytest.param(
            (TPMT_2, '["*2", "Normal function"'),
            "functions",
            Changes((), (), ("*2",)),
            id="what it does",
        ),
        pytest.param(
            ('[18143724, "rs1800462", "C", ["G"]]', '[18143724, "rs1800462", "C", ["A", "G"]]'),
            "positions",
            Changes((), (), (18143724,)),
            id="a position",
        ),
        pytest.param(
            ('"18143724": "G"', '"18143724": "A"'), "alleles", Changes((), (), ("*2",)), id="bases"
        ),
        pytest.param(
            ('"Poor Metabolizer"', '"Slow"'),
            "phenotypes",
            Changes((), (), (("No function", "No function"),)),
            id="what two of them mean",
        ),
    ],
)
def test_a_gene_that_is_known_otherwise_says_in_what(
    tmp_path: Path, edit: tuple[str, str], part: str, changes: Changes[str]
) -> None:
    after = candidate(tmp_path, ("genes/TPMT.json", *edit))

    (found,) = gene_differences(PINNED, after)

    assert found.gene == "TPMT"
    assert getattr(found, part) == changes
    assert not found.is_called_otherwise


def test_a_gene_may_be_called_by_other_rules(tmp_path: Path) -> None:
    edit = ("genes/CYP2C19.json", '"scored_as_reference": ["*1"]', '"scored_as_reference": []')

    (found,) = gene_differences(PINNED, candidate(tmp_path, edit))

    assert found.is_called_otherwise
    assert found.alleles == NONE


def test_of_a_gene_that_one_release_lacks_everything_came(tmp_path: Path) -> None:
    without = candidate(tmp_path, ("genes/TPMT.json", "TPMT", "TPMT"))
    (without / "genes" / "TPMT.json").unlink()

    (found,) = gene_differences(without, PINNED)

    assert found.gene == "TPMT"
    assert "*2" in found.alleles.added
    assert 18143724 in found.positions.added
    assert found.is_called_otherwise


@pytest.mark.parametrize("name", gene_names())
def test_every_gene_is_compared(tmp_path: Path, name: str) -> None:
    edit = (f"genes/{name}.json", '"chromosome": "chr', '"chromosome": "chrX')

    (found,) = gene_differences(PINNED, candidate(tmp_path, edit))

    assert (found.gene, found.is_called_otherwise) == (name, True)


def test_rows_of_other_tables_are_counted(tmp_path: Path) -> None:
    after = candidate(tmp_path, ("inhibitors.tsv", "abiraterone\t1100072", "abiraterone\t1"))

    assert list(table_differences(PINNED, after)) == [TableDifference("inhibitors.tsv", 1, 1)]


def test_a_statement_of_another_guideline_came() -> None:
    found = statements(release_named("2025-11"), PINNED)

    said_otherwise = [each for each in found if not each.is_of_evidence]
    assert {each.asked.source for each in said_otherwise} == {"CPIC", "DPWG"}
    assert all(each.before is None for each in said_otherwise)
    assert {each.asked.drug for each in said_otherwise if each.asked.source == "CPIC"} == {
        "hydralazine",
        "metoprolol",
    }
