"""Which of a patient's identifiers is the medical record number.

Identifier types are those of HL7 table 0203 (v2.9), which FHIR R4 shares.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from epione.errors import UnknownPatient

# In this order; the first type of which there is one identifier decides. "" is an identifier
# whose type is not said.
USED_TYPES = (("MR", "MRN"), ("PI",), ("",))

# Social security numbers by another name: the US one and the Dutch one, as FHIR R4 ("Identifier
# Registry") and the HL7 OID registry list them, and the US authority as HL7 v2.9 chapter 3 has it.
SOCIAL_SECURITY_ASSIGNERS = frozenset(
    {
        "http://hl7.org/fhir/sid/us-ssn",
        "urn:oid:2.16.840.1.113883.4.1",
        "USSSA",
        "http://fhir.nl/fhir/NamingSystem/bsn",
        "urn:oid:2.16.840.1.113883.2.4.6.3",
    }
)
SOCIAL_SECURITY_TYPES = frozenset({"SS", "SSN", "BSN"})
SOCIAL_SECURITY_SHAPE = re.compile(r"\d{3}-\d{2}-\d{4}")


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """As a sender gives it. `type` is "" where it is not said."""

    type: str
    assigner: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class MedicalRecord:
    """A medical record number and who assigned it."""

    assigner: str
    number: str


@dataclass(frozen=True, slots=True)
class Assigners:
    """What the operator says of assigning authorities."""

    # Several names of one authority to the one used: {"MAIN": "http://hospital.example/mrn"}.
    synonyms: Mapping[str, str] = field(default_factory=dict)
    # Whose number counts where a patient has several.
    preferred: tuple[str, ...] = ()

    def name_of(self, assigner: str) -> str:
        return self.synonyms.get(assigner, assigner)


def medical_record(
    identifiers: Sequence[Identifier], assigners: Assigners, default_assigner: str = ""
) -> MedicalRecord:
    """Choose the medical record number: type MR, else PI, else one without a type.

    A social security number is never chosen, nor is another identifier with the same digits.

    Args:
        identifiers: All that the message gives of the patient, social security numbers included.
        assigners: Their synonyms, and which of them decides among several.
        default_assigner: The authority for an identifier that names none; "" refuses it.

    Raises:
        UnknownPatient: There is none, several contradict each other, or its authority is unknown.
    """
    usable = _without_social_security(identifiers)
    for types in USED_TYPES:
        records = {
            MedicalRecord(assigners.name_of(each.assigner or default_assigner), each.value)
            for each in usable
            if each.type in types
        }
        if records:
            return _one_of(records, assigners.preferred)
    raise UnknownPatient("no identifier is of type MR or PI, or without a type")


def _one_of(records: set[MedicalRecord], preferred: Sequence[str]) -> MedicalRecord:
    for assigner in preferred:
        of_assigner = [record for record in records if record.assigner == assigner]
        if len(of_assigner) == 1:
            return of_assigner[0]
    if len(records) > 1:
        raise UnknownPatient(f"{len(records)} medical record numbers, and no preferred assigner")
    (record,) = records
    if not record.assigner:
        raise UnknownPatient("the medical record number names no assigning authority")
    return record


def _without_social_security(identifiers: Sequence[Identifier]) -> list[Identifier]:
    forbidden = {_digits(each.value) for each in identifiers if _is_social_security(each)}
    return [each for each in identifiers if each.value and _digits(each.value) not in forbidden]


def _is_social_security(identifier: Identifier) -> bool:
    return (
        identifier.type in SOCIAL_SECURITY_TYPES
        or identifier.assigner in SOCIAL_SECURITY_ASSIGNERS
        or (not identifier.type and SOCIAL_SECURITY_SHAPE.fullmatch(identifier.value) is not None)
    )


def _digits(value: str) -> str:
    return re.sub(r"\D", "", value) or value
