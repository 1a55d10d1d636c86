"""What the tests of ingestion start from: rules, records, and readers of what comes out."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from epione.genomes import Allowed
from epione.identity import MedicalRecord, alias, keys_of, pseudonym
from epione.messaging import Message, Record, topics
from epione.timeline import Body, PatientEvent
from epione.wire import event_from_wire
from epione_ingestion import Rules, translate

KEYS = keys_of("a secret of the tests, long enough")
BASE = "https://fhir.example/r4"
MRN = "http://hospital.example/mrn"
RULES = Rules(KEYS, tenant="north", source=BASE, zone=UTC, genomes=Allowed())
PATIENT = pseudonym(KEYS, "north", MedicalRecord(MRN, "12345"))
ALIAS = alias(KEYS, "north", BASE, "Patient/p1")
RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)

Json = Mapping[str, object]


def fhir(resource: Json | Sequence[Json], offset: int = 0, **headers: str) -> Record:
    """Give a record of a resource, or of a collection of several."""
    if not isinstance(resource, Mapping):
        entries = [{"resource": each} for each in resource]
        resource = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return record(topics.HOSPITAL_FHIR.name, json.dumps(resource).encode(), offset, headers)


def record(
    topic: str, value: bytes, offset: int = 0, headers: Mapping[str, str] | None = None
) -> Record:
    sent = tuple((name, text.encode()) for name, text in (headers or {}).items())
    return Record(topic, 0, offset, None, value, sent, int(RECEIVED.timestamp() * 1000) + offset)


def patient(**elements: object) -> Json:
    """Give the Patient p1, whose medical record is 12345 of the hospital."""
    identifier = {"type": {"coding": [{"code": "MR"}]}, "system": MRN, "value": "12345"}
    return {"resourceType": "Patient", "id": "p1", "identifier": [identifier], **elements}


def resource(kind: str, **elements: object) -> Json:
    """Give a resource of the Patient p1."""
    subject = "patient" if kind in ("AllergyIntolerance", "Consent") else "subject"
    return {"resourceType": kind, "id": "r1", subject: {"reference": "Patient/p1"}, **elements}


def coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": "as the sender says"}]}


def events(of: Record, rules: Rules = RULES) -> list[PatientEvent]:
    """Give the events of a record's translation."""
    return [
        event_from_wire(message.value)
        for message in translate(of, rules).messages
        if message.topic == topics.PATIENT_EVENTS
    ]


def bodies(of: Record, rules: Rules = RULES) -> list[Body]:
    return [event.body for event in events(of, rules)]


def only(of: Record, rules: Rules = RULES) -> PatientEvent:
    """Give the one event of a record's translation."""
    (event,) = events(of, rules)
    return event


def on_topic(messages: Sequence[Message], topic: topics.Topic) -> list[Message]:
    return [message for message in messages if message.topic == topic]
