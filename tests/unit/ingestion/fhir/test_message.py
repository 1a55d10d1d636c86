import json
import re

import pytest
from tests.unit.ingestion.given import (
    RULES,
    Json,
    bodies,
    coded,
    events,
    fhir,
    only,
    patient,
    record,
    resource,
)

from epione.errors import MalformedEvent, Rejected, UnknownPatient
from epione.messaging import topics
from epione.timeline import LOINC, SourceVersion, Status
from epione_ingestion import translate


def weight(key: str = "r1", kg: float = 70, **elements: object) -> Json:
    quantity = {"value": kg, "unit": "kg"}
    defaults = {"status": "final", "code": coded(LOINC, "29463-7"), "valueQuantity": quantity}
    return resource("Observation", **(defaults | {"id": key} | elements))


def at(value: bytes) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        translate(record(topics.HOSPITAL_FHIR.name, value), RULES)
    return refusal.value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(b"", "not JSON in UTF-8 at character 0", id="nothing"),
        pytest.param(b"<Patient/>", "not JSON", id="XML"),
        pytest.param(b'"\xff"', "not JSON", id="not UTF-8"),
        pytest.param(b"[]", "not a JSON object", id="a list"),
        pytest.param(b'{"resourceType": NaN}', "not JSON", id="NaN"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param(b"{}", "resourceType is not one of FHIR R4", id="no type"),
        pytest.param(b'{"resourceType": "Cole"}', "resourceType is not one", id="an unknown type"),
        pytest.param(
            b'{"resourceType": 1}', r"\$\.resourceType must be text", id="a type of number"
        ),
        pytest.param(
            b'{"resourceType": "Bundle", "entry": {}}', "entry must be a list", id="no list"
        ),
        pytest.param(
            b'{"resourceType":"Patient","id":"1","identifier":[{"system":"a","value":"\\ud800"}]}',
            "half of a surrogate pair",
            id="half a character",
        ),
    ],
)
def test_what_is_no_fhir_is_refused_in_words(value: bytes, reason: str) -> None:
    refusal = at(value)

    assert isinstance(refusal, MalformedEvent)
    assert re.search(reason, str(refusal))


def test_a_byte_order_mark_is_no_fault() -> None:
    value = b"\xef\xbb\xbf" + json.dumps(weight()).encode()

    assert len(bodies(record(topics.HOSPITAL_FHIR.name, value))) == 1


def test_a_resource_at_fault_does_not_hide_the_others() -> None:
    translation = translate(fhir([weight("a"), weight("b", status="done"), weight("c")]), RULES)

    assert len(translation.messages) == 2
    assert isinstance(translation.refusal, MalformedEvent)
    assert str(translation.refusal).startswith("entry 1: Observation.status must be one of")


def test_every_resource_at_fault_is_named() -> None:
    faults = [weight("a", status="done"), weight("b", subject=None), weight("c")]

    refusal = str(translate(fhir(faults), RULES).refusal)

    assert "entry 0: Observation.status" in refusal
    assert "entry 1: Observation has no subject" in refusal


def test_a_bundle_of_faults_alone_is_refused_as_a_whole() -> None:
    with pytest.raises(UnknownPatient, match="entry 0: Observation has no subject"):
        translate(fhir([weight(subject=None)]), RULES)


def test_an_entry_that_is_no_object_does_not_hide_the_others() -> None:
    bundle = {"resourceType": "Bundle", "entry": [None, {"resource": weight()}, 3]}

    translation = translate(fhir(bundle), RULES)

    assert len(translation.messages) == 1
    assert str(translation.refusal) == "entry 0: is not an object; entry 2: is not an object"


def test_nothing_of_a_resource_at_fault_is_kept() -> None:
    half = weight(
        "b",
        code=coded(LOINC, "85354-9"),
        valueQuantity=None,
        component=[
            {"code": coded(LOINC, "8480-6"), "valueQuantity": {"value": 140, "unit": "mmHg"}},
            {"code": coded(LOINC, "8462-4"), "valueQuantity": {"value": "90", "unit": "mmHg"}},
        ],
    )

    assert len(bodies(fhir([weight("a"), half]))) == 1


