from datetime import UTC, datetime

import pytest
from tests.unit.ingestion.given import RULES, Json, coded, events, fhir, only, resource

from epione.errors import MalformedEvent
from epione.timeline import RXNORM, Code, Medication, Status
from epione_ingestion import translate

CLOPIDOGREL = coded(RXNORM, "32968")
DRUG = Code(RXNORM, "32968")


def request(**elements: object) -> Json:
    defaults = {"status": "active", "intent": "order", "medicationCodeableConcept": CLOPIDOGREL}
    return resource("MedicationRequest", **(defaults | elements))


def statement(**elements: object) -> Json:
    defaults = {"status": "active", "medicationCodeableConcept": CLOPIDOGREL}
    return resource("MedicationStatement", **(defaults | elements))


def test_an_order_is_read_with_its_drug_and_state() -> None:
    event = only(fhir(request(authoredOn="2026-01-02")))

    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert event.body == Medication(DRUG, "order", "active", at, None)
    assert event.effective_at == at


def test_the_times_of_intake_are_those_of_the_dosage() -> None:
    timing = {"repeat": {"boundsPeriod": {"start": "2026-02-01", "end": "2026-02-08"}}}
    event = only(fhir(request(authoredOn="2026-01-02", dosageInstruction=[{"timing": timing}])))

    assert isinstance(event.body, Medication)
    assert event.body.starts_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert event.body.ends_at == datetime(2026, 2, 8, tzinfo=UTC)


def test_the_drug_is_found_in_a_contained_medication() -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": CLOPIDOGREL}
    order = {"contained": [medication], "medicationReference": {"reference": "#m1"}}

    event = only(fhir(request(medicationCodeableConcept=None, **order)))

    assert isinstance(event.body, Medication)
    assert event.body.drug == DRUG


def test_the_drug_is_found_in_a_medication_of_the_bundle() -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": CLOPIDOGREL}
    reference = {"reference": "Medication/m1"}
    order = request(medicationCodeableConcept=None, medicationReference=reference)

    translation = translate(fhir([medication, order]), RULES)

    assert len(translation.messages) == 1
    assert not translation.unused


def test_a_drug_that_no_message_can_find_is_refused() -> None:
    reference = {"reference": "Medication/elsewhere"}

    with pytest.raises(MalformedEvent, match="must be of a Medication in the same message"):
        events(fhir(request(medicationCodeableConcept=None, medicationReference=reference)))


def test_an_order_without_a_drug_is_refused() -> None:
    with pytest.raises(MalformedEvent, match=r"medication\[x\] is required"):
        events(fhir(request(medicationCodeableConcept=None)))


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_an_order_taken_back_needs_no_drug(status: str) -> None:
    taken_back = only(fhir(request(status=status, medicationCodeableConcept=None)))

    assert taken_back.status is Status.WITHDRAWN
    assert taken_back.entity_id == only(fhir(request())).entity_id


@pytest.mark.parametrize(
    ("elements", "name"),
    [
        pytest.param({"intent": "proposal"}, "that is no order", id="a proposal"),
        pytest.param({"doNotPerform": True}, "not to be performed", id="a prohibition"),
        pytest.param({"medicationCodeableConcept": {"text": "x"}}, "without a code", id="a text"),
    ],
)
def test_what_is_no_order_of_a_drug_is_counted(elements: Json, name: str) -> None:
    translation = translate(fhir(request(**elements)), RULES)

    assert translation.messages == ()
    assert translation.unused == {f"MedicationRequest {name}": 1}


def test_a_statement_is_read_with_its_period() -> None:
    period = {"start": "2026-01-01", "end": "2026-01-31"}

    assert only(fhir(statement(status="completed", effectivePeriod=period))).body == Medication(
        DRUG,
        "statement",
        "completed",
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 31, tzinfo=UTC),
    )


def test_an_intended_intake_is_preliminary() -> None:
    assert only(fhir(statement(status="intended"))).status is Status.PRELIMINARY
