"""Whose a resource is."""

from epione.errors import UnknownPatient
from epione.identity import Identifier, MedicalRecord, alias, medical_record, pseudonym
from epione_ingestion.fhir.entries import ADDRESS, Contents, Entry
from epione_ingestion.node import Node
from epione_ingestion.rules import Rules


def record_of(patient: Entry, rules: Rules) -> MedicalRecord:
    """Give the medical record of a Patient resource.

    Raises:
        UnknownPatient: Its identifiers name none, or several.
    """
    identifiers = [identifier_of(each) for each in patient.resource.nodes("identifier")]
    return medical_record(identifiers, rules.assigners, patient.base)


def patient_of(entry: Entry, contents: Contents, tenant: str, rules: Rules) -> str:
    """Name the patient of a resource.

    By the medical record number where the message itself gives it: in the Patient resource that
    is referred to, or as the reference's identifier. Else by the alias of "Patient/<id>".

    Raises:
        UnknownPatient: No patient is referred to, or by a name that only another message knows.
    """
    subject = entry.resource.node("subject") or entry.resource.node("patient")
    if subject is None:
        raise UnknownPatient(f"{entry.type} has no subject")
    reference = subject.text("reference")
    if reference and (patient := contents.find(reference, entry)) is not None:
        if patient.type != "Patient":
            raise UnknownPatient(f"{entry.type}.subject is no Patient")
        return pseudonym(rules.keys, tenant, record_of(patient, rules))
    if (identifier := subject.node("identifier")) is not None:
        record = medical_record([identifier_of(identifier)], rules.assigners, entry.base)
        return pseudonym(rules.keys, tenant, record)
    match = ADDRESS.fullmatch(reference)
    if match is None or match[2] != "Patient":
        raise UnknownPatient(f"{entry.type}.subject refers to no Patient that can be found")
    base = match[1] or entry.base
    if not base:
        raise UnknownPatient(
            f"{entry.type}.subject names a server's id, and no ce_source which server"
        )
    return alias(rules.keys, tenant, base, f"Patient/{match[3]}")


def identifier_of(node: Node) -> Identifier:
    """Read an Identifier; one that is no longer in use has no value here."""
    concept = node.node("type")
    codings = concept.nodes("coding") if concept else []
    codes = [code for coding in codings if (code := coding.text("code"))]
    kind = codes[0] if codes else (concept.text("text") if concept else "")
    value = "" if node.text("use") == "old" else node.text("value")
    return Identifier(kind, node.text("system"), value)
