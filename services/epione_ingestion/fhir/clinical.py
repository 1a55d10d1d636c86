"""Condition, AllergyIntolerance, Encounter and Procedure."""

import re

from epione.timeline import Allergy, Condition, Encounter, Procedure, Status
from epione_ingestion.fhir.reading import Reading, code_in
from epione_ingestion.node import Node

# R4 condition-clinical and condition-ver-status; allergyintolerance-clinical and
# -verification hold some of the same codes.
CLINICAL_STATUSES = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
VERIFICATIONS = {
    "confirmed": Status.FINAL,
    "provisional": Status.PRELIMINARY,
    "differential": Status.PRELIMINARY,
    "unconfirmed": Status.PRELIMINARY,
    "refuted": Status.FINAL,
    "entered-in-error": Status.WITHDRAWN,
}

# R4 encounter-status and event-status.
ENCOUNTER_STATUSES = {
    "planned": Status.PRELIMINARY,
    "arrived": Status.FINAL,
    "triaged": Status.FINAL,
    "in-progress": Status.FINAL,
    "onleave": Status.FINAL,
    "finished": Status.FINAL,
    "cancelled": Status.WITHDRAWN,
    "entered-in-error": Status.WITHDRAWN,
    "unknown": Status.PRELIMINARY,
}
PROCEDURE_STATUSES = {
    "preparation": Status.PRELIMINARY,
    "in-progress": Status.PRELIMINARY,
    "not-done": Status.WITHDRAWN,
    "on-hold": Status.PRELIMINARY,
    "stopped": Status.FINAL,
    "completed": Status.FINAL,
    "entered-in-error": Status.WITHDRAWN,
    "unknown": Status.PRELIMINARY,
}
CLASS = re.compile("[A-Z]{2,10}")  # HL7 v3 ActEncounterCode
CRITICALITIES = ("low", "high", "unable-to-assess")


def read_condition(reading: Reading) -> None:
    resource = reading.resource
    verification = _verification(reading)
    status = VERIFICATIONS[verification]
    if (code := reading.code(resource.node("code"), Condition, status)) is None:
        return
    onset_start, _ = reading.period(resource, "onsetPeriod")
    abated_start, abated_end = reading.period(resource, "abatementPeriod")
    onset_at = reading.time(resource, "onsetDateTime") or onset_start
    condition = Condition(
        code=code,
        clinical_status=_clinical_status(reading),
        onset_at=onset_at,
        abated_at=reading.time(resource, "abatementDateTime") or abated_end or abated_start,
        verification=verification,
    )
    at = onset_at or reading.time(resource, "recordedDate")
    reading.add(condition, status, at)


def read_allergy(reading: Reading) -> None:
    resource = reading.resource
    verification = _verification(reading)
    status = Status.WITHDRAWN if verification == "refuted" else VERIFICATIONS[verification]
    if (substance := reading.code(resource.node("code"), Allergy, status)) is None:
        return
    criticality = resource.text("criticality")
    allergy = Allergy(
        substance, _clinical_status(reading), criticality if criticality in CRITICALITIES else ""
    )
    at = reading.time(resource, "onsetDateTime") or reading.time(resource, "recordedDate")
    reading.add(allergy, status, at)


def read_encounter(reading: Reading) -> None:
    resource = reading.resource
    status = reading.one_of(ENCOUNTER_STATUSES)
    start, end = reading.period(resource, "period")
    reasons = [reading.chosen(reason, Condition) for reason in resource.nodes("reasonCode")]
    encounter = Encounter(
        class_code=_class_of(resource),
        starts_at=start,
        ends_at=end,
        reasons=tuple(reason for reason in reasons if reason is not None),
    )
    reading.add(encounter, status, start)


def read_procedure(reading: Reading) -> None:
    resource = reading.resource
    status = reading.one_of(PROCEDURE_STATUSES)
    if (code := reading.code(resource.node("code"), Procedure, status)) is None:
        return
    start, end = reading.period(resource, "performedPeriod")
    performed_at = reading.time(resource, "performedDateTime") or end or start
    reading.add(Procedure(code, performed_at), status, performed_at)


def _class_of(encounter: Node) -> str:
    coding = encounter.node("class")
    code = coding.text("code") if coding else ""
    return code if CLASS.fullmatch(code) else ""


def _verification(reading: Reading) -> str:
    """Read how sure a condition or allergy is; "confirmed" where it is not said."""
    concept = reading.resource.node("verificationStatus")
    verification = code_in(concept) if concept else "confirmed"
    if verification not in VERIFICATIONS:
        rule = f"must hold one of {', '.join(VERIFICATIONS)}"
        raise reading.resource.refusal("verificationStatus", rule)
    return verification


def _clinical_status(reading: Reading) -> str:
    concept = reading.resource.node("clinicalStatus")
    status = code_in(concept) if concept else "active"
    if status not in CLINICAL_STATUSES:
        rule = f"must hold one of {', '.join(CLINICAL_STATUSES)}"
        raise reading.resource.refusal("clinicalStatus", rule)
    return status
