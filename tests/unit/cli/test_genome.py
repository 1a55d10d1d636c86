"""`epione genome` and `epione drugs` from the outside."""

import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from epione.errors import UnreadableGenome
from epione.medicine.pharmacogenomics import gene_of
from epione.timeline import GeneCall
from epione_cli.genome import call_as_json, drugs, genome
from epione_cli.why_not import why_not

HEADER = (
    "##fileformat=VCFv4.2\n##reference=hg38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
RS4149056 = 21178615
RECORDS = [
    f"chr12\t{p}\t.\t{position.ref}\t{position.alts[0]}\t.\tPASS\t.\tGT\t"
    f"{'1/1' if p == RS4149056 else '0/0'}\n"
    for p, position in sorted(gene_of("SLCO1B1").positions.items())
]
APP = typer.Typer()
APP.command()(genome)
APP.command()(drugs)
APP.command()(why_not)


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    """A person of whom all of SLCO1B1 was read: homozygous for rs4149056, else the reference."""
    path = tmp_path / "one.vcf"
    path.write_text(HEADER + "".join(RECORDS))
    return path


def written(beside: Path, text: str) -> Path:
    """Write a file of calls; half of a surrogate pair becomes a byte that is no UTF-8."""
    path = beside.parent / "calls.tsv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


def objects(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_genome_is_one_object_of_the_contract(vcf: Path) -> None:
    (answer,) = objects(run("genome", vcf, "--json"))

    genes = answer["genes"]
    assert (answer["file"], answer["sample"]) == ("one.vcf", "S1")
    assert isinstance(genes, dict)
    assert list(genes) == ["SLCO1B1"]
    assert genes["SLCO1B1"]["diplotypes"] == ["*5/*5"]
    assert genes["SLCO1B1"]["phenotype"] == "Poor Function"
    assert genes["SLCO1B1"]["activity_score"] is None
    assert genes["SLCO1B1"]["missing_positions"] == []


@pytest.fixture
def on_grch37(tmp_path: Path) -> Path:
    """The same person on GRCh37, but for one position that was not read."""
    places = sorted(gene_of("SLCO1B1").on_grch37.items())
    lines = [
        f"12\t{place.position}\t.\t{place.ref}\t{place.alts[0]}\t.\tPASS\t.\tGT\t"
        f"{'1/1' if p == RS4149056 else '0/0'}\n"
        for p, place in places[1:]
    ]
    path = tmp_path / "old.vcf"
    path.write_text(HEADER.replace("hg38", "hg19") + "".join(lines))
    return path


def test_a_genome_on_grch37_means_the_same_and_its_positions_are_those_of_grch38(
    on_grch37: Path,
) -> None:
    (answer,) = objects(run("genome", on_grch37, "--json"))
    table = run("genome", on_grch37).stdout

    assert answer["build"] == "GRCh37"
    assert isinstance(answer["genes"], dict)
    assert answer["genes"]["SLCO1B1"]["diplotypes"] == ["*5/*5"]
    assert answer["genes"]["SLCO1B1"]["missing_positions"] == [min(gene_of("SLCO1B1").positions)]
    assert "GRCh37; positions below are GRCh38's" in " ".join(table.split())


def test_a_genome_that_states_another_build_than_its_own_is_refused(on_grch37: Path) -> None:
    on_grch37.write_text(on_grch37.read_text().replace("hg19", "hg38"))

    (answer,) = objects(run("genome", on_grch37, "--json"))

    assert answer["error"] == "it states GRCh38, and its records lie as on GRCh37"


def test_a_folder_is_a_line_a_file_the_broken_ones_too(vcf: Path) -> None:
    (vcf.parent / "broken.vcf").write_text("not a genome\n")
    (vcf.parent / "packed.vcf.gz").write_bytes(gzip.compress(vcf.read_bytes()))
    (vcf.parent / "notes.txt").write_text("not asked for\n")

    answers = {
        answer["file"]: answer for answer in objects(run("genome", vcf.parent, "--all", "--jsonl"))
    }

    assert set(answers) == {"broken.vcf", "one.vcf", "packed.vcf.gz"}
    assert "not a VCF" in str(answers["broken.vcf"]["error"])
    assert answers["packed.vcf.gz"]["genes"] == answers["one.vcf"]["genes"]


def test_an_unsorted_file_is_refused_with_the_word(vcf: Path) -> None:
    vcf.write_text(HEADER + "".join(RECORDS[::-1]))

    (answer,) = objects(run("genome", vcf, "--json"))

    assert "sorted" in str(answer["error"])


def test_another_callers_file_answers_for_what_the_genome_does_not(vcf: Path) -> None:
    calls = written(vcf, "# caller: Aldy 4\nCYP2D6\t*1/*4x2\nHLA-B\t*57:01/*58:01\n")

    (answer,) = objects(run("genome", vcf, "--json", "--external", calls))

    genes = answer["genes"]
    assert isinstance(genes, dict)
    assert list(genes) == ["CYP2D6", "HLA-B", "SLCO1B1"]
    assert genes["CYP2D6"] == {
        "diplotype": "*1/*4x2",
        "diplotypes": ["*1/*4x2"],
        "phenotype": "Intermediate Metabolizer",
        "activity_score": 1.0,
        "missing_positions": [],
        "warnings": [],
        "caller": "Aldy 4",
    }
    assert genes["HLA-B"]["phenotype"] == [
        "*15:02 negative",
        "*15:11 negative",
        "*57:01 positive",
        "*58:01 positive",
    ]
    assert "caller" not in genes["SLCO1B1"]


def test_a_caller_that_disagrees_with_the_genome_is_told_beside_it(vcf: Path) -> None:
    calls = written(vcf, "SLCO1B1\t*1/*1\n")

    (answer,) = objects(run("genome", vcf, "--json", "--external", calls))
    cpic, dpwg = objects(run("drugs", vcf, "--json", "--external", calls, "--drug", "simvastatin"))

    genes = answer["genes"]
    assert isinstance(genes, dict)
    assert genes["SLCO1B1"]["disputed"] is True
    assert genes["SLCO1B1"]["diplotypes"] == ["*5/*5", "*1/*1"]
    assert cpic["kind"] == dpwg["kind"] == "indeterminate"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("CYP2D6\t1/4\n", "line 1: CYP2D6 is not two strands", id="malformed"),
        pytest.param("", "holds no call", id="empty"),
        pytest.param(None, "cannot be opened", id="absent"),
        pytest.param("\udcff", "not in UTF-8", id="no text"),
    ],
)
def test_a_file_of_calls_that_cannot_be_read_is_an_error(
    vcf: Path, text: str | None, says: str
) -> None:
    calls = vcf.parent / "absent" if text is None else written(vcf, text)

    (answer,) = objects(run("genome", vcf, "--json", "--external", calls))

    assert says in str(answer["error"])
    assert "genes" not in answer


