import gzip
from pathlib import Path

import pytest

from epione.errors import MalformedEvent
from epione_cli.files import Parcel, opened, parcels_in
from epione_cli.patients import Kind

FHIR = b'{"resourceType": "Patient"}'
HL7V2 = b"MSH|^~\\&|LAB\rPID|1\r"
CALLS = b"# caller: Aldy\nCYP2D6\t*1/*4\n"
EQUATION = b"# caller: Aldy\nCYP2D6=*1/*4\n"
CYRIUS = b"Sample\tGenotype\tFilter\nJane\t*1/*4\tPASS\n"
VCF = b"##fileformat=VCFv4.3\n#CHROM\n"


def written(folder: Path, content: bytes, name: str = "Rosalind_Example") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize(
    ("content", "parcels"),
    [
        pytest.param(FHIR, [Parcel(Kind.FHIR, FHIR)], id="a FHIR resource"),
        pytest.param(gzip.compress(FHIR), [Parcel(Kind.FHIR, FHIR)], id="a compressed one"),
        pytest.param(
            FHIR + b"\n\n" + FHIR, [Parcel(Kind.FHIR, FHIR)] * 2, id="newline-delimited resources"
        ),
        pytest.param(HL7V2, [Parcel(Kind.HL7V2, HL7V2)], id="an HL7 v2 message"),
        pytest.param(
            HL7V2.replace(b"\r", b"\n"), [Parcel(Kind.HL7V2, HL7V2)], id="with lines' ends"
        ),
        pytest.param(
            b"FHS|^~\\&\rBHS|^~\\&\r" + HL7V2 + HL7V2 + b"BTS|2\rFTS|1\r",
            [Parcel(Kind.HL7V2, HL7V2)] * 2,
            id="a batch of HL7 v2 messages",
        ),
        pytest.param(CALLS, [Parcel(Kind.OUTSIDE_CALLS, CALLS)], id="calls of another caller"),
        pytest.param(EQUATION, [Parcel(Kind.OUTSIDE_CALLS, EQUATION)], id="an equation"),
        pytest.param(CYRIUS, [Parcel(Kind.OUTSIDE_CALLS, CYRIUS)], id="calls of Cyrius"),
        pytest.param(b"\xef\xbb\xbf" + FHIR, [Parcel(Kind.FHIR, FHIR)], id="a byte order mark"),
    ],
)
def test_a_file_is_known_by_its_content(
    tmp_path: Path, content: bytes, parcels: list[Parcel]
) -> None:
    assert list(parcels_in(written(tmp_path, content))) == parcels


@pytest.mark.parametrize("content", [VCF, gzip.compress(VCF)], ids=["plain", "compressed"])
def test_a_genome_is_told_by_where_it_lies(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path, content)

    assert list(parcels_in(file)) == [Parcel(Kind.GENOME, b"", file)]


@pytest.mark.parametrize("content", [VCF, gzip.compress(VCF)], ids=["plain", "compressed"])
def test_a_file_is_opened_unpacked(tmp_path: Path, content: bytes) -> None:
    with opened(written(tmp_path, content)) as file:
        assert file.read() == VCF


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    written(tmp_path, VCF, "b")
    written(tmp_path, FHIR, "a")

    assert [parcel.kind for parcel in parcels_in(tmp_path)] == [Kind.FHIR, Kind.GENOME]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(
            b"hello", "file 1 of 1 is neither FHIR JSON, HL7 v2, VCF nor calls", id="text"
        ),
        pytest.param(b"", "is neither", id="nothing"),
        pytest.param(b'<Bundle xmlns="http://hl7.org/fhir"/>', "is neither", id="FHIR in XML"),
        pytest.param(b"MRN\tName\n1\tJane Doe\n", "is neither", id="a table"),
        pytest.param(b"MRN\tName\nJANE\n", "is neither", id="a table without a cell"),
        pytest.param(b'[{"resourceType": "Patient", "a": "b=c"}]', "is neither", id="a list"),
        pytest.param(b"KEY=1\n", "is neither .*'# caller: NAME'", id="settings"),
        pytest.param(b"\xff\t=", "is neither", id="no text"),
        pytest.param(
            b"# caller: Aldy\nCYP2D6\t*1/*4\t\tmuch\n",
            r"is neither .* \(line 2: an activity score is no number",
            id="calls at fault",
        ),
        pytest.param(b'{"resourceType": ', "file 1 of 1 is not JSON", id="half a resource"),
        pytest.param(gzip.compress(FHIR)[:-9], "ended before", id="half a compressed file"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(MalformedEvent, match=says) as fault:
        list(parcels_in(written(tmp_path, content)))

    assert "jane" not in str(fault.value).lower()


def test_a_missing_file_is_refused_without_its_name(tmp_path: Path) -> None:
    with pytest.raises(MalformedEvent) as fault:
        list(parcels_in(tmp_path / "Rosalind_Example"))

    assert str(fault.value) == "file 1 of 1: No such file or directory"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedEvent, match="holds no file"):
        list(parcels_in(tmp_path))
