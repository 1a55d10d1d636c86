"""ADT A01, A04 and A08: the patient, the visit, diagnoses, allergies and observations."""

from epione.errors import MalformedEvent, Rejected
from epione.timeline import Allergy, Condition, Encounter, Status
from epione_ingestion.hl7v2.demographics import read_demographics
from epione_ingestion.hl7v2.er7 import Segment
from epione_ingestion.hl7v2.reading import Reading, Subject, assigner_of, codings_of
from epione_ingestion.hl7v2.results import Order, read_observation

# HL7 table 0004 to v3 ActCode, as the HL7 guide "v2 to FHIR" maps them (ConceptMap PV1-2).
CLASSES = {"I": "IMP", "O": "AMB", "E": "EMER", "P": "PRENC"}


def read_admission(reading: Reading) -> None:
    """Read an admission, registration or update.

    Raises:
        Rejected: PID is absent, or does not say whose the message is.
    """
    pid = next((each for each in reading.segments if each.name == "PID"), None)
    if pid is None:
        raise MalformedEvent("no PID")
    subject, order = reading.subject(pid, 3), Order()
    visit = next((each for each in reading.segments if each.name == "PV1"), None)
    for segment in reading.segments:
        try:
            match segment.name:
                case "PID":
                    read_demographics(reading, subject, segment, "PID")
                case "PV1":
                    _read_visit(reading, subject, segment)
                case "DG1":
                    _read_diagnosis(reading, subject, segment, visit)
                case "AL1":
                    _read_allergy(reading, subject, segment)
                case "OBX":
                    read_observation(reading, subject, order, segment)
        except Rejected as fault:
            reading.findings.refuse(fault, "")


def _read_visit(reading: Reading, subject: Subject, segment: Segment) -> None:
    number = segment.text(19)
    if not number:
        reading.skip("PV1 without a visit number")
        return
    start = reading.time(segment, 44)
    encounter = Encounter(CLASSES.get(segment.text(2), ""), start, reading.time(segment, 45))
    reading.add(subject, reading.entity("", "PV1", number), encounter, effective_at=start)


def _read_diagnosis(
    reading: Reading, subject: Subject, segment: Segment, visit: Segment | None
) -> None:
    if (code := reading.code(segment.first(3), Condition)) is None:
        reading.skip("DG1 without a code")
        return
    is_final = segment.text(6) == "F"  # HL7 table 0052: else admitting or working
    status = Status.FINAL if is_final else Status.PRELIMINARY
    if segment.text(21) == "D":  # HL7 table 0206: delete
        status = Status.WITHDRAWN
    at = reading.time(segment, 5)
    condition = Condition(
        code, onset_at=at, verification="confirmed" if is_final else "provisional"
    )
    entity = _entity_of_diagnosis(reading, subject, segment, visit)
    reading.add(subject, entity, condition, status, at)


def _entity_of_diagnosis(
    reading: Reading, subject: Subject, segment: Segment, visit: Segment | None
) -> str:
    """Name a diagnosis: by its identifier (DG1-20), else by patient, visit and code."""
    if (identifier := segment.first(20)).text():
        assigner = assigner_of(*(identifier.text(part) for part in (2, 3, 4)))
        return reading.entity(assigner, "DG1", identifier.text())
    coding = codings_of(segment.first(3))[0]
    number = visit.text(19) if visit else ""
    record = subject.record
    return reading.entity(
        "", "DG1", record.assigner, record.number, number, coding.system, coding.code
    )


def _read_allergy(reading: Reading, subject: Subject, segment: Segment) -> None:
    if (substance := reading.code(segment.first(3), Allergy)) is None:
        reading.skip("AL1 without a code")
        return
    coding = codings_of(segment.first(3))[0]
    record = subject.record
    entity = reading.entity("", "AL1", record.assigner, record.number, coding.system, coding.code)
    reading.add(subject, entity, Allergy(substance), effective_at=reading.time(segment, 6))
