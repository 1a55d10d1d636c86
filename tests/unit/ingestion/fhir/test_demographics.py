import json
from datetime import UTC, datetime

import pytest
from tests.unit.ingestion.given import (
    ALIAS,
    BASE,
    KEYS,
    MRN,
    PATIENT,
    RECEIVED,
    RULES,
    Json,
    bodies,
    events,
    fhir,
    on_topic,
    patient,
)

from epione.errors import MalformedEvent
from epione.identity import link_id, unseal
from epione.messaging import topics
from epione.timeline import Demographics, Gender, PatientsMerged
from epione_ingestion import translate


def posted(resource: Json, full_url: str) -> Json:
    entry = {"fullUrl": full_url, "resource": resource, "request": {"method": "POST"}}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        pytest.param(
            {"birthDate": "1970-04-21", "gender": "male"},
            Demographics("1970-04-21", Gender.MALE),
            id="the day of birth",
        ),
        pytest.param({"birthDate": "1970-04"}, Demographics("1970-04"), id="the month alone"),
        pytest.param({"birthDate": "1970"}, Demographics("1970"), id="the year alone"),
        pytest.param({"gender": "other"}, Demographics("", Gender.OTHER), id="another gender"),
        pytest.param({}, Demographics(), id="nothing"),
        pytest.param(
            {"deceasedDateTime": "2026-01-02"},
            Demographics(deceased_at=datetime(2026, 1, 2, tzinfo=UTC)),
            id="the time of death",
        ),
        pytest.param({"deceasedBoolean": False}, Demographics(), id="alive"),
        pytest.param(
            {"deceasedBoolean": True}, Demographics(deceased_at=RECEIVED), id="dead by then"
        ),
    ],
)
def test_of_a_patient_a_plan_knows_birth_gender_and_death(
    elements: Json, expected: Demographics
) -> None:
    assert bodies(fhir(patient(**elements)))[0] == expected


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"birthDate": "21.4.1970"}, id="a date of another form"),
        pytest.param({"birthDate": "1970-02-30"}, id="no day of the calendar"),
        pytest.param({"gender": "m"}, id="a gender of another list"),
    ],
)
def test_malformed_demographics_are_refused(elements: Json) -> None:
    with pytest.raises(MalformedEvent):
        events(fhir(patient(**elements)))


def test_the_server_s_name_for_the_patient_is_merged_into_the_record_on_both_logs() -> None:
    merges = [event for event in events(fhir(patient())) if isinstance(event.body, PatientsMerged)]

    assert [event.body for event in merges] == [PatientsMerged(ALIAS, PATIENT)] * 2
    assert [event.patient for event in merges] == [ALIAS, PATIENT]
    assert {event.entity_id for event in merges} == {link_id(KEYS, "north", ALIAS, PATIENT)}


def test_a_posted_patient_s_id_is_no_name_for_the_server_gives_another() -> None:
    bundle = posted(patient(), "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7")

    assert bodies(fhir(bundle)) == [Demographics()]


def test_a_posted_patient_s_id_is_a_name_where_it_is_unique_by_itself() -> None:
    uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    bundle = posted(patient(id=uuid), f"urn:uuid:{uuid}")

    assert len(bodies(fhir(bundle))) == 3


def test_what_ties_the_pseudonym_to_the_person_is_sealed() -> None:
    links = on_topic(translate(fhir(patient()), RULES).messages, topics.IDENTITY_LINKS)

    opened = {
        link.key.decode(): json.loads(unseal(KEYS, link.value, link.key.decode())) for link in links
    }

    assert opened == {
        f"north/{PATIENT}": {"assigner": MRN, "number": "12345"},
        f"north/{ALIAS}": {"base": BASE, "reference": "Patient/p1"},
    }


def test_a_link_to_another_patient_resource_is_counted() -> None:
    linked = patient(link=[{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}])

    assert translate(fhir(linked), RULES).unused == {"Patient link": 1}
