from datetime import UTC, datetime

import pytest
from tests.unit.ingestion.given import RULES, Json, bodies, coded, events, fhir, only, resource

from epione.errors import MalformedEvent
from epione.timeline import LOINC, SNOMED, Code, Observation, Quantity, Status
from epione_ingestion import translate

UCUM = "http://unitsofmeasure.org"


def observation(**elements: object) -> Json:
    defaults = {"status": "final", "code": coded(LOINC, "2093-3")}
    return resource("Observation", **(defaults | elements))


def quantity(value: object, unit: str, **elements: object) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **elements}


def pressure(*components: Json, status: str = "final") -> Json:
    return observation(code=coded(LOINC, "85354-9"), status=status, component=list(components))


SYSTOLIC: Json = {"code": coded(LOINC, "8480-6"), "valueQuantity": quantity(140, "mm[Hg]")}
DIASTOLIC: Json = {"code": coded(LOINC, "8462-4"), "valueQuantity": quantity(90, "mm[Hg]")}


@pytest.mark.parametrize(
    ("elements", "value", "absent_reason"),
    [
        pytest.param(
            {"valueQuantity": quantity(210, "mg/dL")}, Quantity(210, "mg/dL"), "", id="a quantity"
        ),
        pytest.param(
            {"valueQuantity": quantity(5, "mg/dL", comparator="<")},
            Quantity(5, "mg/dL", "<"),
            "",
            id="a bound",
        ),
        pytest.param(
            {"valueQuantity": {"value": 210, "unit": "mg / dl"}},
            Quantity(210, "mg/dL"),
            "",
            id="a unit that is not coded",
        ),
        pytest.param(
            {"valueQuantity": {"unit": "mg/dL"}}, None, "unknown", id="a quantity without a value"
        ),
        pytest.param(
            {"valueCodeableConcept": coded(SNOMED, "8517006")},
            Code(SNOMED, "8517006"),
            "",
            id="a code",
        ),
        pytest.param(
            {"valueCodeableConcept": {"text": "Mr Cole smokes"}},
            None,
            "free-text",
            id="a text alone",
        ),
        pytest.param(
            {"valueCodeableConcept": {"coding": [{"code": "Cole"}]}},
            None,
            "free-text",
            id="a code of no system may be any text",
        ),
        pytest.param({"valueBoolean": False}, False, "", id="a truth"),
        pytest.param({"valueInteger": 3}, Quantity(3, "1"), "", id="a count"),
        pytest.param({"valueString": "Mr Cole smokes"}, None, "free-text", id="a text"),
        pytest.param({"valueRange": {}}, None, "unsupported", id="a range"),
        pytest.param(
            {"dataAbsentReason": {"coding": [{"code": "masked"}]}}, None, "masked", id="a reason"
        ),
        pytest.param(
            {"dataAbsentReason": {"coding": [{"code": "Cole"}]}}, None, "unknown", id="not a reason"
        ),
        pytest.param({}, None, "unknown", id="nothing"),
    ],
)
def test_a_value_is_read_by_its_type(
    elements: Json, value: Quantity | Code | bool | None, absent_reason: str
) -> None:
    body = only(fhir(observation(**elements))).body

    assert body == Observation(Code(LOINC, "2093-3"), value, absent_reason)


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("registered", Status.PRELIMINARY),
        ("preliminary", Status.PRELIMINARY),
        ("final", Status.FINAL),
        ("amended", Status.CORRECTED),
        ("corrected", Status.CORRECTED),
        ("cancelled", Status.WITHDRAWN),
        ("entered-in-error", Status.WITHDRAWN),
        ("unknown", Status.PRELIMINARY),
    ],
)
def test_the_status_says_how_far_it_may_be_trusted(stated: str, status: Status) -> None:
    assert only(fhir(observation(status=stated))).status is status


