"""What a hospital sends, as messages on the raw topics."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from epione.errors import MalformedEvent, UnknownPatient
from epione.identity import Assigners, MedicalRecord, medical_record
from epione.messaging import Message, headers_of, topics
from epione.messaging.topics import Topic
from epione_cli.files import Parcel, opened
from epione_cli.patients import Kind
from epione_ingestion.fhir.patients import identifier_of
from epione_ingestion.genome import INLINE_LIMIT
from epione_ingestion.node import Node, parsed_json

SOURCE = "urn:epione:cli"
ONLY_SAMPLE = "1"  # of a file of calls, where nobody named it
FIXED_COLUMNS = 9  # of a VCF, before the samples
NAME_THE_PATIENT = "name whose the genome is by --patient 'ASSIGNER|MEDICAL-RECORD-NUMBER'"

OWNED = frozenset({Kind.GENOME, Kind.OUTSIDE_CALLS})  # their content does not say whose it is
TOPIC: dict[Kind, Topic] = {
    Kind.FHIR: topics.HOSPITAL_FHIR,
    Kind.HL7V2: topics.HOSPITAL_HL7V2,
    Kind.GENOME: topics.HOSPITAL_GENOME,
    Kind.OUTSIDE_CALLS: topics.HOSPITAL_GENOME,
}
CONTENT_TYPE = {
    Kind.FHIR: "application/fhir+json",
    Kind.HL7V2: "x-application/hl7-v2+er7",
    Kind.GENOME: "text/x-vcf",
    Kind.OUTSIDE_CALLS: "text/tab-separated-values",
}


@dataclass(frozen=True, slots=True, repr=False)
class Owner:
    """Whose a genome is: the medical record, and the sample column of the file."""

    record: MedicalRecord
    sample: str


def message_of(kind: Kind, content: bytes, owner: Owner | None = None) -> Message:
    """Put content on its raw topic; a genome with its owner."""
    named = () if owner is None else _named(owner)
    return _message(kind, content, CONTENT_TYPE[kind], named)


def owned_message(parcel: Parcel, record: MedicalRecord, sample: str) -> Message:
    """Send a genome, or calls of one, with whose it is."""
    if parcel.file is None:
        return message_of(parcel.kind, parcel.content, Owner(record, sample or ONLY_SAMPLE))
    return genome_message(parcel.file, Owner(record, only_sample(parcel.file, sample)))


def genome_message(file: Path, owner: Owner) -> Message:
    """Send a genome itself where it is small, else say where it lies."""
    with opened(file) as content:
        is_small = len(content.read(INLINE_LIMIT + 1)) <= INLINE_LIMIT
    if is_small:
        return message_of(Kind.GENOME, file.read_bytes(), owner)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    manifest = {
        "patient": {"assigner": owner.record.assigner, "identifier": owner.record.number},
        "sample": owner.sample,
        "uri": file.resolve().as_uri(),
        "sha256": sha256,
        "size": file.stat().st_size,
    }
    return _message(Kind.GENOME, json.dumps(manifest).encode(), "application/json", ())


def record_named(text: str) -> MedicalRecord:
    """Read "ASSIGNER|MEDICAL-RECORD-NUMBER".

    Raises:
        UnknownPatient: It is not that.
    """
    assigner, bar, number = text.rpartition("|")
    if not (bar and assigner and number):
        raise UnknownPatient("a patient is named as ASSIGNER|MEDICAL-RECORD-NUMBER")
    return MedicalRecord(assigner, number)


def only_patient(parcels: Iterable[Parcel], assigners: Assigners) -> MedicalRecord:
    """Give the medical record of the one patient that FHIR messages hold.

    Raises:
        UnknownPatient: They hold none, or several.
    """
    patients = {
        medical_record(
            [identifier_of(each) for each in resource.nodes("identifier")], assigners, SOURCE
        )
        for parcel in parcels
        if parcel.kind is Kind.FHIR
        for resource in _resources(parsed_json(parcel.content))
        if resource.text("resourceType") == "Patient"
    }
    if len(patients) != 1:
        raise UnknownPatient(f"the files hold {len(patients)} patients: {NAME_THE_PATIENT}")
    return patients.pop()


def only_sample(file: Path, asked: str = "") -> str:
    """Give the name of a VCF's sample: the one asked for, or the only one.

    Raises:
        MalformedEvent: There is no such sample, or there are several and none was asked for.
    """
    with opened(file) as lines:
        columns = next((line for line in lines if line.startswith(b"#CHROM")), b"")
    samples = columns.decode(errors="replace").rstrip("\r\n").split("\t")[FIXED_COLUMNS:]
    if asked in samples:
        return asked
    if asked or len(samples) != 1:
        raise MalformedEvent(f"the VCF holds {len(samples)} samples: name one of them by --sample")
    return samples[0]


def _resources(root: Node) -> Iterator[Node]:
    if root.text("resourceType") != "Bundle":
        yield root
        return
    for entry in root.nodes("entry"):
        if (resource := entry.node("resource")) is not None:
            yield resource


def _named(owner: Owner) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_patientassigner", owner.record.assigner.encode()),
        ("ce_patientidentifier", owner.record.number.encode()),
        ("ce_sample", owner.sample.encode()),
    )


def _message(
    kind: Kind, content: bytes, content_type: str, named: tuple[tuple[str, bytes], ...]
) -> Message:
    """The same content is the same event, and goes to the same partition."""
    name = hashlib.sha256(content).hexdigest()[:32]
    headers = headers_of(
        event_id=name, source=SOURCE, kind=f"hospital.{kind}", content_type=content_type
    )
    return Message(TOPIC[kind], name.encode(), content, (*headers, *named))
