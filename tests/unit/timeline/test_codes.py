"""The groups hold what surely belongs to them, by the right terminology."""

import pytest

from epione.timeline.codes import (
    ATHEROSCLEROSIS,
    BLOOD_PRESSURE_MEDICINE,
    DIABETES,
    HEART_FAILURE,
    HYPERTENSION,
    SMOKES,
    SMOKES_NOT,
    STATIN,
    STROKE,
    ConditionGroup,
    DrugGroup,
)
from epione.timeline.events import ICD10CM, RXNORM, SNOMED, Code


@pytest.mark.parametrize(
    ("group", "code", "holds"),
    [
        pytest.param(DIABETES, Code(SNOMED, "44054006"), True, id="type 2 diabetes"),
        pytest.param(DIABETES, Code(ICD10CM, "E11.9"), True, id="E11.9"),
        pytest.param(DIABETES, Code(ICD10CM, "e11.9"), True, id="in small letters"),
        pytest.param(DIABETES, Code(ICD10CM, "R73.03"), False, id="prediabetes"),
        pytest.param(DIABETES, Code(ICD10CM, "E10.9"), True, id="type 1 diabetes"),
        pytest.param(DIABETES, Code(ICD10CM, "E10.A1"), False, id="type 1, presymptomatic"),
        pytest.param(DIABETES, Code(SNOMED, "E11.9"), False, id="another terminology's code"),
        pytest.param(HYPERTENSION, Code(ICD10CM, "I10"), True, id="I10"),
        pytest.param(HYPERTENSION, Code(ICD10CM, "I27.0"), False, id="pulmonary hypertension"),
        pytest.param(HEART_FAILURE, Code(ICD10CM, "I11.0"), True, id="hypertensive, with failure"),
        pytest.param(HEART_FAILURE, Code(ICD10CM, "I11.9"), False, id="hypertensive, without"),
        pytest.param(ATHEROSCLEROSIS, Code(SNOMED, "53741008"), True, id="coronary disease"),
        pytest.param(ATHEROSCLEROSIS, Code(SNOMED, "49436004"), False, id="atrial fibrillation"),
        pytest.param(STROKE, Code(ICD10CM, "Z86.73"), True, id="history of stroke"),
        pytest.param(STROKE, Code(ICD10CM, "I62.00"), False, id="subdural bleeding"),
    ],
)
def test_a_condition_belongs_by_its_code(group: ConditionGroup, code: Code, holds: bool) -> None:
    assert group.holds(code) is holds


@pytest.mark.parametrize(
    ("group", "rxnorm", "holds"),
    [
        pytest.param(STATIN, "83367", True, id="atorvastatin"),
        pytest.param(STATIN, "312961", True, id="simvastatin 20 mg tablet"),
        pytest.param(STATIN, "29046", False, id="lisinopril"),
        pytest.param(BLOOD_PRESSURE_MEDICINE, "29046", True, id="lisinopril, again"),
        pytest.param(BLOOD_PRESSURE_MEDICINE, "897718", True, id="verapamil 40 mg tablet"),
        pytest.param(BLOOD_PRESSURE_MEDICINE, "11289", False, id="warfarin"),
    ],
)
def test_a_medicine_belongs_by_its_code(group: DrugGroup, rxnorm: str, holds: bool) -> None:
    assert group.holds(Code(RXNORM, rxnorm)) is holds
    assert not group.holds(Code(SNOMED, rxnorm))


def test_no_answer_says_both_that_one_smokes_and_that_one_does_not() -> None:
    assert SMOKES.isdisjoint(SMOKES_NOT)
