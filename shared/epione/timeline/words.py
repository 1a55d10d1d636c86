"""What an event says, in a few words: for who asks which fact changed, and not who the patient is.

A code is named by its terminology, else by itself. No birth date, and no record's name, is said.
"""

from epione.timeline.events import (
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    Allergy,
    Body,
    Code,
    Condition,
    Consent,
    Demographics,
    GenomicFeatures,
    Medication,
    Observation,
    PatientEvent,
    PatientForgotten,
    PatientsMerged,
    PatientsUnmerged,
    Procedure,
    Quantity,
    Recompute,
    Status,
    TimeReached,
)

SYSTEMS = {LOINC: "LOINC", SNOMED: "SNOMED CT", RXNORM: "RxNorm", ICD10CM: "ICD-10-CM"}


def fact_in_words(event: PatientEvent) -> str:
    """Name the fact, what is now said of it, and whether it was taken back."""
    said = _said(event.body)
    return f"{said}, withdrawn" if event.status is Status.WITHDRAWN else said


def _said(body: Body) -> str:
    match body:
        case Observation(code=code, value=Quantity(value, unit, comparator)):
            return f"{_name(code)}: {comparator}{value:g} {unit}".rstrip()
        case Observation(code=code, value=Code() as answer):
            return f"{_name(code)}: {_name(answer)}"
        case Observation(code=code) | Procedure(code=code):
            return _name(code)
        case Condition(code=code):
            return f"condition {_name(code)}: {body.clinical_status}, {body.verification}"
        case Medication(drug=drug):
            return f"{body.kind} of {_name(drug)}: {body.state}"
        case Allergy(substance=substance):
            return f"allergy to {_name(substance)}: {body.clinical_status}"
        case Consent(scope=scope, permitted=permitted):
            return f"consent to {scope}: {'permitted' if permitted else 'denied'}"
        case Recompute(reason=reason):
            return f"the plan was asked for again: {reason}".removesuffix(": ")
        case _:
            return _OTHERS.get(type(body), type(body).__name__.lower())


_OTHERS: dict[type[Body], str] = {
    Demographics: "who the patient is",
    GenomicFeatures: "a genome",
    PatientsMerged: "two records are one patient's",
    PatientsUnmerged: "two records are not one patient's after all",
    TimeReached: "a time that the plan waited for",
    PatientForgotten: "a record was forgotten",
}


def _name(code: Code) -> str:
    return code.display or f"{SYSTEMS.get(code.system, code.system)} {code.code}".strip()
