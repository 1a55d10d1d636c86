"""What inference says, as messages: plans, their changes, and entries for patients' logs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from epione.medicine.recommendation import Plan
from epione.messaging import Message, topics
from epione.patient_message import event_message, patient_message
from epione.timeline import PatientEvent, Recompute, SourceVersion, Status, origin_of, time_reached
from epione.wire import (
    Changed,
    Revision,
    plan_to_wire,
    recommendation_to_wire,
)

SOURCE = "/epione/inference"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told_message(event: PatientEvent) -> Message:
    """Put an event on its patient's log.

    What survivors are told keeps its delivery; whose record stated it, and whose log it stands on,
    tell it from the others of that delivery.
    """
    named = f"{event.delivery_id}/{origin_of(event)}/{event.patient}"
    return event_message(event, SOURCE, named)


def plan_message(plan: Plan, revision: Revision) -> Message:
    """Put a plan in the place of the one before it."""
    return patient_message(
        topics.PATIENT_PLANS,
        plan.tenant,
        plan.patient,
        plan_to_wire(plan, revision),
        event_id=_name(plan.patient, revision),
        source=SOURCE,
        kind="Plan",
        time=plan.as_of,
    )


def change_message(changed: Changed, as_of: datetime) -> Message:
    """Say what became of one recommendation by a plan as of a time."""
    return patient_message(
        topics.RECOMMENDATIONS,
        changed.tenant,
        changed.patient,
        recommendation_to_wire(changed),
        event_id=f"{_name(changed.patient, changed.revision)}/{changed.recommendation.key}",
        source=SOURCE,
        kind="Recommendation",
        time=as_of,
    )


def time_message(key: str, at_ms: int) -> Message:
    """Tell a patient's log that the time has come at which its plan may change."""
    tenant, _, patient = key.partition("/")
    return told_message(time_reached(tenant, patient, EPOCH + timedelta(milliseconds=at_ms)))


def recompute_messages(keys: Sequence[str]) -> list[Message]:
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
                body=Recompute("an older plan may have been published after a newer one"),
            )
        )
        for tenant, _, patient in patients
        if patient
    ]


def _name(patient: str, revision: Revision) -> str:
    return f"{patient}/{revision.epoch}/{revision.offset}"
