"""The problems that a rule may ask a record for."""

from enum import StrEnum


class Problem(StrEnum):
    """What the record may say a person has that a rule asks for."""

    HYPERTENSION = "hypertension"
    CARDIOVASCULAR_DISEASE = "cardiovascular disease"
    STROKE = "stroke"
    DIABETES = "diabetes"
    KIDNEY_DISEASE = "kidney disease"
    HEART_FAILURE = "heart failure"
    TACHYARRHYTHMIA = "tachyarrhythmia"
    PREGNANCY = "pregnancy"
    ANGIOEDEMA = "angioedema"
    HYPERKALAEMIA = "hyperkalaemia"
    HYPOKALAEMIA = "hypokalaemia"
    HYPONATRAEMIA = "hyponatraemia"
    HYPERCALCAEMIA = "hypercalcaemia"
    RENAL_ARTERY_STENOSIS = "bilateral renal artery stenosis"
    GOUT = "gout"
