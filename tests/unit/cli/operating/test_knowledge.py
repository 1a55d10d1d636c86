"""`epione knowledge` without a stream: releases, what they say otherwise, and of which genomes."""

import json
from pathlib import Path

import pytest
from tests.unit.cli.test_genome import HEADER, RECORDS
from tests.unit.pharmacogenomics.candidates import Edit, candidate
from typer.testing import CliRunner, Result

from epione.errors import Misconfigured
from epione.medicine.knowledge_differences import Difference
from epione.medicine.pharmacogenomics import RELEASE
from epione.medicine.recommendation import Recommendation, Subject, SubjectKind
from epione.timeline import Code
from epione_cli.operating.knowledge import app
from epione_cli.operating.knowledge_shown import Shown
from epione_inference.recalling import Compared

STATIN = "statin-other\tavoid\tChoose another statin"
FIRMLY: Edit = ("actions.tsv", STATIN, STATIN.replace("Choose", "Always choose"))
NEWER: Edit = ("drugs.tsv", "24561393;22378157", "24561393")  # of abacavir, publications
NAMED: Edit = ("genes/SLCO1B1.json", '"*47"', '"*4747"')


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def lines(*arguments: object) -> list[dict[str, object]]:
    ran = run(*arguments, "--json")
    assert ran.exit_code == 0, ran.output
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return candidate(tmp_path_factory.mktemp("next"), FIRMLY, NEWER, NAMED, name="2027-01")


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "genomes" / "one.vcf"
    path.parent.mkdir()
    path.write_text(HEADER + "".join(RECORDS))
    return path


# ── releases ──


def test_releases_are_listed_with_what_they_rest_on_and_who_is_served(
    monkeypatch: pytest.MonkeyPatch, after: Path
) -> None:
    monkeypatch.setenv("EPIONE_KNOWLEDGE", str(after))

    found = {str(line["release"]): line for line in lines("releases")}

    assert found["2027-01"]["based_on"] == RELEASE
    assert found["2025-11"]["knowledge_as_of"] == {"CPIC": "2024-04-23"}
    assert [name for name, line in found.items() if line["served"]] == ["2027-01"]
    assert [name for name, line in found.items() if line["pinned"]] == [RELEASE]
    assert "2025-11  knowledge as of 2024-04-23 (CPIC)\n" in run("releases").stdout


# ── what two releases say otherwise ──


def test_statements_genes_and_counts_are_lines_of_json(after: Path) -> None:
    *found, totals = lines("diff", RELEASE, after)

    statements = [line for line in found if "statement" in line]
    drugs = {line["drug"] for line in statements}
    assert {line["statement"] for line in statements} == {"changed"}
    assert "simvastatin" in drugs
    assert "abacavir" not in drugs
    assert [line for line in found if "gene" in line] == [
        {
            "gene": "SLCO1B1",
            "alleles": {"added": ["*4747"], "removed": ["*47"]},
            "functions": {"added": ["*4747"], "removed": ["*47"]},
            "is_called_otherwise": False,
        }
    ]
    assert [line for line in found if "table" in line] == [
        {"table": "drugs.tsv", "added": 1, "removed": 1}
    ]
    counts = totals["totals"]
    assert counts == {
        "statements changed": len(statements),
        "other evidence alone": 2,
        "genes": 1,
    }


def test_what_rests_on_other_evidence_alone_is_listed_if_asked_for(after: Path) -> None:
    found = lines("diff", RELEASE, after, "--all")

    evidence = [line for line in found if line.get("statement") == "evidence"]
    assert {line["drug"] for line in evidence} == {"abacavir"}


def test_people_read_a_table(after: Path) -> None:
    shown = run("diff", RELEASE, after).stdout

    assert "│ ~ │ simvastatin" in shown
    assert "SLCO1B1: alleles added: *4747; alleles removed: *47" in shown
    assert "drugs.tsv: rows added: 1, removed: 1" in shown


def test_equal_releases_differ_in_nothing_and_that_is_no_fault() -> None:
    ran = run("diff", RELEASE, RELEASE)

    assert (ran.exit_code, ran.stdout) == (0, "nothing differs\n")


def test_what_is_no_release_is_named() -> None:
    assert isinstance(run("diff", RELEASE, "2019-01").exception, Misconfigured)


# ── genomes ──


