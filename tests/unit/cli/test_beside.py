"""`epione drugs` with medicines taken beside, and with what the dose of warfarin asks."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from epione.medicine.pharmacogenomics import gene_of
from epione_cli.genome import drugs

HEADER = (
    "##fileformat=VCFv4.2\n##reference=hg38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
APP = typer.Typer()
APP.command()(drugs)
BODY = ("--age", 65, "--height", 170, "--weight", 70)


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    """A person of whom all of CYP2C9, VKORC1 and CYP4F2 was read, and is the reference."""
    path = tmp_path / "one.vcf"
    records = [
        f"{gene.chromosome}\t{p}\t.\t{position.ref}\t{position.alts[0]}\t.\tPASS\t.\tGT\t0/0\n"
        for gene in map(gene_of, ("CYP2C9", "VKORC1", "CYP4F2"))
        for p, position in sorted(gene.positions.items())
    ]
    path.write_text(HEADER + "".join(records))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def answer(*arguments: object) -> dict[str, object]:
    """Give CPIC's answer, which is the first."""
    line, *_ = run(*arguments, "--json").stdout.splitlines()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_dose_is_numbers_with_units_for_machines(vcf: Path) -> None:
    found = answer(vcf, "--drug", "warfarin", *BODY)

    assert found["dose"] == [{"value": 39.8, "unit": "mg/wk"}, {"value": 5.7, "unit": "mg/d"}]
    assert "IWPC 2009, doi:10.1056/NEJMoa0809329" in found["sources"]  # type: ignore[operator]


def test_a_dose_is_a_sentence_with_its_reasons_for_people(vcf: Path) -> None:
    lines = run(vcf, "--drug", "warfarin", *BODY).stdout.splitlines()

    assert "Start warfarin near 39.8 mg a week (5.7 mg a day)" in lines[0]
    assert "    because height 170 cm, as given" in lines


def test_a_dose_without_its_inputs_names_them(vcf: Path) -> None:
    found = answer(vcf, "--drug", "warfarin", "--age", 65)

    assert found["advice"] is None
    assert found["unmet"] == "no starting dose: height is not known; weight is not known"


def test_every_medicine_taken_beside_counts(vcf: Path) -> None:
    beside = ("--taking", "rifampin", "--taking", "703")

    found = answer(vcf, "--drug", "warfarin", *BODY, *beside)

    assert found["dose"] == [{"value": 48.2, "unit": "mg/wk"}, {"value": 6.9, "unit": "mg/d"}]


def test_an_inhibitor_taken_beside_is_among_the_reasons(vcf: Path) -> None:
    found = answer(vcf, "--drug", "celecoxib", "--taking", "fluconazole")

    assert found["reasons"] == [
        "CYP2C9 *1/*1: Normal Metabolizer, activity score 2.0",
        "fluconazole, a moderate inhibitor of CYP2C9, is taken: the phenotype may be lower than "
        "genetic; this release holds no convention that adjusts CYP2C9",
    ]


def test_a_known_medicine_without_an_effect_changes_nothing(vcf: Path) -> None:
    asked = (vcf, "--drug", "celecoxib")

    assert answer(*asked, "--taking", "simvastatin") == answer(*asked)


def test_of_a_known_medicine_without_an_effect_it_is_said_that_it_has_none(vcf: Path) -> None:
    result = run(vcf, "--drug", "celecoxib", "--taking", "simvastatin", "--taking", "fluconazole")

    assert result.stderr == (
        "epione: simvastatin inhibits or induces no enzyme that this release knows of: "
        "it changes no answer\n"
    )


def test_two_genes_of_one_drug_are_told_apart(vcf: Path) -> None:
    lines = run(vcf, "--drug", "warfarin", *BODY).stdout.splitlines()

    by_dpwg = [line.partition(")")[0] for line in lines if line.startswith("warfarin (DPWG")]
    assert by_dpwg == [
        "warfarin (DPWG by CYP2C9; No recommendation",
        "warfarin (DPWG by VKORC1; No recommendation",
    ]


def test_a_medicine_that_is_not_known_is_refused_by_its_name(vcf: Path) -> None:
    result = run(vcf, "--drug", "celecoxib", "--taking", "fluconazol")

    assert result.exit_code == 2
    assert "fluconazol is no medicine that this release knows" in " ".join(
        result.stderr.replace("│", " ").split()
    )


def test_what_another_caller_calls_counts_as_what_an_inhibitor_leaves_of_it(vcf: Path) -> None:
    calls = vcf.parent / "calls.tsv"
    calls.write_text("# caller: Cyrius\nCYP2D6\t*1/*1\n")
    asked = (vcf, "--external", calls, "--drug", "codeine")

    alone, beside = answer(*asked), answer(*asked, "--taking", "paroxetine")

    assert (alone["kind"], beside["kind"]) == ("standard", "avoid")
    assert beside["reasons"] == [
        "CYP2D6 *1/*1, called by Cyrius: Normal Metabolizer, activity score 2.0",
        "paroxetine, a strong inhibitor of CYP2D6, is taken: CYP2D6 counts as Poor Metabolizer, "
        "activity score 0.0, and not as the genetic Normal Metabolizer, activity score 2.0",
    ]
    assert beside["would_change_if"] == [
        "paroxetine stops: CYP2D6 is Normal Metabolizer, activity score 2.0 again → standard: "
        f"{alone['advice']}"
    ]
