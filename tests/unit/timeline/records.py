"""Small events to write histories with."""

from datetime import UTC, datetime, timedelta

from epione.timeline import (
    LOINC,
    RXNORM,
    SNOMED,
    Body,
    Code,
    Condition,
    Consent,
    Demographics,
    Gender,
    Medication,
    Observation,
    PatientEvent,
    PatientsMerged,
    PatientsUnmerged,
    Quantity,
    SourceVersion,
    Status,
)
from epione.timeline.codes import Measurement

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def event(
    body: Body,
    entity: str = "e-1",
    *,
    version: int = 1,
    patient: str = "p-1",
    day: int = 0,
    status: Status = Status.FINAL,
    delivery: str = "",
    effective_at: datetime | None = None,
) -> PatientEvent:
    """Give an event received on a day after `START`."""
    return PatientEvent(
        tenant="north",
        patient=patient,
        delivery_id=delivery or f"{entity}@{version}",
        entity_id=entity,
        version=SourceVersion(version),
        status=status,
        recorded_at=START + day * DAY,
        body=body,
        effective_at=effective_at,
    )


def person(
    birth_date: str = "1970-04-21",
    gender: Gender = Gender.MALE,
    deceased_at: datetime | None = None,
) -> Body:
    return Demographics(birth_date, gender, deceased_at)


def reading(measurement: Measurement, value: float, unit: str = "", comparator: str = "") -> Body:
    amount = Quantity(value, unit or measurement.unit, comparator)
    return Observation(Code(LOINC, measurement.loinc[0]), amount)


def condition(
    snomed: str,
    name: str = "",
    *,
    clinical_status: str = "active",
    onset_at: datetime | None = None,
    abated_at: datetime | None = None,
    verification: str = "confirmed",
) -> Body:
    code = Code(SNOMED, snomed, name)
    return Condition(code, clinical_status, onset_at, abated_at, verification)


def order(
    rxnorm: str,
    name: str = "",
    *,
    kind: str = "order",
    state: str = "active",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Body:
    return Medication(Code(RXNORM, rxnorm, name), kind, state, starts_at, ends_at)


def consent(scope: str, permitted: bool) -> Body:
    return Consent(scope, permitted)


def merge(retired: str, survivor: str, *, version: int = 1) -> list[PatientEvent]:
    """Give the link as both logs hold it."""
    return _link(PatientsMerged(retired, survivor), version)


def unmerge(retired: str, survivor: str, *, version: int = 2) -> list[PatientEvent]:
    return _link(PatientsUnmerged(retired, survivor), version)


def _link(body: PatientsMerged | PatientsUnmerged, version: int) -> list[PatientEvent]:
    entity = f"link-{body.retired}-{body.survivor}"
    return [
        event(body, entity, version=version, patient=patient)
        for patient in (body.retired, body.survivor)
    ]
