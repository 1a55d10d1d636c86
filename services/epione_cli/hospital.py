"""What a hospital sends, as messages on the raw topics."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from epione.errors import UnknownPatient
from epione.identity import MedicalRecord
from epione.messaging import Message, topics
from epione.messaging.cloudevents import headers_of
from epione.messaging.topics import Topic
from epione_cli.files import Parcel
from epione_cli.patients import Kind

SOURCE = "urn:epione:cli"

TOPIC: dict[Kind, Topic] = {
    Kind.FHIR: topics.HOSPITAL_FHIR,
    Kind.HL7V2: topics.HOSPITAL_HL7V2,
    Kind.GENOME: topics.HOSPITAL_GENOME,
}
FHIR_JSON, HL7V2, VCF, JSON = (
    "application/fhir+json",
    "x-application/hl7-v2+er7",
    "text/x-vcf",
    "application/json",
)


@dataclass(frozen=True, slots=True, repr=False)
class Owner:
    """Whose a genome is: the medical record, and the sample column of the file."""

    record: MedicalRecord
    sample: str


def message_of(parcel: Parcel, owner: Owner | None = None) -> Message:
    """Put a file's content on its raw topic.

    Raises:
        UnknownPatient: It is a genome, and no one said whose.
    """
    if parcel.kind is Kind.FHIR:
        return _message(Kind.FHIR, parcel.content, FHIR_JSON)
    if parcel.kind is Kind.HL7V2:
        return _message(Kind.HL7V2, parcel.content, HL7V2)
    if owner is None:
        raise UnknownPatient("a genome says nothing of whose it is: name its patient")
    return _message(Kind.GENOME, parcel.content, VCF, _named(owner))


def manifest_of(file: Path, owner: Owner) -> Message:
    """Say where a genome lies that is too large to be sent."""
    content = file.read_bytes()
    manifest = {
        "patient": {"assigner": owner.record.assigner, "identifier": owner.record.number},
        "sample": owner.sample,
        "uri": file.resolve().as_uri(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    return _message(Kind.GENOME, json.dumps(manifest).encode(), JSON)


def _named(owner: Owner) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_patientassigner", owner.record.assigner.encode()),
        ("ce_patientidentifier", owner.record.number.encode()),
        ("ce_sample", owner.sample.encode()),
    )


def _message(
    kind: Kind, content: bytes, content_type: str, named: tuple[tuple[str, bytes], ...] = ()
) -> Message:
    """The same content is the same event, and goes to the same partition."""
    name = hashlib.sha256(content).hexdigest()[:32]
    headers = headers_of(
        event_id=name, source=SOURCE, kind=f"hospital.{kind}", content_type=content_type
    )
    return Message(TOPIC[kind], name.encode(), content, (*headers, *named))
