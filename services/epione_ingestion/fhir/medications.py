"""MedicationRequest and MedicationStatement: what was ordered, and what is taken."""

from datetime import datetime

from epione.timeline import Code, Medication, Status
from epione_ingestion.fhir.reading import Reading
from epione_ingestion.node import Node

# R4 medicationrequest-status and medication-statement-status.
REQUEST_STATUSES = {
    "active": Status.FINAL,
    "on-hold": Status.FINAL,
    "cancelled": Status.WITHDRAWN,  # before it was given
    "completed": Status.FINAL,
    "entered-in-error": Status.WITHDRAWN,
    "stopped": Status.FINAL,
    "draft": Status.PRELIMINARY,
    "unknown": Status.PRELIMINARY,
}
STATEMENT_STATUSES = {
    "active": Status.FINAL,
    "completed": Status.FINAL,
    "entered-in-error": Status.WITHDRAWN,
    "intended": Status.PRELIMINARY,
    "stopped": Status.FINAL,
    "on-hold": Status.FINAL,
    "unknown": Status.PRELIMINARY,
    "not-taken": Status.FINAL,
}

# R4 medicationrequest-intent: those that are orders, and those that are thoughts.
ORDERS = dict.fromkeys(
    ("order", "original-order", "reflex-order", "filler-order", "instance-order"), True
)
THOUGHTS = dict.fromkeys(("proposal", "plan", "option"), False)


def read_medication_request(reading: Reading) -> None:
    resource = reading.resource
    status = reading.one_of(REQUEST_STATUSES)
    if not reading.one_of(ORDERS | THOUGHTS, "intent"):
        reading.skip("that is no order")
        return
    if resource.truth("doNotPerform"):
        reading.skip("not to be performed")
        return
    if (drug := _drug_of(reading, status)) is None:
        return
    authored_at = reading.time(resource, "authoredOn")
    start, end = _bounds(reading)
    medication = Medication(drug, "order", resource.text("status"), start or authored_at, end)
    reading.add(medication, status, authored_at)


def read_medication_statement(reading: Reading) -> None:
    status = reading.one_of(STATEMENT_STATUSES)
    if (drug := _drug_of(reading, status)) is None:
        return
    resource = reading.resource
    start, end = reading.period(resource, "effectivePeriod")
    start = reading.time(resource, "effectiveDateTime") or start
    medication = Medication(drug, "statement", resource.text("status"), start, end)
    reading.add(medication, status, start or reading.time(resource, "dateAsserted"))


def _drug_of(reading: Reading, status: Status) -> Code | None:
    """Give the drug's code, be it here or in a Medication of the same message."""
    resource = reading.resource
    concept = resource.node("medicationCodeableConcept")
    reference = resource.node("medicationReference")
    if concept is None and status is not Status.WITHDRAWN:
        if reference is None:
            raise resource.refusal("medication[x]", "is required")
        concept = _referred(reading, reference)
    return reading.code(concept, Medication, status)


def _referred(reading: Reading, reference: Node) -> Node | None:
    found = reading.contents.find(reference.text("reference"), reading.entry)
    if found is None or found.type != "Medication":
        raise reference.refusal("reference", "must be of a Medication in the same message")
    return found.resource.node("code")


def _bounds(reading: Reading) -> tuple[datetime | None, datetime | None]:
    """Give from when until when the drug is to be taken, as far as the order says it."""
    bounds = []
    for instruction in reading.resource.nodes("dosageInstruction"):
        timing = instruction.node("timing")
        repeat = timing.node("repeat") if timing else None
        bounds.append(reading.period(repeat, "boundsPeriod"))
    starts = [start for start, _ in bounds if start]
    ends = [end for _, end in bounds if end]
    return min(starts, default=None), max(ends, default=None)
