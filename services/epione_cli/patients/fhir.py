"""FHIR R4 resources of a synthetic chart, as a hospital's server would export them."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from epione.timeline import LOINC, RXNORM, SNOMED

Resource = dict[str, object]

UCUM = "http://unitsofmeasure.org"
V2_IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
CONDITION_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
# 2.999 is the arc that X.660 sets apart for examples: no hospital has it.
ASSIGNER = "2.999.7.1"
NAMESPACE = uuid.UUID("6f1d3c2e-0e62-5a41-9f57-2d6a35a6b7c1")


@dataclass(frozen=True, slots=True)
class Person:
    """Nobody. The names say so, and show that no name comes out of Epione."""

    medical_record: str
    family: str
    given: str
    gender: str
    birth_date: date

    @property
    def url(self) -> str:
        return _url("Patient", self.medical_record)


def _url(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, '/'.join(parts))}"


def patient(person: Person, at: datetime) -> Resource:
    return {
        "resourceType": "Patient",
        "id": person.url.removeprefix("urn:uuid:"),
        "meta": {"lastUpdated": at.isoformat()},
        "identifier": [
            {
                "type": {"coding": [{"system": V2_IDENTIFIER_TYPE, "code": "MR"}]},
                "system": f"urn:oid:{ASSIGNER}",
                "value": person.medical_record,
            }
        ],
        "name": [{"family": person.family, "given": [person.given]}],
        "gender": person.gender,
        "birthDate": person.birth_date.isoformat(),
        "address": [{"line": ["1 Nowhere Lane"], "city": "Exampleton", "postalCode": "00000"}],
        "telecom": [{"system": "phone", "value": "555-0100-0199"}],
    }


def measured(
    person: Person, at: datetime, loinc: str, name: str, value: float, unit: str
) -> Resource:
    """Give an Observation of one quantity; `unit` is UCUM."""
    return _observation(person, at, loinc, name) | {"valueQuantity": _quantity(value, unit)}


def found(
    person: Person, at: datetime, loinc: str, name: str, snomed: str, answer: str
) -> Resource:
    """Give an Observation whose answer is a concept."""
    return _observation(person, at, loinc, name) | {
        "valueCodeableConcept": _concept(SNOMED, snomed, answer)
    }


def blood_pressure(person: Person, at: datetime, systolic: float, diastolic: float) -> Resource:
    """Give a blood pressure panel, mmHg."""
    return _observation(person, at, "85354-9", "Blood pressure panel") | {
        "component": [
            {
                "code": _concept(LOINC, loinc, name),
                "valueQuantity": _quantity(value, "mm[Hg]"),
            }
            for loinc, name, value in (
                ("8480-6", "Systolic blood pressure", systolic),
                ("8462-4", "Diastolic blood pressure", diastolic),
            )
        ]
    }


def diagnosed(
    person: Person, at: datetime, snomed: str, name: str, since: datetime | None = None
) -> Resource:
    """Give a Condition of the problem list; where `since` is not said, since it was recorded."""
    return _resource(person, "Condition", at, snomed) | {
        "clinicalStatus": _concept(CONDITION_CLINICAL, "active", "Active"),
        "verificationStatus": _concept(CONDITION_VERIFICATION, "confirmed", "Confirmed"),
        "code": _concept(SNOMED, snomed, name),
        "onsetDateTime": (since or at).isoformat(),
        "recordedDate": at.isoformat(),
    }


def ordered(person: Person, at: datetime, rxnorm: str, name: str) -> Resource:
    """Give an active order of a clinical drug."""
    return _resource(person, "MedicationRequest", at, rxnorm) | {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(RXNORM, rxnorm, name),
        "authoredOn": at.isoformat(),
    }


def allergic(person: Person, at: datetime, rxnorm: str, name: str) -> Resource:
    resource = _resource(person, "AllergyIntolerance", at, rxnorm)
    resource["patient"] = resource.pop("subject")
    return resource | {
        "clinicalStatus": _concept(ALLERGY_CLINICAL, "active", "Active"),
        "criticality": "high",
        "code": _concept(RXNORM, rxnorm, name),
        "recordedDate": at.isoformat(),
    }


def seen(person: Person, at: datetime) -> Resource:
    """Give an office visit of half an hour."""
    return _resource(person, "Encounter", at, "visit") | {
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
        },
        "period": {"start": at.isoformat(), "end": (at + timedelta(minutes=30)).isoformat()},
    }


def bundle(resources: Sequence[Resource]) -> bytes:
    """Give a collection Bundle."""
    entries = [
        {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources
    ]
    content = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return json.dumps(content, indent=1).encode()


def _resource(person: Person, kind: str, at: datetime, what: str) -> Resource:
    url = _url(kind, person.medical_record, what, at.isoformat())
    return {
        "resourceType": kind,
        "id": url.removeprefix("urn:uuid:"),
        "meta": {"lastUpdated": at.isoformat()},
        "subject": {"reference": person.url},
    }


def _observation(person: Person, at: datetime, loinc: str, name: str) -> Resource:
    return _resource(person, "Observation", at, loinc) | {
        "status": "final",
        "code": _concept(LOINC, loinc, name),
        "effectiveDateTime": at.isoformat(),
    }


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}
