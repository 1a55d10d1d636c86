"""Whose a resource is."""

from epione.errors import UnknownPatient
from epione.identity import Identifier, MedicalRecord, alias, medical_record, pseudonym
from epione_ingestion.fhir.entries import ADDRESS, Contents, Entry
from epione_ingestion.node import Node
from epione_ingestion.rules import Rules


class Patients:
    """Names the patients of one message."""

    def __init__(self, contents: Contents, tenant: str, rules: Rules) -> None:
        self._contents, self._tenant, self._rules = contents, tenant, rules
        self._known: dict[Entry, tuple[str, MedicalRecord]] = {}

    def of_patient(self, entry: Entry) -> tuple[str, MedicalRecord]:
        """Give the pseudonym and the medical record of a Patient resource.

        Raises:
            UnknownPatient: Its identifiers name no record, or several.
        """
        if entry not in self._known:
            identifiers = [identifier_of(each) for each in entry.resource.nodes("identifier")]
            record = medical_record(identifiers, self._rules.assigners, entry.base)
            self._known[entry] = pseudonym(self._rules.keys, self._tenant, record), record
        return self._known[entry]

    def of(self, entry: Entry) -> str:
        """Name the patient of a resource.

        By the medical record number where the message itself gives it: in the Patient resource
        that is referred to, or as the reference's identifier. Else by the alias of "Patient/<id>".

        Raises:
            UnknownPatient: No patient is referred to, or by a name that no message can know.
        """
        if entry.type == "Patient":
            return self.of_patient(entry)[0]
        subject = entry.resource.node("subject") or entry.resource.node("patient")
        if subject is None:
            raise UnknownPatient(f"{entry.type} has no subject")
        reference = subject.text("reference")
        if reference and (patient := self._contents.find(reference, entry)) is not None:
            if patient.type != "Patient":
                raise UnknownPatient(f"{entry.type}.subject is no Patient")
            return self.of_patient(patient)[0]
        if (identifier := subject.node("identifier")) is not None:
            named = [identifier_of(identifier)]
            record = medical_record(named, self._rules.assigners, entry.base)
            return pseudonym(self._rules.keys, self._tenant, record)
        return self._alias(entry, reference)

    def _alias(self, entry: Entry, reference: str) -> str:
        match = ADDRESS.fullmatch(reference)
        if match is None or match[2] != "Patient":
            raise UnknownPatient(f"{entry.type}.subject refers to no Patient that can be found")
        base = match[1] or entry.base
        if not base:
            raise UnknownPatient(f"{entry.type}.subject is an id, and no ce_source says whose")
        return alias(self._rules.keys, self._tenant, base, f"Patient/{match[3]}")


def identifier_of(node: Node) -> Identifier:
    """Read an Identifier; one that is no longer in use has no value here."""
    concept = node.node("type")
    codings = concept.nodes("coding") if concept else []
    codes = [code for coding in codings if (code := coding.text("code"))]
    kind = codes[0] if codes else (concept.text("text") if concept else "")
    value = "" if node.text("use") == "old" else node.text("value")
    return Identifier(kind, node.text("system"), value)