def test_a_genome_is_told_what_changes_drug_by_drug(vcf: Path, after: Path) -> None:
    *found, totals = lines("diff", RELEASE, after, "--genome", vcf)

    assert {(line["file"], line["sample"]) for line in found} == {("one.vcf", "S1")}
    changed = {line["drug"]: line for line in found}
    was, becomes = changed["simvastatin"]["before"], changed["simvastatin"]["after"]
    assert isinstance(was, dict)
    assert isinstance(becomes, dict)
    assert was["action"].startswith("Choose another statin")
    assert becomes["action"].startswith("Always choose another statin")
    assert totals["totals"] == {"genomes": 1, "genomes that differ": 1}


def test_each_release_calls_the_genes_by_its_own_definitions(vcf: Path, tmp_path: Path) -> None:
    edit = ("genes/SLCO1B1.json", '"*5", "No function"', '"*5", "Normal function"')

    found = lines("diff", RELEASE, candidate(tmp_path / "x", edit), "--genome", vcf.parent)

    (gene,) = (line for line in found if "gene" in line)
    assert (gene["gene"], gene["change"]) == ("SLCO1B1", "changed")
    assert gene["before"] != gene["after"]
    assert "simvastatin" in {line.get("drug") for line in found}


def test_a_genome_that_cannot_be_read_is_told_and_the_others_are_answered(
    vcf: Path, after: Path
) -> None:
    (vcf.parent / "two.vcf").write_text("no VCF")

    ran = run("diff", RELEASE, after, "--genome", vcf.parent, "--json")

    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 1
    assert [line["file"] for line in found if "error" in line] == ["two.vcf"]
    assert "simvastatin" in {line.get("drug") for line in found}
    assert found[-1]["totals"] == {
        "genomes": 1,
        "genomes that differ": 1,
        "genomes that cannot be read": 1,
    }


def test_a_lone_genome_that_cannot_be_read_is_not_said_to_differ_in_nothing(
    tmp_path: Path, after: Path
) -> None:
    ran = run("diff", RELEASE, after, "--genome", tmp_path / "none.vcf")

    assert ran.stdout == "genomes that cannot be read: 1\n"


def test_people_read_by_which_gene_each_answer_is(vcf: Path) -> None:
    shown = run("diff", "2025-11", RELEASE, "--genome", vcf).stdout

    assert "  + simvastatin (DPWG by SLCO1B1, general): " in shown


# ── patients ──


def recommendation(action: str) -> Recommendation:
    subject = Subject(SubjectKind.DRUG, Code("", ""), "clopidogrel")
    return Recommendation("", "drug/clopidogrel/CPIC", subject, action, "Strong", (), ())


def compared(before: str, after: str, n_said_alike: int = 0) -> Compared:
    one = recommendation(before) if before else None
    other = recommendation(after) if after else None
    subject = recommendation("").subject
    found = (Difference("drug/clopidogrel/CPIC", subject, one, other),) if one or other else ()
    return Compared("north/4f2a", found, n_said_alike)


@pytest.mark.parametrize(
    ("patient", "text"),
    [
        pytest.param(compared("", "avoid"), "  + clopidogrel: avoid [Strong]\n", id="added"),
        pytest.param(
            compared("use", "avoid"),
            "  ~ clopidogrel: use [Strong] → avoid [Strong]\n",
            id="superseded",
        ),
        pytest.param(compared("use", ""), "  − clopidogrel: use [Strong]\n", id="retracted"),
    ],
)
def test_a_patient_is_listed_with_what_was_said_and_is(
    capsys: pytest.CaptureFixture[str], patient: Compared, text: str
) -> None:
    assert Shown(as_json=False, everything=False).patient(patient)

    assert capsys.readouterr().out == f"north/4f2a\n{text}"


@pytest.mark.parametrize("everything", [False, True])
def test_a_patient_whose_advice_only_rests_on_other_evidence_is_listed_if_asked_for(
    capsys: pytest.CaptureFixture[str], everything: bool
) -> None:
    shown = Shown(as_json=False, everything=everything)

    assert shown.patient(compared("", "", n_said_alike=2)) is everything
    assert ("2 rest on other evidence" in capsys.readouterr().out) is everything


def test_totals_count_each_patient_once_by_drug(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown(as_json=True, everything=False)
    for each in (compared("use", "avoid"), compared("use", ""), compared("", "", 3)):
        shown.patient(each)

    shown.totals()

    *_, totals = map(json.loads, capsys.readouterr().out.splitlines())
    assert totals["changes"] == {"clopidogrel": {"superseded": 1, "retracted": 1}}
    assert totals["totals"] == {
        "patients": 3,
        "patients whose plan changes": 2,
        "other evidence alone": 1,
    }
