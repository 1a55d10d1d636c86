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
    code_to_message,
    optional_time,
    optional_timestamp,
    parsed,
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


def recommendation_to_message(
    tenant: str, patient: str, recommendation: Recommendation
) -> pb.Recommendation:
    return pb.Recommendation(
        id=recommendation.id,
        key=recommendation.key,
        tenant=tenant,
        patient=patient,
        subject=_subject_to_message(recommendation.subject),
        action=recommendation.action,
        strength=recommendation.strength,
        evidence=[
            pb.Evidence(
                source=evidence.source,
                release=evidence.release,
                reference=evidence.reference,
                knowledge_as_of=evidence.knowledge_as_of,
            )
            for evidence in recommendation.evidence
        ],
        reasons=[
            pb.Reason(text=reason.text, event_ids=reason.event_ids)
            for reason in recommendation.reasons
        ],
        would_change_if=recommendation.would_change_if,
        risks=[
            pb.RiskEstimate(
                outcome=risk.outcome,
                horizon_years=risk.horizon_years,
                probability=risk.probability,
                scenario=risk.scenario,
            )
            for risk in recommendation.risks
        ],
        versions=dict(recommendation.versions),
        valid_until=optional_timestamp(recommendation.valid_until),
        serves=[_subject_to_message(subject) for subject in recommendation.serves],
    )


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
            RiskEstimate(r.outcome, r.horizon_years, r.probability, r.scenario)
            for r in message.risks
        ),
        versions=dict(message.versions),
        valid_until=optional_time(message, "valid_until"),
        serves=tuple(_subject(subject) for subject in message.serves),
    )


def _subject_to_message(subject: Subject) -> pb.Subject:
    return pb.Subject(
        kind=_KIND_TO_NUMBER[subject.kind], code=code_to_message(subject.code), name=subject.name
    )


def _subject(message: pb.Subject) -> Subject:
    kind = _KIND_OF_NUMBER.get(message.kind)
    if kind is None:
        raise MalformedEvent("Subject.kind is not drug, risk or test")
    return Subject(kind, code_of(message.code), message.name)


def recommendation_to_wire(changed: Changed) -> bytes:
    message = recommendation_to_message(changed.tenant, changed.patient, changed.recommendation)
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
