"""`epione genome --fhir` and `--report` from the outside."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from epione.medicine.pharmacogenomics import gene_of
from epione_cli.genome import genome

HEADER = (
    "##fileformat=VCFv4.2\n##reference=hg38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
)
RS4149056 = 21178615
POSITIONS = sorted(gene_of("SLCO1B1").positions.items())
APP = typer.Typer()
APP.command()(genome)


def record(place: int, ref: str, alt: str, *genotypes: str) -> str:
    return f"chr12\t{place}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t" + "\t".join(genotypes) + "\n"


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    """A person, of whose SLCO1B1 all but the first position was read: *5/*5."""
    path = tmp_path / "Ada_Lovelace.vcf"
    records = [
        record(p, position.ref, position.alts[0], "1/1" if p == RS4149056 else "0/0")
        for p, position in POSITIONS[1:]
    ]
    path.write_text(f"{HEADER}Ada-Lovelace\n" + "".join(records))
    return path


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.tsv"
    path.write_text("# caller: Cyrius\nCYP2D6=*1/*1\n")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def test_a_genome_is_one_bundle(vcf: Path) -> None:
    (line,) = run(vcf, "--fhir").stdout.splitlines()

    bundle = json.loads(line)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert "SLCO1B1*5/*5" in line
    assert "medication-recommendation" in line


def test_a_bundle_names_neither_the_sample_nor_the_file(vcf: Path) -> None:
    assert "Lovelace" not in run(vcf, "--fhir").stdout


def test_a_bundle_says_what_was_not_read(vcf: Path) -> None:
    told = run(vcf, "--fhir").stdout

    assert f"Positions not read: chr12 (GRCh38) {POSITIONS[0][0]}." in told


@pytest.mark.parametrize("form", ["--fhir", "--report"])
def test_what_is_left_open_comes_with_the_positions_that_settle_it(form: str, vcf: Path) -> None:
    lines = vcf.read_text().splitlines(keepends=True)
    vcf.write_text("".join(line for line in lines if str(RS4149056) not in line))

    told = " ".join(run(vcf, form).stdout.split())

    assert f"is settled by reading chr12:{RS4149056} (rs4149056)" in told


def test_other_callers_and_what_is_taken_bear_on_a_bundle(vcf: Path, calls: Path) -> None:
    told = run(vcf, "--fhir", "--external", calls, "--taking", "paroxetine").stdout

    assert '"method": {"text": "Cyrius"}' in told
    assert "beside what is taken" in told


def test_a_report_names_the_sample_to_whoever_gave_the_file(vcf: Path) -> None:
    told = run(vcf, "--report").stdout

    assert "Ada-Lovelace (as its file names it)" in told
    assert "simvastatin" in told.partition("WHAT TO DO DIFFERENTLY")[2]
    assert "\x1b" not in told


def test_a_report_doses_warfarin_by_what_is_given(vcf: Path) -> None:
    told = run(vcf, "--report", "--age", 60, "--height", 170, "--weight", 80).stdout

    assert "age 60 years, as given" in told
    assert "weight 80 kg, as given" in told


def test_a_folder_is_a_bundle_a_line_and_an_outcome_for_what_cannot_be_read(vcf: Path) -> None:
    (vcf.parent / "broken.vcf").write_text("not a genome\n")

    good, bad = map(json.loads, run(vcf.parent, "--all", "--fhir").stdout.splitlines())

    assert good["resourceType"] == "Bundle"
    assert bad["resourceType"] == "OperationOutcome"
    assert "not a VCF" in bad["issue"][0]["diagnostics"]


def test_every_sample_is_a_report(tmp_path: Path) -> None:
    path = tmp_path / "two.vcf"
    records = [record(p, at.ref, at.alts[0], "0/0", "0/1") for p, at in POSITIONS]
    path.write_text(f"{HEADER}S1\tS2\n" + "".join(records))

    told = run(path, "--all-samples", "--report").stdout

    assert told.count("PHARMACOGENOMIC REPORT") == 2
    assert told.index("S1 (as its file") < told.index("S2 (as its file")


def test_a_folder_of_reports_goes_on_after_what_cannot_be_read(vcf: Path) -> None:
    (vcf.parent / "A_broken.vcf").write_text("not a genome\n")

    told = run(vcf.parent, "--all", "--report")

    assert told.exit_code == 0
    assert told.stdout.startswith("A_broken.vcf: ")
    assert told.stdout.count("PHARMACOGENOMIC REPORT") == 1


@pytest.mark.parametrize("form", ["--fhir", "--report"])
def test_a_lone_file_that_cannot_be_read_is_an_error(form: str, tmp_path: Path) -> None:
    (tmp_path / "broken.vcf").write_text("not a genome\n")

    told = run(tmp_path / "broken.vcf", form)

    assert told.exit_code == 1
    assert told.stdout == ""
    assert "not a VCF" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        pytest.param(["--fhir", "--report"], "one form", id="two forms"),
        pytest.param(["--json", "--fhir"], "one form", id="two forms of JSON"),
        pytest.param(["--taking", "paroxetine"], "--fhir or --report", id="taken, and no advice"),
        pytest.param(["--json", "--age", "60"], "--fhir or --report", id="an age, and no advice"),
        pytest.param(["--fhir", "--taking", "nothing-known"], "no medicine", id="unknown medicine"),
        pytest.param(
            ["--report", "--all-samples", "--taking", "paroxetine"], "one person", id="of all"
        ),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str], rule: str, vcf: Path) -> None:
    told = run(vcf, *arguments)

    assert told.exit_code == 2
    assert rule in " ".join(told.output.replace("│", " ").split())
