"""What inference says, as messages: plans, their changes, and entries for patients' logs.

A plan, or a change, is named by its revision and by what it says: the same again only where it says
the same. A log that is folded again, after a loss, by newer knowledge, does not say it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import uuid4

from epione.medicine.recommendation import Plan
from epione.messaging import Message, headers_of, topics
from epione.patient_message import event_message, patient_message
from epione.timeline import PatientEvent, Recompute, SourceVersion, Status, origin_of, time_reached
from epione.wire import (
    Changed,
    Revision,
    plan_to_wire,
    recommendation_to_wire,
)
from epione.wire.encoding import EPOCH

SOURCE = "/epione/inference"
OVERTAKEN = "an older plan may have been published after a newer one"
ANEW_MS = 1  # due then: not a time, but a plan to be told anew, as after a replay


def told_message(event: PatientEvent, source: str = SOURCE) -> Message:
    """Put an event on its patient's log.

    What survivors are told keeps its delivery; whose record stated it, and whose log it stands on,
    tell it from the others of that delivery.
    """
    named = f"{event.delivery_id}/{origin_of(event)}/{event.patient}"
    return event_message(event, source, named)


def plan_message(plan: Plan, revision: Revision) -> Message:
    """Put a plan in the place of the one before it."""
    value = plan_to_wire(plan, revision)
    return patient_message(
        topics.PATIENT_PLANS,
        plan.tenant,
        plan.patient,
        value,
        event_id=f"{_name(plan.patient, revision)}/{_digest(value)}",
        source=SOURCE,
        kind="Plan",
        time=plan.as_of,
    )


def tombstone(key: str, revision: Revision) -> Message:
    """Say that no plan stands: the patient was forgotten."""
    _, _, patient = key.partition("/")
    headers = headers_of(event_id=_name(patient, revision), source=SOURCE, kind="epione.v1.Plan")
    return Message(topics.PATIENT_PLANS, key.encode(), b"", headers)


def change_message(changed: Changed, as_of: datetime) -> Message:
    """Say what became of one recommendation by a plan as of a time."""
    value = recommendation_to_wire(changed)
    named = f"{_name(changed.patient, changed.revision)}/{changed.recommendation.key}"
    return patient_message(
        topics.RECOMMENDATIONS,
        changed.tenant,
        changed.patient,
        value,
        event_id=f"{named}/{_digest(value)}",
        source=SOURCE,
        kind="Recommendation",
        time=as_of,
    )


def due_message(key: str, at_ms: int) -> Message:
    """Tell a patient's log what is due."""
    if at_ms == ANEW_MS:
        (message,) = recompute_messages([key], "the whole log was read anew")
        return message
    return time_message(key, at_ms)


def time_message(key: str, at_ms: int) -> Message:
    """Tell a patient's log that the time has come at which its plan may change."""
    tenant, _, patient = key.partition("/")
    return told_message(time_reached(tenant, patient, EPOCH + timedelta(milliseconds=at_ms)))


def recompute_messages(
    keys: Sequence[str], reason: str = OVERTAKEN, source: str = SOURCE
) -> list[Message]:
    """Ask for the plans of these logs to be published again; of no time, so that none passes."""
    patients = (key.partition("/") for key in keys)
    return [
        told_message(
            PatientEvent(
                tenant=tenant,
                patient=patient,
                delivery_id=f"recompute/{uuid4().hex}",  # each is a wish of its own
                entity_id="recompute",
                version=SourceVersion(0),
                status=Status.FINAL,
                recorded_at=EPOCH,
                body=Recompute(reason),
            ),
            source,
        )
        for tenant, _, patient in patients
        if patient
    ]


def _digest(value: bytes) -> str:
    return blake2b(value, digest_size=8).hexdigest()


def _name(patient: str, revision: Revision) -> str:
    return f"{patient}/{revision.epoch}/{revision.offset}"
