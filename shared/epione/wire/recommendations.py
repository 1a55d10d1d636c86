"""Recommendation: inside a plan, and as a change on its own topic, as bytes and back."""

from dataclasses import dataclass
from enum import StrEnum

from epione.errors import MalformedEvent
from epione.medicine.recommendation import (
    Evidence,
    Reason,
    Recommendation,
    RiskEstimate,
    Subject,
    SubjectKind,
)
from epione.v1 import plan_pb2 as pb
from epione.wire.encoding import (
    PROTOBUF,
    code_of,
    optional_time,
    parsed,
    timestamp_of,
)


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """Position of the last event applied; a reader drops what has a lower one."""

    epoch: int
    offset: int


class Change(StrEnum):
    ADDED = "added"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one recommendation, and which events made it so."""

    tenant: str
    patient: str
    change: Change
    recommendation: Recommendation
    revision: Revision
    caused_by: tuple[str, ...]  # delivery ids
    replaces: str = ""  # the id superseded or retracted


_CHANGE_TO_NUMBER = {
    Change.ADDED: pb.Recommendation.CHANGE_ADDED,
    Change.SUPERSEDED: pb.Recommendation.CHANGE_SUPERSEDED,
    Change.RETRACTED: pb.Recommendation.CHANGE_RETRACTED,
}
_CHANGE_OF_NUMBER = {number: change for change, number in _CHANGE_TO_NUMBER.items()}
_KIND_TO_NUMBER = {
    SubjectKind.DRUG: pb.Subject.KIND_DRUG,
    SubjectKind.RISK: pb.Subject.KIND_RISK,
    SubjectKind.TEST: pb.Subject.KIND_TEST,
}
_KIND_OF_NUMBER = {number: kind for kind, number in _KIND_TO_NUMBER.items()}


def write_recommendation(
    message: pb.Recommendation, tenant: str, patient: str, recommendation: Recommendation
) -> None:
    """Fill an empty message; in place, for a message made apart is copied at every level."""
    message.id, message.key = recommendation.id, recommendation.key
    message.tenant, message.patient = tenant, patient
    _write_subject(message.subject, recommendation.subject)
    message.action, message.strength = recommendation.action, recommendation.strength
    for evidence in recommendation.evidence:
        message.evidence.add(
            source=evidence.source,
            release=evidence.release,
            reference=evidence.reference,
            knowledge_as_of=evidence.knowledge_as_of,
        )
    for reason in recommendation.reasons:
        message.reasons.add(text=reason.text, event_ids=reason.event_ids)
    message.would_change_if.extend(recommendation.would_change_if)
    for risk in recommendation.risks:
        message.risks.add(
            outcome=risk.outcome,
            horizon_years=risk.horizon_years,
            probability=risk.probability,
            scenario=risk.scenario,
            low=risk.low,
            high=risk.high,
            by=risk.by,
        )
    message.versions.update(recommendation.versions)
    if recommendation.valid_until is not None:
        message.valid_until.CopyFrom(timestamp_of(recommendation.valid_until))
    for subject in recommendation.serves:
        _write_subject(message.serves.add(), subject)


def recommendation_from_message(message: pb.Recommendation) -> Recommendation:
    """Read a recommendation.

    Raises:
        MalformedEvent: Its subject is of no known kind.
    """
    return Recommendation(
        id=message.id,
        key=message.key,
        subject=_subject(message.subject),
        action=message.action,
        strength=message.strength,
        evidence=tuple(
            Evidence(e.source, e.release, e.reference, e.knowledge_as_of) for e in message.evidence
        ),
        reasons=tuple(Reason(r.text, tuple(r.event_ids)) for r in message.reasons),
        would_change_if=tuple(message.would_change_if),
        risks=tuple(
            RiskEstimate(
                r.outcome,
                r.horizon_years,
                r.probability,
                r.scenario,
                r.low if r.HasField("low") else None,
                r.high if r.HasField("high") else None,
                r.by,
            )
            for r in message.risks
        ),
        versions=dict(message.versions),
        valid_until=optional_time(message, "valid_until"),
        serves=tuple(_subject(subject) for subject in message.serves),
    )


def _write_subject(message: pb.Subject, subject: Subject) -> None:
    message.kind, message.name = _KIND_TO_NUMBER[subject.kind], subject.name
    code = message.code
    code.SetInParent()  # an empty code is one, too
    code.system, code.code, code.display = (
        subject.code.system,
        subject.code.code,
        subject.code.display,
    )


def _subject(message: pb.Subject) -> Subject:
    kind = _KIND_OF_NUMBER.get(message.kind)
    if kind is None:
        raise MalformedEvent("Subject.kind is not drug, risk or test")
    return Subject(kind, code_of(message.code), message.name)


def recommendation_to_wire(changed: Changed) -> bytes:
    message = pb.Recommendation()
    write_recommendation(message, changed.tenant, changed.patient, changed.recommendation)
    message.change = _CHANGE_TO_NUMBER[changed.change]
    message.caused_by.extend(changed.caused_by)
    message.revision.epoch, message.revision.offset = (
        changed.revision.epoch,
        changed.revision.offset,
    )
    if changed.change is Change.SUPERSEDED:
        message.supersedes = changed.replaces
    if changed.change is Change.RETRACTED:
        message.retracts = changed.replaces
    return message.SerializeToString(deterministic=True)


def recommendation_from_wire(value: bytes | None, content_type: str = PROTOBUF) -> Changed:
    """Read a change of a recommendation.

    Raises:
        MalformedEvent: The bytes are not such a change.
    """
    message = parsed(pb.Recommendation(), value, content_type)
    change = _CHANGE_OF_NUMBER.get(message.change)
    if change is None:
        raise MalformedEvent("Recommendation.change is not added, superseded or retracted")
    return Changed(
        tenant=message.tenant,
        patient=message.patient,
        change=change,
        recommendation=recommendation_from_message(message),
        revision=Revision(message.revision.epoch, message.revision.offset),
        caused_by=tuple(message.caused_by),
        replaces=message.supersedes or message.retracts,
    )
