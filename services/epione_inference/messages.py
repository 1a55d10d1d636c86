"""What inference says, as messages: plans, their changes, and entries for patients' logs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from epione.identity import patient_key
from epione.medicine.recommendation import Plan
from epione.messaging import Message, headers_of, topics
from epione.timeline import PatientEvent, Recompute, SourceVersion, Status, origin_of, time_reached
from epione.wire import (
    Changed,
    Revision,
    event_to_wire,
    plan_to_wire,
    recommendation_to_wire,
)

SOURCE = "/epione/inference"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_message(event: PatientEvent) -> Message:
    """Put an event on its patient's log.

    What survivors are told keeps its delivery; whose record stated it, and whose log it stands on,
    tell it from the others of that delivery.
    """
    return Message(
        topics.PATIENT_EVENTS,
        patient_key(event.tenant, event.patient).encode(),
        event_to_wire(event),
        headers_of(
            event_id=f"{event.delivery_id}/{origin_of(event)}/{event.patient}",
            source=SOURCE,
            kind="epione.v1.PatientEvent",
            time=event.recorded_at,
        ),
    )


def plan_message(plan: Plan, revision: Revision) -> Message:
    """Put a plan in the place of the one before it."""
    return Message(
        topics.PATIENT_PLANS,
        patient_key(plan.tenant, plan.patient).encode(),
        plan_to_wire(plan, revision),
        headers_of(
            event_id=f"{plan.patient}/{revision.epoch}/{revision.offset}",
            source=SOURCE,
            kind="epione.v1.Plan",
            time=plan.as_of,
        ),
    )


def change_message(changed: Changed, as_of: datetime) -> Message:
    """Say what became of one recommendation by a plan as of a time."""
    revision = changed.revision
    return Message(
        topics.RECOMMENDATIONS,
        patient_key(changed.tenant, changed.patient).encode(),
        recommendation_to_wire(changed),
        headers_of(
            event_id=f"{changed.patient}/{revision.epoch}/{revision.offset}/{changed.recommendation.key}",
            source=SOURCE,
            kind="epione.v1.Recommendation",
            time=as_of,
        ),
    )


def time_message(key: str, at_ms: int) -> Message:
    """Tell a patient's log that the time has come at which its plan may change."""
    tenant, _, patient = key.partition("/")
    return event_message(time_reached(tenant, patient, EPOCH + timedelta(milliseconds=at_ms)))


def recompute_messages(keys: Sequence[str]) -> list[Message]:
    """Ask for the plans of these logs to be published again; of no time, so that none passes."""
    patients = (key.partition("/") for key in keys)
    return [
        event_message(
            PatientEvent(
                tenant=tenant,
                patient=patient,
                delivery_id=f"recompute/{uuid4().hex}",  # each is a wish of its own
                entity_id="recompute",
                version=SourceVersion(0),
                status=Status.FINAL,
                recorded_at=EPOCH,
                body=Recompute("an older plan may have been published after a newer one"),
            )
        )
        for tenant, _, patient in patients
        if patient
    ]
