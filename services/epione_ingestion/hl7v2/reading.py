"""One message being read: who sent it and when, and what is found in it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from epione.identity import (
    Identifier,
    MedicalRecord,
    entity_id,
    medical_record,
    pseudonym,
    record_link,
)
from epione.timeline import Body, Code, SourceVersion, Status
from epione_ingestion.envelope import Envelope, version_at
from epione_ingestion.findings import Fact, Findings
from epione_ingestion.hl7v2.er7 import Composite, Segment
from epione_ingestion.rules import Rules
from epione_ingestion.terminologies import STANDARDS, chosen, coding_of
from epione_ingestion.times import hl7_time, hl7_zone

# The later stage counts where a message says two things of one fact at the same time.
RANKS = {Status.PRELIMINARY: 0, Status.FINAL: 1, Status.CORRECTED: 2, Status.WITHDRAWN: 3}
CODINGS = ((1, 3), (4, 6), (10, 12))  # components of a CWE: the code and its system, thrice


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the segments at hand speak of."""

    patient: str
    record: MedicalRecord


@dataclass(frozen=True, slots=True)
class Sender:
    """What the header says of who sent the message, and when."""

    application: str  # MSH-3
    facility: str  # MSH-4, else the envelope's source: who assigns what names no assigner
    made_at: datetime | None  # MSH-7
    zone: tzinfo | None  # of times without one: that of MSH-7 (HL7 v2.9, 2.A.22), else the rules'


def sender_of(header: Segment, envelope: Envelope, rules: Rules) -> Sender:
    """Read MSH.

    Raises:
        MalformedEvent: MSH-7 is no time, or has no zone where one is needed.
    """
    sent = header.text(7)
    zone = hl7_zone(sent) or rules.zone
    return Sender(
        application=assigner_of(*(header.text(3, part) for part in (1, 2, 3))),
        facility=assigner_of(*(header.text(4, part) for part in (1, 2, 3))) or envelope.source,
        made_at=hl7_time(sent, zone, header.path(7)) if sent else None,
        zone=zone,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    segments: list[Segment]
    sender: Sender
    envelope: Envelope
    rules: Rules
    findings: Findings

    def add(
        self,
        subject: Subject,
        entity: str,
        body: Body,
        status: Status = Status.FINAL,
        effective_at: datetime | None = None,
    ) -> None:
        version = self.version(RANKS[status])
        self.findings.facts.append(
            Fact(subject.patient, entity, version, status, body, effective_at)
        )

    def version(self, rank: int) -> SourceVersion:
        """Order what this message says among what others say: by MSH-7, else by its receipt."""
        made_at = self.sender.made_at
        return self.envelope.receipt if made_at is None else version_at(made_at, rank)

    def time(self, segment: Segment, field: int) -> datetime | None:
        text = segment.text(field)
        return hl7_time(text, self.sender.zone, segment.path(field)) if text else None

    def subject(self, segment: Segment, field: int) -> Subject:
        """Name the patient by a field's identifiers (PID-3, MRG-1), and link the name, sealed.

        Raises:
            UnknownPatient: The identifiers name none, or several.
        """
        identifiers = [identifier_of(each) for each in segment.repetitions(field) if each]
        if segment.name == "PID":  # PID-19: the social security number, so that it is known as one
            identifiers.append(Identifier("SS", "", segment.text(19)))
        record = medical_record(identifiers, self.rules.assigners, self.sender.facility)
        patient = pseudonym(self.rules.keys, self.envelope.tenant, record)
        self.findings.link(record_link(self.rules.keys, self.envelope.tenant, patient, record))
        return Subject(patient, record)

    def entity(self, assigner: str, *business_id: str) -> str:
        """Name a fact by what its assigner calls it, or else the sending application."""
        named_by = assigner or f"{self.sender.application}|{self.sender.facility}"
        return entity_id(self.rules.keys, self.envelope.tenant, named_by, *business_id)

    def code(self, concept: Composite, kind: type[Body]) -> Code | None:
        return chosen(codings_of(concept), STANDARDS[kind], self.rules.maps)

    def skip(self, name: str) -> None:
        """Count something as not used."""
        self.findings.unused[name] += 1


def identifier_of(extended: Composite) -> Identifier:
    """Read a CX: number, assigning authority or else facility, type."""
    authority = assigner_of(*(extended.text(4, part) for part in (1, 2, 3)))
    facility = assigner_of(*(extended.text(6, part) for part in (1, 2, 3)))
    return Identifier(extended.text(5), authority or facility, extended.text(1))


def assigner_of(namespace: str, universal: str, kind: str) -> str:
    """Name an authority as FHIR would: by its OID, else its universal id, else its local name."""
    if universal and kind == "ISO":
        return f"urn:oid:{universal}"
    return universal or namespace


def codings_of(concept: Composite) -> list[Code]:
    return [
        coding_of(concept.text(system), code)
        for component, system in CODINGS
        if (code := concept.text(component))
    ]