def test_calls_are_of_one_genome_and_not_of_a_folder(vcf: Path) -> None:
    result = run("genome", vcf.parent, "--all", "--jsonl", "--external", written(vcf, "x"))

    assert result.exit_code == 2
    assert "--external" in result.stderr


def test_what_a_gene_may_be_is_said_of_the_genomes_own_calls_alone(vcf: Path) -> None:
    (deciding,) = (record for record in RECORDS if str(RS4149056) in record)
    cyp2d6 = "chr22\t42128945\t.\tC\tT\t.\tPASS\t.\tGT\t0/1\n"
    vcf.write_text(HEADER + deciding + cyp2d6)
    calls = written(vcf, "CYP2D6\t*4/*36+*10x2\nSLCO1B1\t*1/*14\nHLA-B\t*57:01/*58:01\n")

    (answer,) = objects(run("genome", vcf, "--json", "--external", calls))

    genes = answer["genes"]
    assert isinstance(genes, dict)
    possible = {each["diplotype"] for each in genes["SLCO1B1"]["possible_diplotypes"]}
    assert "*1/*14" in genes["SLCO1B1"]["diplotypes"]
    assert {"*5/*5", "*5/*15"} <= possible
    assert "*1/*14" not in possible
    assert [gene for gene in genes if "possible_diplotypes" in genes[gene]] == ["SLCO1B1"]


