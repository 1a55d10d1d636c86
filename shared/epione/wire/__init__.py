"""The domain's values as bytes and back, by the contract of proto/epione/v1."""

from epione.wire.events import event_from_message, event_from_wire, event_to_message, event_to_wire
from epione.wire.plans import plan_from_wire, plan_to_wire
from epione.wire.recommendations import (
    Change,
    Changed,
    Revision,
    recommendation_from_wire,
    recommendation_to_wire,
)
from epione.wire.samples import GenomeSample, sample_from_wire, sample_to_wire

__all__ = [
    "Change",
    "Changed",
    "GenomeSample",
    "Revision",
    "event_from_message",
    "event_from_wire",
    "event_to_message",
    "event_to_wire",
    "plan_from_wire",
    "plan_to_wire",
    "recommendation_from_wire",
    "recommendation_to_wire",
    "sample_from_wire",
    "sample_to_wire",
]
