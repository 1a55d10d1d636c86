"""The bodies of a PatientEvent, one by one, as messages and back."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from google.protobuf.message import Message

from epione import timeline as t
from epione.errors import MalformedEvent
from epione.v1 import codes_pb2
from epione.v1 import patient_event_pb2 as pb
from epione.wire.encoding import (
    code_of,
    code_to_message,
    optional_time,
    optional_timestamp,
    time_of,
    timestamp_of,
)

FIELD_OF: dict[type[t.Body], str] = {
    t.Demographics: "demographics",
    t.Observation: "observation",
    t.Condition: "condition",
    t.Medication: "medication",
    t.Allergy: "allergy",
    t.Encounter: "encounter",
    t.Procedure: "procedure",
    t.Note: "note",
    t.Consent: "consent",
    t.GenomicFeatures: "genomic_features",
    t.PatientsMerged: "patients_merged",
    t.PatientsUnmerged: "patients_unmerged",
    t.TimeReached: "time_reached",
    t.Feedback: "feedback",
    t.Recompute: "recompute",
    t.PatientForgotten: "patient_forgotten",
}


@singledispatch
def body_to_message(body: t.Body) -> Message:
    """Give the message of a body."""
    raise TypeError(f"{type(body).__name__} is not the body of an event")


@body_to_message.register
def _(body: t.Demographics) -> Message:
    return pb.Demographics(
        birth_date=body.birth_date,
        gender=body.gender.value,
        deceased_at=optional_timestamp(body.deceased_at),
    )


def _demographics(message: pb.Demographics) -> t.Demographics:
    try:
        gender = t.Gender(message.gender or "unknown")
    except ValueError:
        raise MalformedEvent("Demographics.gender is not female, male, other or unknown") from None
    return t.Demographics(message.birth_date, gender, optional_time(message, "deceased_at"))


@body_to_message.register
def _(body: t.Observation) -> Message:
    message = pb.Observation(
        code=code_to_message(body.code),
        absent_reason=body.absent_reason,
        interpretation=body.interpretation,
    )
    match body.value:
        case t.Quantity(value, unit, comparator):
            message.quantity.CopyFrom(
                codes_pb2.Quantity(value=value, unit=unit, comparator=comparator)
            )
        case t.Code():
            message.coded.CopyFrom(code_to_message(body.value))
        case bool():
            message.truth = body.value
    return message


def _observation(message: pb.Observation) -> t.Observation:
    value: t.Quantity | t.Code | bool | None = None
    match message.WhichOneof("value"):
        case "quantity":
            q = message.quantity
            value = t.Quantity(q.value, q.unit, q.comparator)
        case "coded":
            value = code_of(message.coded)
        case "truth":
            value = message.truth
    return t.Observation(
        code_of(message.code), value, message.absent_reason, message.interpretation
    )


@body_to_message.register
def _(body: t.Condition) -> Message:
    return pb.Condition(
        code=code_to_message(body.code),
        clinical_status=body.clinical_status,
        onset_at=optional_timestamp(body.onset_at),
        abated_at=optional_timestamp(body.abated_at),
        verification=body.verification,
    )


def _condition(message: pb.Condition) -> t.Condition:
    return t.Condition(
        code_of(message.code),
        message.clinical_status,
        optional_time(message, "onset_at"),
        optional_time(message, "abated_at"),
        message.verification,
    )


@body_to_message.register
def _(body: t.Medication) -> Message:
    return pb.Medication(
        drug=code_to_message(body.drug),
        kind=body.kind,
        state=body.state,
        starts_at=optional_timestamp(body.starts_at),
        ends_at=optional_timestamp(body.ends_at),
    )


def _medication(message: pb.Medication) -> t.Medication:
    return t.Medication(
        code_of(message.drug),
        message.kind,
        message.state,
        optional_time(message, "starts_at"),
        optional_time(message, "ends_at"),
    )


@body_to_message.register
def _(body: t.Allergy) -> Message:
    return pb.Allergy(
        substance=code_to_message(body.substance),
        clinical_status=body.clinical_status,
        criticality=body.criticality,
    )


def _allergy(message: pb.Allergy) -> t.Allergy:
    return t.Allergy(code_of(message.substance), message.clinical_status, message.criticality)


@body_to_message.register
def _(body: t.Encounter) -> Message:
    return pb.Encounter(
        class_code=body.class_code,
        starts_at=optional_timestamp(body.starts_at),
        ends_at=optional_timestamp(body.ends_at),
        reasons=[code_to_message(reason) for reason in body.reasons],
    )


def _encounter(message: pb.Encounter) -> t.Encounter:
    return t.Encounter(
        message.class_code,
        optional_time(message, "starts_at"),
        optional_time(message, "ends_at"),
        tuple(code_of(reason) for reason in message.reasons),
    )


@body_to_message.register
def _(body: t.Procedure) -> Message:
    return pb.Procedure(
        code=code_to_message(body.code), performed_at=optional_timestamp(body.performed_at)
    )


def _procedure(message: pb.Procedure) -> t.Procedure:
    return t.Procedure(code_of(message.code), optional_time(message, "performed_at"))


@body_to_message.register
def _(body: t.Note) -> Message:
    return pb.Note(type=code_to_message(body.type), sha256=body.sha256)


def _note(message: pb.Note) -> t.Note:
    return t.Note(code_of(message.type), message.sha256)


@body_to_message.register
def _(body: t.Consent) -> Message:
    return pb.Consent(scope=body.scope, permitted=body.permitted)


def _consent(message: pb.Consent) -> t.Consent:
    return t.Consent(message.scope, message.permitted)


@body_to_message.register
def _(body: t.GenomicFeatures) -> Message:
    return pb.GenomicFeatures(
        sample_sha256=body.sample_sha256,
        build=body.build,
        knowledge_release=body.knowledge_release,
        genes=[_gene_call_to_message(call) for call in body.genes],
        observed_sex=body.observed_sex,
    )


def _genomic_features(message: pb.GenomicFeatures) -> t.GenomicFeatures:
    return t.GenomicFeatures(
        message.sample_sha256,
        message.build,
        message.knowledge_release,
        tuple(_gene_call(call) for call in message.genes),
        message.observed_sex,
    )


def _gene_call_to_message(call: t.GeneCall) -> pb.GeneCall:
    return pb.GeneCall(
        gene=call.gene,
        diplotype=call.diplotype or "",
        diplotypes=call.diplotypes,
        phenotypes=[phenotype or "" for phenotype in call.phenotypes],
        activity_scores=call.activity_scores,
        lookup_keys=call.lookup_keys,
        component_haplotypes=call.component_haplotypes,
        missing_positions=call.missing_positions,
        warnings=call.warnings,
        no_call_reason=call.no_call_reason,
        caller=call.caller,
        disputed=call.disputed,
        research_diplotypes=call.research_diplotypes,
    )


def _gene_call(message: pb.GeneCall) -> t.GeneCall:
    return t.GeneCall(
        gene=message.gene,
        diplotype=message.diplotype or None,
        diplotypes=tuple(message.diplotypes),
        phenotypes=tuple(phenotype or None for phenotype in message.phenotypes),
        activity_scores=tuple(message.activity_scores),
        lookup_keys=tuple(message.lookup_keys),
        component_haplotypes=tuple(message.component_haplotypes),
        missing_positions=tuple(message.missing_positions),
        warnings=tuple(message.warnings),
        no_call_reason=message.no_call_reason,
        caller=message.caller,
        disputed=message.disputed,
        research_diplotypes=tuple(message.research_diplotypes),
    )


@body_to_message.register
def _(body: t.PatientsMerged) -> Message:
    return pb.PatientsMerged(retired=body.retired, survivor=body.survivor)


def _patients_merged(message: pb.PatientsMerged) -> t.PatientsMerged:
    return t.PatientsMerged(message.retired, message.survivor)


@body_to_message.register
def _(body: t.PatientsUnmerged) -> Message:
    return pb.PatientsUnmerged(retired=body.retired, survivor=body.survivor)


def _patients_unmerged(message: pb.PatientsUnmerged) -> t.PatientsUnmerged:
    return t.PatientsUnmerged(message.retired, message.survivor)


@body_to_message.register
def _(body: t.TimeReached) -> Message:
    return pb.TimeReached(at=timestamp_of(body.at))


def _time_reached(message: pb.TimeReached) -> t.TimeReached:
    return t.TimeReached(time_of(message.at))


@body_to_message.register
def _(body: t.Feedback) -> Message:
    reason = None if body.reason is None else code_to_message(body.reason)
    return pb.Feedback(
        recommendation_id=body.recommendation_id, verdict=body.verdict, reason=reason
    )


def _feedback(message: pb.Feedback) -> t.Feedback:
    reason = code_of(message.reason) if message.HasField("reason") else None
    return t.Feedback(message.recommendation_id, message.verdict, reason)


@body_to_message.register
def _(body: t.Recompute) -> Message:
    return pb.Recompute(reason=body.reason)


def _recompute(message: pb.Recompute) -> t.Recompute:
    return t.Recompute(message.reason)


@body_to_message.register
def _(body: t.PatientForgotten) -> Message:
    return pb.PatientForgotten(record=body.record)


def _patient_forgotten(message: pb.PatientForgotten) -> t.PatientForgotten:
    return t.PatientForgotten(message.record)


FROM_MESSAGE: dict[str, Callable[[Any], t.Body]] = {
    "demographics": _demographics,
    "observation": _observation,
    "condition": _condition,
    "medication": _medication,
    "allergy": _allergy,
    "encounter": _encounter,
    "procedure": _procedure,
    "note": _note,
    "consent": _consent,
    "genomic_features": _genomic_features,
    "patients_merged": _patients_merged,
    "patients_unmerged": _patients_unmerged,
    "time_reached": _time_reached,
    "feedback": _feedback,
    "recompute": _recompute,
    "patient_forgotten": _patient_forgotten,
}
