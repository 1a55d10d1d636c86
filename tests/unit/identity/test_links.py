import json

from epione.identity import MedicalRecord, alias_link, keys_of, patient_key, record_link, unseal
from epione.messaging import topics

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
