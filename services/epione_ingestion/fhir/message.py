"""A FHIR message: one resource, or a Bundle of any type."""

from collections.abc import Callable

from epione.errors import MalformedEvent, Rejected
from epione_ingestion.envelope import Envelope
from epione_ingestion.fhir.clinical import (
    read_allergy,
    read_condition,
    read_encounter,
    read_procedure,
)
from epione_ingestion.fhir.consents import read_consent
from epione_ingestion.fhir.demographics import read_patient
from epione_ingestion.fhir.entries import Contents, Entry, entry_of
from epione_ingestion.fhir.medications import read_medication_request, read_medication_statement
from epione_ingestion.fhir.observations import read_observation
from epione_ingestion.fhir.patients import Patients
from epione_ingestion.fhir.reading import Reading
from epione_ingestion.fhir.types import RESOURCE_TYPES
from epione_ingestion.findings import Findings
from epione_ingestion.node import Node, parsed_json
from epione_ingestion.rules import Rules

READERS: dict[str, Callable[[Reading], None]] = {
    "Patient": read_patient,
    "Observation": read_observation,
    "Condition": read_condition,
    "MedicationRequest": read_medication_request,
    "MedicationStatement": read_medication_statement,
    "AllergyIntolerance": read_allergy,
    "Encounter": read_encounter,
    "Procedure": read_procedure,
    "Consent": read_consent,
}
REFERRED = frozenset({"Medication"})  # read where another resource refers to it


def read_fhir(value: bytes, envelope: Envelope, rules: Rules) -> Findings:
    """Find what a message holds; a resource at fault does not hide the others.

    Raises:
        MalformedEvent: It is no FHIR JSON.
    """
    root = parsed_json(value)
    findings = Findings()
    entries = _entries_of(root, envelope.source, findings)
    contents = Contents([entry for _, entry in entries])
    patients = Patients(contents, envelope.tenant, rules)
    for place, entry in entries:
        mark = len(findings.facts)
        try:
            _read(Reading(entry, contents, patients, envelope, rules, findings))
        except Rejected as fault:
            del findings.facts[mark:]
            findings.refuse(fault, place)
    return findings


def _entries_of(root: Node, source: str, findings: Findings) -> list[tuple[str, Entry]]:
    """Give the resources with their places, "entry 3: "; "" for a message of one resource."""
    if _type_of(root) != "Bundle":
        return [("", entry_of(_named(root), source))]
    entries = []
    for index, node in enumerate(root.members("entry")):
        place = f"entry {index}: "
        try:
            if (entry := _entry_of(node, source, findings)) is not None:
                entries.append((place, entry))
        except MalformedEvent as fault:
            findings.refuse(fault, place)
    return entries


def _entry_of(node: Node | None, source: str, findings: Findings) -> Entry | None:
    if node is None:
        raise MalformedEvent("is not an object")
    request, resource = node.node("request"), node.node("resource")
    method = request.text("method") if request else ""
    if resource is None:
        findings.unused[f"{method} request" if method in ("GET", "DELETE") else "empty entry"] += 1
        return None
    _type_of(resource)
    resource.text("id")
    return entry_of(_named(resource), source, node.text("fullUrl"), method)


def _read(reading: Reading) -> None:
    kind = reading.entry.type
    if (reader := READERS.get(kind)) is not None:
        reader(reading)
    elif kind not in REFERRED:
        reading.findings.unused[kind] += 1


def _type_of(resource: Node) -> str:
    name = resource.text("resourceType")
    if name not in RESOURCE_TYPES:
        raise MalformedEvent("resourceType is not one of FHIR R4")
    return name


def _named(resource: Node) -> Node:
    """Give the resource under its type's name, by which a refusal then names its elements."""
    return resource.at(resource.text("resourceType"))