def test_the_caller_stands_in_the_table(vcf: Path) -> None:
    result = run("genome", vcf, "--external", written(vcf, "# caller: Aldy\nCYP2D6=*4/*4\n"))

    assert "*4/*4 (Aldy)" in result.stdout


def test_what_is_for_research_is_marked_so() -> None:
    call = GeneCall("CYP2D6", None, no_call_reason="why", research_diplotypes=("*1/*4",))

    assert call_as_json(call)["research"] == {"diplotypes": ["*1/*4"]}
    assert call_as_json(call)["diplotypes"] == []


def test_a_folder_needs_to_be_asked_for_whole(vcf: Path) -> None:
    result = run("genome", vcf.parent, "--json")

    assert result.exit_code == 2
    assert "--all" in result.stderr


def test_a_genome_is_a_table_for_people(vcf: Path) -> None:
    vcf.write_text(HEADER + "".join(RECORDS[1:]))

    result = run("genome", vcf)

    assert "SLCO1B1" in result.stdout
    assert "*5/*5" in result.stdout
    assert "positions not in" in result.stdout


def test_a_broken_genome_is_one_line_for_people(tmp_path: Path) -> None:
    path = tmp_path / "broken.vcf"
    path.write_text("not a genome\n")

    result = run("genome", path)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "not a VCF" in result.stderr


@pytest.mark.parametrize(
    ("call", "phenotype", "score"),
    [
        pytest.param(
            GeneCall("G", "a/b", ("a/b",), ("Poor",), (0.5,)), "Poor", 0.5, id="one meaning"
        ),
        pytest.param(
            GeneCall("G", "a/b", ("a/b", "a/c"), ("Poor", None), (0.5, 1.0)),
            ["Poor", None],
            [0.5, 1.0],
            id="several meanings, none among them",
        ),
        pytest.param(GeneCall("G", "a/b", ("a/b",), (None,)), None, None, id="no meaning"),
        pytest.param(GeneCall("G", None, no_call_reason="why"), None, None, id="no call"),
    ],
)
def test_a_lone_meaning_stands_by_itself_and_several_are_listed(
    call: GeneCall, phenotype: object, score: object
) -> None:
    entry = call_as_json(call)

    assert (entry["phenotype"], entry["activity_score"]) == (phenotype, score)


def test_a_no_call_says_why_and_components_are_named() -> None:
    assert call_as_json(GeneCall("G", None, no_call_reason="why"))["no_call_reason"] == "why"
    found = call_as_json(GeneCall("G", None, component_haplotypes=("a", "b")))
    assert found["component_haplotypes"] == ["a", "b"]


@pytest.mark.parametrize(
    "drug", [pytest.param("simvastatin", id="by name"), pytest.param("312961", id="by product")]
)
def test_a_drugs_advice_is_an_object_with_its_reasons(vcf: Path, drug: str) -> None:
    cpic, dpwg = objects(run("drugs", vcf, "--drug", drug, "--json"))

    assert (cpic["drug"], cpic["source"], cpic["kind"], cpic["strength"]) == (
        "simvastatin",
        "CPIC",
        "avoid",
        "Strong",
    )
    assert (dpwg["source"], dpwg["strength"]) == ("DPWG", "not graded here")
    assert cpic["reasons"] == dpwg["reasons"] == ["SLCO1B1 *5/*5: Poor Function"]
    assert "CPIC 2024-04, PMID 35152405" in cpic["sources"]  # type: ignore[operator]
    assert dpwg["sources"] == ["DPWG 2024-04, ClinPGx PA166182844"]
    assert cpic["old"] == "its knowledge is of 2024-04-23, more than twelve months old"