@pytest.mark.parametrize(
    ("elements", "effective_at"),
    [
        pytest.param(
            {"effectiveDateTime": "2026-01-02T03:04:05+02:00"},
            datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC),
            id="its time",
        ),
        pytest.param(
            {"effectivePeriod": {"start": "2026-01-02", "end": "2026-01-03"}},
            datetime(2026, 1, 2, tzinfo=UTC),
            id="its period's start",
        ),
        pytest.param(
            {"issued": "2026-01-04T00:00:00Z"},
            datetime(2026, 1, 4, tzinfo=UTC),
            id="when it was issued, where it says no more",
        ),
        pytest.param({}, None, id="it does not say"),
    ],
)
def test_it_was_true_at_its_effective_time(elements: Json, effective_at: datetime | None) -> None:
    assert only(fhir(observation(**elements))).effective_at == effective_at


def test_the_components_of_a_panel_are_observations_of_their_own() -> None:
    found = events(fhir(pressure(SYSTOLIC, DIASTOLIC)))

    assert [event.body for event in found] == [
        Observation(Code(LOINC, "8480-6"), Quantity(140, "mm[Hg]")),
        Observation(Code(LOINC, "8462-4"), Quantity(90, "mm[Hg]")),
    ]
    assert len({event.entity_id for event in found}) == 2


def test_a_panel_entered_in_error_without_its_components_withdraws_them() -> None:
    first = events(fhir(pressure(SYSTOLIC, DIASTOLIC)))

    withdrawn = events(fhir(pressure(status="entered-in-error")))

    assert {event.status for event in withdrawn} == {Status.WITHDRAWN}
    assert {event.entity_id for event in first} < {event.entity_id for event in withdrawn}


def test_what_is_withdrawn_needs_no_value_that_can_be_read() -> None:
    withdrawn = observation(status="entered-in-error", valueQuantity={"value": "high"})

    assert only(fhir(withdrawn)).body == Observation(Code(LOINC, "2093-3"), None, "unknown")


def test_a_panel_corrected_to_one_member_withdraws_the_other() -> None:
    systolic, diastolic = events(fhir(pressure(SYSTOLIC, status="corrected")))

    assert systolic.status is Status.CORRECTED
    assert diastolic.status is Status.WITHDRAWN
    assert diastolic.entity_id == events(fhir(pressure(SYSTOLIC, DIASTOLIC)))[1].entity_id


def test_components_of_one_code_are_told_apart_by_their_order() -> None:
    found = events(fhir(observation(component=[SYSTOLIC, SYSTOLIC])))

    assert len({event.entity_id for event in found}) == 2


def test_an_observation_with_a_value_and_components_gives_all_of_them() -> None:
    elements = {"valueInteger": 9, "component": [SYSTOLIC]}

    assert len(events(fhir(observation(**elements)))) == 2


def test_the_abnormal_flag_is_kept_as_a_code() -> None:
    high = {"interpretation": [{"coding": [{"code": "HH"}]}]}
    body = only(fhir(observation(**high))).body

    assert isinstance(body, Observation)
    assert body.interpretation == "HH"


def test_a_flag_that_is_no_code_is_not_kept() -> None:
    body = only(fhir(observation(interpretation=[{"coding": [{"code": "as Mr Cole"}]}]))).body

    assert isinstance(body, Observation)
    assert body.interpretation == ""


def test_an_observation_without_a_code_is_counted() -> None:
    translation = translate(fhir(observation(code={"text": "blood"})), RULES)

    assert translation.messages == ()
    assert translation.unused == {"Observation without a code": 1}


def test_a_value_of_a_type_that_is_not_used_is_counted() -> None:
    translation = translate(fhir(observation(valueRange={})), RULES)

    assert translation.unused == {"Observation valueRange": 1}


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        pytest.param({"status": "done"}, r"Observation\.status must be one of", id="a status"),
        pytest.param(
            {"valueQuantity": {"value": "210"}},
            r"Observation\.valueQuantity\.value must be a number",
            id="a number as text",
        ),
        pytest.param(
            {"valueQuantity": {"value": 10**400}}, r"must be a finite number", id="a huge number"
        ),
        pytest.param(
            {"valueQuantity": {"value": 1, "comparator": "~"}}, r"comparator", id="a comparator"
        ),
        pytest.param(
            {"effectiveDateTime": "yesterday"}, r"effectiveDateTime must be a FHIR", id="a time"
        ),
        pytest.param({"component": {}}, r"component must be a list", id="a list"),
    ],
)
def test_what_is_malformed_is_refused_by_its_path(elements: Json, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason):
        bodies(fhir(observation(**elements)))
