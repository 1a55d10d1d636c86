import json

from epione.identity import MedicalRecord, alias_link, keys_of, patient_key, record_link, unseal
from epione.messaging import attributes_of, topics

KEYS = keys_of("a secret of the tests, long enough")
RECORD = MedicalRecord("http://hospital.example/mrn", "12345")


def test_a_link_stands_under_the_patient_s_key_on_its_own_topic() -> None:
    link = record_link(KEYS, "north", "p1", RECORD)

    assert (link.topic, link.key) == (topics.IDENTITY_LINKS, patient_key("north", "p1").encode())


def test_only_the_keys_open_a_record_s_link() -> None:
    link = record_link(KEYS, "north", "p1", RECORD)

    assert b"12345" not in link.value
    assert json.loads(unseal(KEYS, link.value, "north/p1")) == {
        "assigner": "http://hospital.example/mrn",
        "number": "12345",
    }


def test_only_the_keys_open_an_alias_s_link() -> None:
    link = alias_link(KEYS, "north", "a1", "https://fhir.example", "Patient/7")

    assert b"Patient/7" not in link.value
    assert json.loads(unseal(KEYS, link.value, "north/a1")) == {
        "base": "https://fhir.example",
        "reference": "Patient/7",
    }


def test_a_link_is_a_cloud_event_the_same_again_for_the_same_link() -> None:
    one, again = (record_link(KEYS, "north", "p1", RECORD) for _ in range(2))
    other = record_link(KEYS, "north", "p1", MedicalRecord("http://hospital.example/mrn", "7"))

    attributes = attributes_of(one.headers)
    assert attributes["ce_type"] == "epione.identity.Link"
    assert attributes["ce_source"] == "/epione/identity"
    assert attributes["content-type"] == "application/vnd.epione.sealed"
    assert attributes["ce_id"] == attributes_of(again.headers)["ce_id"]
    assert attributes["ce_id"] != attributes_of(other.headers)["ce_id"]