def test_a_drug_without_advice_says_why(vcf: Path) -> None:
    answers = objects(run("drugs", vcf, "--drug", "clopidogrel", "--json"))

    assert [answer["source"] for answer in answers] == ["CPIC", "DPWG"]
    for answer in answers:
        assert (answer["drug"], answer["advice"]) == ("clopidogrel", None)
        assert answer["unmet"] == "CYP2C19 is not in the genome"


def test_without_a_drug_every_advice_is_given_and_no_silence(vcf: Path) -> None:
    names = {answer["drug"] for answer in objects(run("drugs", vcf, "--json"))}

    assert {"simvastatin", "atorvastatin", "rosuvastatin"} <= names
    assert "clopidogrel" not in names


def test_advice_is_readable_lines_for_people(vcf: Path) -> None:
    lines = run("drugs", vcf, "--drug", "simvastatin", "--drug", "aspirin").stdout.splitlines()

    assert lines[0].startswith("simvastatin (CPIC, general; Strong): Choose another statin")
    assert "    because SLCO1B1 *5/*5: Poor Function" in lines
    assert lines[-3].startswith("    for information: its knowledge is of 2024-04-23")
    assert lines[-1] == "aspirin: no advice; aspirin is not mapped to a drug with a guideline"


@pytest.fixture
def gaps(vcf: Path) -> Path:
    """The same person without the position that decides."""
    deciding = RECORDS[sorted(gene_of("SLCO1B1").positions).index(RS4149056)]
    vcf.write_text(HEADER + "".join(record for record in RECORDS if record != deciding))
    return vcf


def test_a_gene_lists_what_it_may_be_and_what_settles_it(gaps: Path) -> None:
    (answer,) = objects(run("genome", gaps, "--json"))

    gene = answer["genes"]["SLCO1B1"]  # type: ignore[index]
    assert gene["possible_diplotypes"] == [
        {"diplotype": "*1/*1", "phenotype": "Normal Function"},
        {"diplotype": "*1/*5", "phenotype": "Decreased Function"},
        {"diplotype": "*5/*5", "phenotype": "Poor Function"},
    ]
    assert gene["n_possible_diplotypes"] == 3
    assert gene["possible_phenotypes"] == [
        "Normal Function",
        "Decreased Function",
        "Poor Function",
    ]
    assert gene["settled_by"] == [{"position": RS4149056, "rsid": "rs4149056"}]
    assert gene["diplotype_settled_by"] == gene["settled_by"]


def test_every_sample_of_a_file_is_answered_on_its_own(vcf: Path) -> None:
    other = "".join(f"{record.rstrip()}\t0/0\n" for record in RECORDS)
    vcf.write_text(HEADER.rstrip() + "\tS2\n" + other)

    first, second = objects(run("genome", vcf, "--all-samples", "--jsonl"))

    assert (first["sample"], second["sample"]) == ("S1", "S2")
    assert first["genes"]["SLCO1B1"]["diplotype"] == "*5/*5"  # type: ignore[index]
    assert second["genes"]["SLCO1B1"]["diplotype"] == "*1/*1"  # type: ignore[index]


def test_a_file_without_a_header_is_refused_once_of_all_samples(tmp_path: Path) -> None:
    (tmp_path / "none.vcf").write_text("chr1\t1\n")

    (answer,) = objects(run("genome", tmp_path / "none.vcf", "--all-samples", "--json"))

    assert answer["error"].startswith("not a VCF")  # type: ignore[attr-defined]


def test_one_sample_and_all_of_them_are_not_asked_for_together(vcf: Path) -> None:
    result = run("genome", vcf, "--sample", "S1", "--all-samples")

    assert result.exit_code == 2
    assert "one sample is asked for, and all" in result.stderr


def test_what_no_reader_of_json_keeps_exactly_is_not_counted(tmp_path: Path) -> None:
    first = next(iter(gene_of("RYR1").positions.values()))
    one = f"chr19\t{first.position}\t.\t{first.ref}\t.\t.\tPASS\t.\tGT\t0/0\n"
    (tmp_path / "one.vcf").write_text(HEADER + one)

    (answer,) = objects(run("genome", tmp_path / "one.vcf", "--json"))

    gene = answer["genes"]["RYR1"]  # type: ignore[index]
    assert gene["n_possible_diplotypes"] is None
    assert len(gene["possible_diplotypes"]) > 1


