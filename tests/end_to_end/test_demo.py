"""The demonstration from the outside: complete, and silent about who it speaks of."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.end_to_end.command import Ran, epione
from tests.end_to_end.identifiers import leaks

from epione_cli.patients import Kind, Story, stories


@pytest.fixture(scope="module")
def shipped() -> Ran:
    return epione("demo")


@pytest.fixture(scope="module")
def shipped_json() -> Ran:
    return epione("demo", "--json")


@pytest.fixture(scope="module")
def amara() -> Story:
    return stories(datetime.now(UTC))[0]


@pytest.fixture(scope="module")
def files(amara: Story, tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    """What the hospital sends of one person, in files whose names name her."""
    folder = tmp_path_factory.mktemp("Amara_Testwell")
    folders = {kind: folder / kind for kind in Kind}
    for each in folders.values():
        each.mkdir()
    for number, sent in enumerate(amara.sent):
        (folders[sent.kind] / f"Testwell_{number}").write_bytes(sent.content)
    return folders


@pytest.fixture(scope="module")
def own(files: dict[Kind, Path]) -> Ran:
    return epione(
        "demo",
        "--json",
        *("--fhir", files[Kind.FHIR]),
        *("--hl7v2", files[Kind.HL7V2]),
        *("--vcf", files[Kind.GENOME]),
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a woman of 57 with high blood pressure", id="whom it speaks of"),
        pytest.param("her cholesterol, corrected by the laboratory", id="what came"),
        pytest.param("Avoid clopidogrel where possible", id="a drug"),
        pytest.param("Risk of cardiovascular disease", id="a risk"),
        pytest.param("systolic pressure 129 mmHg instead", id="what lowers it"),
        pytest.param("Start capecitabine at 50 %", id="another drug"),
        pytest.param("PREVENT is not computed", id="a refusal"),
        pytest.param("Record the HDL cholesterol", id="a test next"),
    ],
)
def test_the_demonstration_shows(shipped: Ran, text: str) -> None:
    shown = " ".join(word for word in shipped.out.split() if word != "│")

    assert (shipped.status, shipped.err) == (0, "")
    assert text in shown


def test_json_stands_alone_and_each_line_is_complete(shipped_json: Ran) -> None:
    answers = [json.loads(line) for line in shipped_json.lines]

    assert [incomplete for answer in answers for incomplete in faults(answer)] == []


def faults(answer: dict[str, object]) -> Iterator[str]:
    """Say what the contract of ../shared/acceptance asks for and a line does not have."""
    yield from (name for name in ("patient", "action", "strength") if not answer.get(name))
    yield from (name for name in ("reasons", "sources", "versions") if not answer.get(name))
    if not (answer.get("drug") or answer.get("risk")):
        yield "drug or risk"


def test_a_shipped_person_has_a_risk_of_the_model_of_a_life_for_demonstration(
    shipped: Ran, shipped_json: Ran
) -> None:
    answers = [json.loads(line) for line in shipped_json.lines]
    told = [each for each in answers if each["key"].startswith("risk/life/") and each["risks"]]

    assert {each["strength"] for each in told} == {"for demonstration"}
    assert all("invented people" in each["action"] for each in told)
    assert "demonstration]" in shipped.out


@pytest.mark.parametrize("kind", ["drug", "risk", "test"])
def test_there_is_something_of_each_kind(shipped_json: Ran, kind: str) -> None:
    assert any(kind in json.loads(line) for line in shipped_json.lines)


@pytest.mark.parametrize("number", range(3))
def test_nothing_names_the_shipped_people(shipped: Ran, shipped_json: Ran, number: int) -> None:
    told = stories(datetime.now(UTC))[number]
    bundles = [json.loads(sent.content) for sent in told.sent if sent.kind is Kind.FHIR]

    assert leaks(bundles, shipped.said + shipped_json.said) == []


def test_ones_own_files_become_one_plan(own: Ran) -> None:
    answers = [json.loads(line) for line in own.lines]

    assert (own.status, own.err) == (0, "")
    assert len({answer["patient"] for answer in answers}) == 1
    assert {"clopidogrel", "simvastatin"} <= {answer.get("drug") for answer in answers}


def test_nothing_names_whom_ones_own_files_are_of(
    own: Ran, files: dict[Kind, Path], amara: Story
) -> None:
    bundles = [json.loads(file.read_bytes()) for file in files[Kind.FHIR].iterdir()]

    assert leaks(bundles, own.said) == []
    assert "Testwell" not in own.said


def test_two_runs_give_one_person_two_names(files: dict[Kind, Path]) -> None:
    first, second = (epione("demo", "--json", "--fhir", files[Kind.FHIR]) for _ in range(2))

    assert json.loads(first.lines[0])["patient"] != json.loads(second.lines[0])["patient"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--fhir", "nowhere"], "No such file", id="no such file"),
        pytest.param(["--vcf", "VCF"], "the files hold 0 patients", id="a genome of nobody"),
        pytest.param(["--fhir", "VCF"], "--fhir holds what is not FHIR JSON", id="mixed up"),
        pytest.param(["--speed", "0"], "must be more than 0", id="no speed"),
        pytest.param(["--vcf", "VCF", "--patient", "7"], "ASSIGNER|MEDICAL", id="half a name"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(
    files: dict[Kind, Path], arguments: list[str], says: str
) -> None:
    given = [str(files[Kind.GENOME]) if each == "VCF" else each for each in arguments]

    ran = epione("demo", "--json", *given)

    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert says in ran.err


def test_a_message_that_cannot_be_used_is_told_without_what_it_says(tmp_path: Path) -> None:
    visit = b"MSH|^~\\&|X|X|X|X|20260102||ORU^R01|1|P|2.5.1\rPID|1||||Testwell^Amara\r"
    (tmp_path / "message").write_bytes(visit)

    ran = epione("demo", "--json", "--hl7v2", tmp_path / "message")

    assert "hospital.hl7v2.v1" in ran.err
    assert "Testwell" not in ran.said


@pytest.mark.reference
def test_the_acceptance_patient_is_told_of_without_being_named(reference_data: Path) -> None:
    (file,) = (reference_data / "fhir" / "synthea_r4").glob("Vito_Cole_*.json.gz")
    vcf = reference_data / "pharmacogenomics" / "cases" / "vcf" / "pcs_reference.vcf"

    ran = epione("demo", "--json", "--fhir", file, "--vcf", vcf)

    kinds = {kind for line in ran.lines for kind in ("drug", "risk") if kind in json.loads(line)}
    assert (ran.status, kinds) == (0, {"drug", "risk"})
    assert leaks(json.loads(gzip.decompress(file.read_bytes())), ran.said) == []