def test_resources_that_are_not_used_are_counted_by_their_type() -> None:
    claim = {"resourceType": "Claim"}

    assert translate(fhir([claim, claim, weight()]), RULES).unused == {"Claim": 2}


def test_requests_that_carry_no_resource_are_counted() -> None:
    requests: list[Json] = [
        {"request": {"method": "DELETE", "url": "Observation/1"}},
        {"request": {"method": "GET", "url": "Patient?name=Cole"}},
        {},
    ]

    unused = translate(fhir({"resourceType": "Bundle", "entry": requests}), RULES).unused

    assert unused == {"DELETE request": 1, "GET request": 1, "empty entry": 1}


def test_a_resource_sent_again_is_the_same_fact() -> None:
    first, again = only(fhir(weight(), offset=1)), only(fhir(weight(), offset=2))

    assert first.entity_id == again.entity_id
    assert first.body == again.body


def test_a_resource_in_a_bundle_is_the_same_fact_as_by_itself() -> None:
    _, *_, in_bundle = events(fhir([patient(), weight()]))

    assert in_bundle.entity_id == only(fhir(weight())).entity_id


@pytest.mark.parametrize(
    ("meta", "version"),
    [
        pytest.param(
            {"lastUpdated": "1970-01-01T00:00:02.5Z", "versionId": "7"},
            SourceVersion(2_500_000, 7),
            id="its time and number",
        ),
        pytest.param(
            {"lastUpdated": "1970-01-01T00:00:02Z", "versionId": "a1"},
            SourceVersion(2_000_000, 0),
            id="a name that is no number",
        ),
        pytest.param(
            {"lastUpdated": "1970-01-01T00:00:02Z", "versionId": "9" * 40},
            SourceVersion(2_000_000, 0),
            id="a number that does not fit",
        ),
        pytest.param(
            {"versionId": "7"}, SourceVersion(1_772_366_400_003_000, 3), id="a number alone"
        ),
        pytest.param(None, SourceVersion(1_772_366_400_003_000, 3), id="nothing: its receipt"),
    ],
)
def test_a_version_is_ordered_by_its_source(meta: Json | None, version: SourceVersion) -> None:
    assert only(fhir(weight(meta=meta), offset=3)).version == version


def test_versions_are_ordered_by_their_source_and_not_by_arrival() -> None:
    late = only(fhir(weight(meta={"lastUpdated": "2026-01-02T00:00:00Z"}), offset=1))
    early = only(fhir(weight(meta={"lastUpdated": "2026-01-01T00:00:00Z"}), offset=2))

    assert early.version < late.version


def test_a_to_b_to_a_ends_at_a() -> None:
    sent = [fhir(weight(kg=kg), offset=n) for n, kg in enumerate((70, 80, 70))]

    latest = max((only(each) for each in sent), key=lambda event: event.version)

    assert latest.body == only(sent[0]).body
    assert len({only(each).entity_id for each in sent}) == 1


def test_entered_in_error_is_a_later_version_of_the_same_fact() -> None:
    written = only(fhir(weight(), offset=1))
    withdrawn = only(fhir(weight(status="entered-in-error"), offset=2))

    assert withdrawn.status is Status.WITHDRAWN
    assert withdrawn.entity_id == written.entity_id
    assert withdrawn.version > written.version


def test_a_resource_without_an_id_is_known_by_its_identifier() -> None:
    named = [{"system": "urn:lab", "value": "A-1"}]
    first = only(fhir(weight(id=None, identifier=named, kg=70)))
    corrected = only(fhir(weight(id=None, identifier=named, kg=71, status="corrected")))

    assert first.entity_id == corrected.entity_id


def test_a_resource_without_any_name_is_known_by_its_content() -> None:
    first, other = weight(id=None), weight(id=None, status="preliminary")

    assert only(fhir(first)).entity_id == only(fhir(first, offset=9)).entity_id
    assert only(fhir(first)).entity_id != only(fhir(other)).entity_id
