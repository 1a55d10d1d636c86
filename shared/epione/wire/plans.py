"""Plan: everything recommended for one patient, as bytes and back."""

from epione.errors import MalformedEvent
from epione.medicine.recommendation import Plan, PlanState
from epione.v1 import plan_pb2 as pb
from epione.wire.encoding import (
    PROTOBUF,
    optional_time,
    optional_timestamp,
    parsed,
    time_of,
    timestamp_of,
)
from epione.wire.recommendations import (
    Revision,
    recommendation_from_message,
    write_recommendation,
)

_STATE_TO_NUMBER = {
    PlanState.CURRENT: pb.Plan.STATE_CURRENT,
    PlanState.MERGED: pb.Plan.STATE_MERGED,
    PlanState.WITHHELD: pb.Plan.STATE_WITHHELD,
}
_STATE_OF_NUMBER = {number: state for state, number in _STATE_TO_NUMBER.items()}


def plan_to_wire(plan: Plan, revision: Revision) -> bytes:
    """Give the same bytes for the same plan at the same revision, always."""
    message = pb.Plan(
        tenant=plan.tenant,
        patient=plan.patient,
        revision=pb.Revision(epoch=revision.epoch, offset=revision.offset),
        as_of=timestamp_of(plan.as_of),
        valid_until=optional_timestamp(plan.valid_until),
        state=_STATE_TO_NUMBER[plan.state],
        merged_into=plan.merged_into,
        holds=plan.holds,
        versions=dict(plan.versions),
    )
    for recommendation in plan.recommendations:
        written = message.recommendations.add()
        write_recommendation(written, plan.tenant, plan.patient, recommendation)
    return message.SerializeToString(deterministic=True)


def plan_from_wire(value: bytes | None, content_type: str = PROTOBUF) -> tuple[Plan, Revision]:
    """Read a plan and its revision.

    Raises:
        MalformedEvent: The bytes are not a plan.
    """
    message = parsed(pb.Plan(), value, content_type)
    state = _STATE_OF_NUMBER.get(message.state)
    if state is None or not message.HasField("as_of") or not message.HasField("revision"):
        raise MalformedEvent("Plan without state, as_of or revision")
    plan = Plan(
        tenant=message.tenant,
        patient=message.patient,
        as_of=time_of(message.as_of),
        state=state,
        recommendations=tuple(recommendation_from_message(r) for r in message.recommendations),
        valid_until=optional_time(message, "valid_until"),
        merged_into=message.merged_into,
        holds=tuple(message.holds),
        versions=dict(message.versions),
    )
    return plan, Revision(message.revision.epoch, message.revision.offset)
