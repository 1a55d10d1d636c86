from dataclasses import replace
from datetime import UTC, datetime

from epione.timeline import (
    LOINC,
    Body,
    Code,
    Medication,
    Observation,
    PatientEvent,
    SourceVersion,
    Status,
)
from epione_ingestion import UnmappedCode, count_unmapped

LOCAL = Code("urn:id:L", "CHOL")


def event(entity_id: str, body: Body) -> PatientEvent:
    return PatientEvent(
        tenant="north",
        patient="p1",
        delivery_id="hospital.fhir.v1/0/0/0",
        entity_id=entity_id,
        version=SourceVersion(1),
        status=Status.FINAL,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        body=body,
    )


def test_codes_are_counted_by_kind_system_and_code() -> None:
    counts = count_unmapped(
        [
            event("e1", Observation(LOCAL, None)),
            event("e2", Observation(LOCAL, None)),
            event("e3", Medication(LOCAL)),
            event("e4", Observation(Code(LOINC, "2093-3"), None)),
        ]
    )

    assert counts == {
        UnmappedCode("Observation", "urn:id:L", "CHOL"): 2,
        UnmappedCode("Medication", "urn:id:L", "CHOL"): 1,
    }


def test_versions_of_one_fact_count_once() -> None:
    first = event("e1", Observation(LOCAL, None))

    assert count_unmapped([first, replace(first, version=SourceVersion(2))]).total() == 1


def test_a_fact_that_was_mapped_since_no_longer_counts() -> None:
    before = event("e1", Observation(LOCAL, None))
    after = event("e1", Observation(Code(LOINC, "2093-3"), None))

    assert count_unmapped([before, after]).total() == 0
