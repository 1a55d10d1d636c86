import dataclasses

import pytest
from tests.unit.ingestion.given import (
    ALIAS,
    KEYS,
    MRN,
    PATIENT,
    RULES,
    Json,
    coded,
    events,
    fhir,
    only,
    patient,
)

from epione.errors import UnknownPatient
from epione.identity import alias
from epione.timeline import LOINC


def weight(**elements: object) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(LOINC, "29463-7"),
        "subject": {"reference": "Patient/p1"},
        **elements,
    }


def test_a_resource_by_itself_stands_under_the_alias_of_its_reference() -> None:
    assert only(fhir(weight())).patient == ALIAS


def test_an_absolute_reference_has_the_same_alias() -> None:
    subject = {"reference": "https://fhir.example/r4/Patient/p1/_history/2"}

    assert only(fhir(weight(subject=subject), ce_source="elsewhere")).patient == ALIAS


def test_the_alias_is_of_the_server_that_the_headers_name() -> None:
    event = only(fhir(weight(), ce_source="https://other.example/fhir/"))

    assert event.patient == alias(KEYS, "north", "https://other.example/fhir", "Patient/p1")


def test_an_id_of_no_known_server_is_refused() -> None:
    with pytest.raises(UnknownPatient, match="no ce_source says whose"):
        only(fhir(weight()), dataclasses.replace(RULES, source=""))


def test_a_reference_with_an_identifier_stands_under_the_record() -> None:
    identifier = {"type": {"coding": [{"code": "MR"}]}, "system": MRN, "value": "12345"}
    subject = {"reference": "Patient/p1", "identifier": identifier}

    assert only(fhir(weight(subject=subject))).patient == PATIENT


@pytest.mark.parametrize(
    ("entries", "reference"),
    [
        pytest.param([{"resource": patient()}], "Patient/p1", id="by type and id"),
        pytest.param(
            [{"resource": patient(), "fullUrl": "urn:uuid:1"}], "urn:uuid:1", id="by its UUID"
        ),
        pytest.param(
            [{"resource": patient(), "fullUrl": "https://a.example/Patient/p1"}],
            "https://a.example/Patient/p1",
            id="by its address",
        ),
    ],
)
def test_a_reference_within_a_bundle_leads_to_the_record(
    entries: list[Json], reference: str
) -> None:
    observation = {"resource": weight(subject={"reference": reference})}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [*entries, observation]}

    assert events(fhir(bundle))[-1].patient == PATIENT


def test_a_reference_of_an_entry_is_read_on_its_own_server() -> None:
    observation = {"resource": weight(id="o1"), "fullUrl": "https://b.example/Observation/o1"}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": patient()}, observation],
    }

    assert events(fhir(bundle))[-1].patient == alias(
        KEYS, "north", "https://b.example", "Patient/p1"
    )


def test_a_contained_patient_is_known_by_its_record() -> None:
    contained = [patient(id="me")]

    assert only(fhir(weight(contained=contained, subject={"reference": "#me"}))).patient == PATIENT


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"subject": None}, id="no subject"),
        pytest.param({"subject": {}}, id="an empty subject"),
        pytest.param({"subject": {"display": "Mr Cole"}}, id="a name alone"),
        pytest.param({"subject": {"reference": "Group/herd1"}}, id="a group"),
        pytest.param({"subject": {"reference": "#me"}}, id="contained in nothing"),
        pytest.param({"subject": {"reference": "urn:uuid:1"}}, id="another message's UUID"),
    ],
)
def test_a_resource_of_no_patient_is_refused(elements: Json) -> None:
    with pytest.raises(UnknownPatient):
        events(fhir(weight(**elements)))


def test_an_identifier_no_longer_in_use_names_no_one() -> None:
    old = {"use": "old", "type": {"coding": [{"code": "MR"}]}, "system": MRN, "value": "12345"}

    with pytest.raises(UnknownPatient):
        events(fhir({"resourceType": "Patient", "id": "p1", "identifier": [old]}))
