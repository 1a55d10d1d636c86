from datetime import UTC, datetime

import pytest
from tests.unit.ingestion.given import RULES, Json, coded, events, fhir, only, resource

from epione.errors import MalformedEvent
from epione.timeline import (
    ICD10CM,
    RXNORM,
    SNOMED,
    Allergy,
    Code,
    Condition,
    Encounter,
    Procedure,
    Status,
)
from epione_ingestion import translate

HYPERTENSION = coded(SNOMED, "59621000")


def stated(code: str) -> Json:
    return {"coding": [{"code": code}]}


def test_a_condition_is_read_with_its_times_and_certainty() -> None:
    condition = resource(
        "Condition",
        code=HYPERTENSION,
        clinicalStatus=stated("resolved"),
        verificationStatus=stated("provisional"),
        onsetDateTime="2025-01-02",
        abatementDateTime="2025-02-03",
    )

    event = only(fhir(condition))

    assert event.status is Status.PRELIMINARY
    assert event.effective_at == datetime(2025, 1, 2, tzinfo=UTC)
    assert event.body == Condition(
        Code(SNOMED, "59621000"),
        "resolved",
        datetime(2025, 1, 2, tzinfo=UTC),
        datetime(2025, 2, 3, tzinfo=UTC),
        "provisional",
    )


def test_a_condition_that_says_no_more_is_active_and_confirmed() -> None:
    event = only(fhir(resource("Condition", code=coded(ICD10CM, "I10"))))

    assert event.body == Condition(Code(ICD10CM, "I10"), "active", verification="confirmed")
    assert event.status is Status.FINAL


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_what_was_entered_in_error_is_withdrawn_without_its_code(kind: str) -> None:
    written = only(fhir(resource(kind, code=HYPERTENSION)))

    withdrawn = only(fhir(resource(kind, verificationStatus=stated("entered-in-error"))))

    assert withdrawn.status is Status.WITHDRAWN
    assert withdrawn.entity_id == written.entity_id


def test_a_refuted_allergy_no_longer_counts() -> None:
    refuted = resource(
        "AllergyIntolerance", code=coded(RXNORM, "723"), verificationStatus=stated("refuted")
    )

    assert only(fhir(refuted)).status is Status.WITHDRAWN


def test_an_allergy_is_read_with_its_criticality() -> None:
    allergy = resource("AllergyIntolerance", code=coded(RXNORM, "723"), criticality="high")

    assert only(fhir(allergy)).body == Allergy(Code(RXNORM, "723"), "active", "high")


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        pytest.param({"clinicalStatus": stated("gone")}, "clinicalStatus", id="clinical"),
        pytest.param({"clinicalStatus": {"text": "gone"}}, "clinicalStatus", id="a text alone"),
        pytest.param({"verificationStatus": stated("sure")}, "verificationStatus", id="certainty"),
    ],
)
def test_a_condition_s_unknown_status_is_refused(elements: Json, path: str) -> None:
    with pytest.raises(MalformedEvent, match=rf"Condition\.{path} must hold one of"):
        events(fhir(resource("Condition", code=HYPERTENSION, **elements)))


def test_an_encounter_is_read_with_its_class_times_and_reasons() -> None:
    encounter = resource(
        "Encounter",
        status="finished",
        period={"start": "2026-01-01T08:00:00Z", "end": "2026-01-01T09:00:00Z"},
        reasonCode=[HYPERTENSION, {"text": "Mr Cole feels unwell"}],
        **{"class": {"code": "AMB"}},
    )

    assert only(fhir(encounter)).body == Encounter(
        "AMB",
        datetime(2026, 1, 1, 8, tzinfo=UTC),
        datetime(2026, 1, 1, 9, tzinfo=UTC),
        (Code(SNOMED, "59621000"),),
    )


def test_an_encounter_s_class_that_is_no_code_is_not_kept() -> None:
    encounter = resource("Encounter", status="finished", **{"class": {"code": "with Mr Cole"}})

    assert only(fhir(encounter)).body == Encounter("")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("planned", Status.PRELIMINARY),
        ("finished", Status.FINAL),
        ("cancelled", Status.WITHDRAWN),
        ("entered-in-error", Status.WITHDRAWN),
    ],
)
def test_an_encounter_that_does_not_take_place_is_withdrawn(status: str, expected: Status) -> None:
    assert only(fhir(resource("Encounter", status=status))).status is expected


def test_a_procedure_is_read_at_its_end() -> None:
    period = {"start": "2026-01-01T08:00:00Z", "end": "2026-01-01T09:00:00Z"}
    procedure = resource(
        "Procedure", status="completed", code=coded(SNOMED, "232717009"), performedPeriod=period
    )

    at = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert only(fhir(procedure)).body == Procedure(Code(SNOMED, "232717009"), at)


def test_a_procedure_that_was_not_done_is_withdrawn() -> None:
    assert only(fhir(resource("Procedure", status="not-done"))).status is Status.WITHDRAWN


def test_a_procedure_without_a_code_is_counted() -> None:
    translation = translate(fhir(resource("Procedure", status="completed")), RULES)

    assert translation.unused == {"Procedure without a code": 1}
