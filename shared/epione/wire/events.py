"""PatientEvent: what stands on a patient's log, as bytes and back."""

from collections.abc import Iterator

from epione.errors import MalformedEvent
from epione.timeline import PatientEvent, SourceVersion, Status
from epione.v1 import patient_event_pb2 as pb
from epione.wire.bodies import FIELD_OF, FROM_MESSAGE, body_to_message
from epione.wire.encoding import (
    PROTOBUF,
    optional_time,
    optional_timestamp,
    parsed,
    time_of,
    timestamp_of,
)

_STATUS_TO_NUMBER = {
    Status.PRELIMINARY: pb.STATUS_PRELIMINARY,
    Status.FINAL: pb.STATUS_FINAL,
    Status.CORRECTED: pb.STATUS_CORRECTED,
    Status.WITHDRAWN: pb.STATUS_WITHDRAWN,
}
_STATUS_OF_NUMBER = {number: status for status, number in _STATUS_TO_NUMBER.items()}


def event_to_message(event: PatientEvent) -> pb.PatientEvent:
    message = pb.PatientEvent(
        tenant=event.tenant,
        patient=event.patient,
        delivery_id=event.delivery_id,
        entity_id=event.entity_id,
        version=pb.SourceVersion(time_us=event.version.time_us, sequence=event.version.sequence),
        status=_STATUS_TO_NUMBER[event.status],
        recorded_at=timestamp_of(event.recorded_at),
        effective_at=optional_timestamp(event.effective_at),
        origin=event.origin,
        reading=event.reading,
    )
    body = getattr(message, FIELD_OF[type(event.body)])
    body.SetInParent()  # an empty body is a body too
    body.CopyFrom(body_to_message(event.body))
    return message


def event_to_wire(event: PatientEvent) -> bytes:
    """Give the same bytes for the same event, always."""
    return event_to_message(event).SerializeToString(deterministic=True)


def event_from_message(message: pb.PatientEvent) -> PatientEvent:
    """Read an event.

    Raises:
        MalformedEvent: A field that every event has is absent, or a value is not of its vocabulary.
    """
    field = message.WhichOneof("body")
    status = _STATUS_OF_NUMBER.get(message.status)
    tenant, patient = message.tenant, message.patient
    delivery_id, entity_id = message.delivery_id, message.entity_id
    whole = tenant and patient and delivery_id and entity_id and message.HasField("recorded_at")
    if not whole or field is None or status is None:
        raise MalformedEvent(f"PatientEvent without {', '.join(_absent(message))}")
    version = message.version
    return PatientEvent(
        tenant,
        patient,
        delivery_id,
        entity_id,
        SourceVersion(version.time_us, version.sequence),
        status,
        time_of(message.recorded_at),
        FROM_MESSAGE[field](getattr(message, field)),
        optional_time(message, "effective_at"),
        message.origin,
        message.reading,
    )


def _absent(message: pb.PatientEvent) -> Iterator[str]:
    """Name the fields that every event has and this one has not."""
    for name in ("tenant", "patient", "delivery_id", "entity_id"):
        if not getattr(message, name):
            yield name
    if message.status not in _STATUS_OF_NUMBER:
        yield "status"
    if not message.HasField("recorded_at"):
        yield "recorded_at"
    if message.WhichOneof("body") is None:
        yield "body"


def event_from_wire(value: bytes | None, content_type: str = PROTOBUF) -> PatientEvent:
    """Read an event from protobuf or JSON bytes.

    Raises:
        MalformedEvent: The bytes are not an event.
    """
    return event_from_message(parsed(pb.PatientEvent(), value, content_type))
