"""What services publish of a patient: one key and one set of attributes, on every topic."""

from datetime import datetime

from epione.identity import patient_key
from epione.messaging import Message, Topic, headers_of
from epione.messaging.topics import PATIENT_EVENTS
from epione.privacy import OWNER
from epione.timeline import PatientEvent
from epione.wire import event_to_wire


def patient_message(
    topic: Topic,
    tenant: str,
    patient: str,
    value: bytes,
    *,
    event_id: str,
    source: str,
    kind: str,
    time: datetime,
) -> Message:
    """Put the bytes of a message of `epione.v1`, of the type `kind`, under its patient's key."""
    headers = headers_of(event_id=event_id, source=source, kind=f"epione.v1.{kind}", time=time)
    return Message(topic, patient_key(tenant, patient).encode(), value, headers)


def event_message(event: PatientEvent, source: str, event_id: str = "") -> Message:
    """Put an event on its patient's log; it is named by its delivery where nothing else is said.

    What another record stated, which was merged into the patient's, is that record's to forget.
    """
    event_id = event_id or event.delivery_id
    message = patient_message(
        PATIENT_EVENTS,
        event.tenant,
        event.patient,
        event_to_wire(event),
        event_id=f"{event_id}@{event.reading}" if event.reading else event_id,
        source=source,
        kind="PatientEvent",
        time=event.recorded_at,
    )
    if event.origin in ("", event.patient):
        return message
    owner = (OWNER, patient_key(event.tenant, event.origin).encode())
    return message._replace(headers=(*message.headers, owner))
