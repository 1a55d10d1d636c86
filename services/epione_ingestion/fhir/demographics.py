"""Patient: who it is, sealed, and what of it matters to a plan."""

from datetime import datetime, timedelta

from epione.identity import alias, alias_link, link_id, record_link
from epione.timeline import Demographics, Gender, PatientsMerged, Status
from epione.wire.encoding import EPOCH
from epione_ingestion.fhir.reading import Reading
from epione_ingestion.findings import Fact
from epione_ingestion.times import fhir_date

GENDERS = {gender.value: gender for gender in Gender}


def read_patient(reading: Reading) -> None:
    """Note the demographics, and tie the server's name for the patient to the record."""
    resource, keys, tenant = reading.resource, reading.rules.keys, reading.envelope.tenant
    birth_date = resource.text("birthDate")
    demographics = Demographics(
        birth_date=fhir_date(birth_date, f"{resource.path}.birthDate") if birth_date else "",
        gender=reading.one_of(GENDERS, "gender") if "gender" in resource else Gender.UNKNOWN,
        deceased_at=_deceased_at(reading),
    )
    reading.add(demographics)
    patient, record = reading.patients.of_patient(reading.entry)
    reading.findings.link(record_link(keys, tenant, patient, record))
    if reading.entry.name and reading.entry.base:
        _tie_alias(reading, patient)
    if "link" in resource:
        reading.skip("link")


def _deceased_at(reading: Reading) -> datetime | None:
    """Give the time of death; where it is only said that it was, when that was said."""
    if reading.resource.truth("deceasedBoolean"):
        return EPOCH + timedelta(microseconds=reading.version().time_us)
    return reading.time(reading.resource, "deceasedDateTime")


def _tie_alias(reading: Reading, survivor: str) -> None:
    """Merge the log of what was said of "Patient/<id>" alone into the record's, on both logs."""
    keys, tenant = reading.rules.keys, reading.envelope.tenant
    base, name = reading.entry.base, reading.entry.name
    retired = alias(keys, tenant, base, name)
    reading.findings.link(alias_link(keys, tenant, retired, base, name))
    reading.findings.facts.extend(
        Fact(
            patient=patient,
            entity_id=link_id(keys, tenant, retired, survivor),
            version=reading.version(),
            status=Status.FINAL,
            body=PatientsMerged(retired, survivor),
        )
        for patient in (retired, survivor)
    )
