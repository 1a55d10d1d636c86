import gzip
import json
from pathlib import Path

import pytest

from epione.errors import MalformedEvent, UnknownPatient
from epione.identity import Assigners, MedicalRecord
from epione.messaging import Message, attributes_of, content_type_of
from epione_cli.files import Parcel
from epione_cli.hospital import (
    Owner,
    genome_message,
    message_of,
    only_patient,
    only_sample,
    owned_message,
    record_named,
)
from epione_cli.patients import Kind
from epione_cli.patients.vcf import genome

OWNER = Owner(MedicalRecord("urn:oid:2.999", "700001"), "SAMPLE")


def patient(number: str) -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.999", "value": number}],
    }


def bundle(*resources: dict[str, object]) -> Parcel:
    entries = [{"resource": resource} for resource in resources]
    return Parcel(Kind.FHIR, json.dumps({"resourceType": "Bundle", "entry": entries}).encode())


def vcf(folder: Path, content: bytes) -> Path:
    (folder / "genome").write_bytes(content)
    return folder / "genome"


def header(message: Message, name: str) -> str:
    return dict(message.headers)[name].decode()


@pytest.mark.parametrize(
    ("kind", "topic", "content_type"),
    [
        (Kind.FHIR, "hospital.fhir.v1", "application/fhir+json"),
        (Kind.HL7V2, "hospital.hl7v2.v1", "x-application/hl7-v2+er7"),
        (Kind.GENOME, "hospital.genome.v1", "text/x-vcf"),
        (Kind.OUTSIDE_CALLS, "hospital.genome.v1", "text/tab-separated-values"),
    ],
)
def test_each_kind_has_its_topic(kind: Kind, topic: str, content_type: str) -> None:
    message = message_of(kind, b"content")

    assert (message.topic.name, message.value) == (topic, b"content")
    assert content_type_of(message.headers) == content_type


def test_the_same_content_is_the_same_event() -> None:
    first, again, other = (message_of(Kind.FHIR, text) for text in (b"a", b"a", b"b"))

    assert first == again
    assert attributes_of(first.headers)["ce_id"] != attributes_of(other.headers)["ce_id"]


@pytest.mark.parametrize(
    ("asked", "sample"), [("", "1"), ("B", "B")], ids=["unnamed", "the one asked for"]
)
def test_calls_of_another_caller_go_with_their_owner(asked: str, sample: str) -> None:
    parcel = Parcel(Kind.OUTSIDE_CALLS, b"CYP2D6\t*1/*4\n")

    message = owned_message(parcel, OWNER.record, asked)

    assert message.value == parcel.content
    assert header(message, "ce_patientidentifier") == "700001"
    assert header(message, "ce_sample") == sample


def test_a_genome_goes_with_its_owner_and_its_only_sample(tmp_path: Path) -> None:
    file = vcf(tmp_path, genome({}))

    assert owned_message(Parcel(Kind.GENOME, b"", file), OWNER.record, "") == genome_message(
        file, OWNER
    )


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_a_small_genome_goes_itself_with_its_owner(tmp_path: Path, packed: bool) -> None:
    content = gzip.compress(genome({})) if packed else genome({})

    message = genome_message(vcf(tmp_path, content), OWNER)

    assert message.value == content
    assert header(message, "ce_patientassigner") == "urn:oid:2.999"
    assert header(message, "ce_patientidentifier") == "700001"
    assert header(message, "ce_sample") == "SAMPLE"


def test_a_large_genome_is_told_by_where_it_lies(tmp_path: Path) -> None:
    file = vcf(tmp_path, genome({}) + b"#" * 300_000)

    manifest = json.loads(genome_message(file, OWNER).value)

    assert manifest["uri"] == file.as_uri()
    assert manifest["size"] == file.stat().st_size
    assert manifest["patient"] == {"assigner": "urn:oid:2.999", "identifier": "700001"}


def test_a_patient_is_named_by_assigner_and_number() -> None:
    assert record_named("http://north|mrn|7") == MedicalRecord("http://north|mrn", "7")


@pytest.mark.parametrize("text", ["7", "|7", "north|", ""])
def test_half_a_name_is_refused(text: str) -> None:
    with pytest.raises(UnknownPatient, match="ASSIGNER"):
        record_named(text)


def test_the_one_patient_of_the_files_is_found() -> None:
    parcels = [bundle(patient("7"), {"resourceType": "Observation"}), bundle(patient("7"))]

    assert only_patient(parcels, Assigners()) == MedicalRecord("urn:oid:2.999", "7")


def test_a_resource_without_a_bundle_counts_too() -> None:
    parcel = Parcel(Kind.FHIR, json.dumps(patient("7")).encode())

    assert only_patient([parcel], Assigners()).number == "7"


@pytest.mark.parametrize(
    ("parcels", "says"),
    [
        pytest.param([], "0 patients", id="none"),
        pytest.param([bundle(patient("7"), patient("8"))], "2 patients", id="several"),
    ],
)
def test_a_genome_is_not_given_to_someone_by_guess(parcels: list[Parcel], says: str) -> None:
    with pytest.raises(UnknownPatient, match=f"{says}: name whose the genome is by --patient"):
        only_patient(parcels, Assigners())


@pytest.mark.parametrize(
    ("samples", "asked", "chosen"),
    [
        pytest.param(["A"], "", "A", id="the only one"),
        pytest.param(["A", "B"], "B", "B", id="the one asked for"),
    ],
)
def test_a_sample_is_chosen(tmp_path: Path, samples: list[str], asked: str, chosen: str) -> None:
    columns = "\t".join(["#CHROM", *["-"] * 8, *samples])

    assert only_sample(vcf(tmp_path, columns.encode() + b"\n"), asked) == chosen


@pytest.mark.parametrize(
    ("samples", "asked"),
    [
        pytest.param(["A", "B"], "", id="several, and none asked for"),
        pytest.param(["A"], "B", id="another asked for"),
        pytest.param([], "", id="none"),
    ],
)
def test_a_sample_is_not_guessed(tmp_path: Path, samples: list[str], asked: str) -> None:
    columns = "\t".join(["#CHROM", *["-"] * 8, *samples])

    with pytest.raises(MalformedEvent, match=f"holds {len(samples)} samples"):
        only_sample(vcf(tmp_path, columns.encode() + b"\n"), asked)