def test_a_gene_that_was_read_whole_needs_nothing_more(vcf: Path) -> None:
    (answer,) = objects(run("genome", vcf, "--json"))

    gene = answer["genes"]["SLCO1B1"]  # type: ignore[index]
    assert gene["possible_diplotypes"] == [{"diplotype": "*5/*5", "phenotype": "Poor Function"}]
    assert (gene["settled_by"], gene["diplotype_settled_by"]) == ([], [])


def test_people_read_what_a_gene_may_be_and_what_is_left_out(
    gaps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    shown = " ".join(run("genome", gaps).stdout.replace("│", " ").split())

    assert "may be *1/*1, *1/*5, *5/*5: Normal Function or Decreased Function" in shown
    assert "what it means is settled by reading chr12:21178615 (rs4149056)" in shown


def test_what_is_not_shown_to_people_is_counted(
    gaps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaps.write_text(HEADER + RECORDS[0])
    monkeypatch.setenv("COLUMNS", "200")

    shown = " ".join(run("genome", gaps).stdout.replace("│", " ").split())

    assert "and 980 more: " in shown


def test_why_not_takes_a_genome_and_names_the_first_unmet_condition(vcf: Path) -> None:
    lines = run("why-not", vcf, "--drug", "clopidogrel").stdout.splitlines()
    (answer,) = objects(run("why-not", vcf, "--drug", "simvastatin", "--json"))

    assert lines == [
        "✓ a guideline speaks of it",
        "✗ CYP2C19 is not in the genome: none of its positions was read",
    ]
    assert answer["drug"] == "simvastatin"
    assert "it recommends something for this result" in answer["met"]  # type: ignore[operator]


def test_why_not_hears_other_callers(vcf: Path) -> None:
    calls = written(vcf, "# caller: Panel\nCYP2C19\t*2/*2\nHLA-B\tnone\nCYP2D6\t*1/*1\n")

    def unmet(drug: str) -> object:
        (answer,) = objects(run("why-not", vcf, "--drug", drug, "--external", calls, "--json"))
        return answer["unmet"]

    assert "its knowledge is of" in str(unmet("clopidogrel"))
    assert unmet("abacavir") == "HLA-B is not called by Panel: the caller could not call it"


def test_why_not_hears_that_callers_disagree(vcf: Path) -> None:
    calls = written(vcf, "# caller: Panel\nSLCO1B1\t*1/*1\n")

    (answer,) = objects(run("why-not", vcf, "--drug", "simvastatin", "--external", calls, "--json"))

    assert answer["unmet"] == "two callers disagree on SLCO1B1"


def test_why_not_hears_what_is_taken_beside(vcf: Path) -> None:
    calls = written(vcf, "CYP2D6\t*1/*22\n")  # of *22 the function is not known

    def told(*taking: str) -> str:
        return run("why-not", vcf, "--drug", "codeine", "--external", calls, *taking).stdout

    assert "✗ CPIC has no recommendation for CYP2D6 *1/*22" in told()
    assert "✓ it recommends something for this result" in told("--taking", "paroxetine")
    assert run("why-not", vcf, "--drug", "codeine", "--taking", "parox").exit_code == 2


@pytest.mark.parametrize("option", ["--external", "--taking"])
def test_why_not_of_a_patient_hears_of_nothing_but_the_record(vcf: Path, option: str) -> None:
    result = run("why-not", "p1", "--drug", "codeine", option, "paroxetine")

    assert result.exit_code == 2
    assert "on the record" in result.output


def test_why_not_refuses_a_file_that_is_no_genome(tmp_path: Path) -> None:
    (tmp_path / "broken.vcf").write_text("not a genome\n")

    result = run("why-not", tmp_path / "broken.vcf", "--drug", "simvastatin")

    assert isinstance(result.exception, UnreadableGenome)
