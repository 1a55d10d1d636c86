"""What lowers a risk: the same model asked again with one input changed.

These are the model's answers, not the effect of a treatment: PREVENT was fitted to people as they
were, and says nothing of what happens to someone whose pressure or weight is made to change.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from epione.medicine.risk.prevent import PreventInputs, refusal_of

CAVEAT = "the model's answer with this one input changed, not the effect of a treatment"

# The highest whole value at the goal of under 130 mmHg (AHA/ACC 2025, Jones et al.).
SBP_AT_GOAL_MMHG = 129
# The unit in which PREVENT itself counts cholesterol: 1 mmol/L. The equations convert by 0.02586.
CHOLESTEROL_STEP_MG_DL = 38.67
# AHA/ACC 2025: at least 5 % of the weight, for who is overweight. PREVENT counts weight above a
# body mass index of 30, and for heart failure alone.
WEIGHT_KEPT = 0.95
BMI_COUNTED_FROM = 30


@dataclass(frozen=True, slots=True)
class Scenario:
    """The same person with one input changed; `name` goes to `RiskEstimate.scenario`."""

    name: str  # "sbp=129"
    text: str  # "systolic pressure 129 mmHg instead of 148 mmHg"
    changed: str  # the input's name
    inputs: PreventInputs


def scenarios_of(inputs: PreventInputs) -> tuple[Scenario, ...]:
    """Change each input that can be changed for the better, one at a time.

    What would leave the model's range is not offered: nothing is clamped.
    """
    offered = (scenario for change in _CHANGES if (scenario := change(inputs)))
    return tuple(each for each in offered if refusal_of(each.inputs) is None)


def _pressure_at_goal(inputs: PreventInputs) -> Scenario | None:
    if inputs.sbp is None or inputs.sbp <= SBP_AT_GOAL_MMHG:
        return None
    text = f"systolic pressure {SBP_AT_GOAL_MMHG} mmHg instead of {inputs.sbp:g} mmHg"
    changed = replace(inputs, sbp=SBP_AT_GOAL_MMHG)
    return Scenario(f"sbp={SBP_AT_GOAL_MMHG}", text, "sbp", changed)


def _no_smoking(inputs: PreventInputs) -> Scenario | None:
    if not inputs.smoking:
        return None
    changed = replace(inputs, smoking=False)
    return Scenario("smoking=false", "not smoking", "smoking", changed)


def _less_cholesterol(inputs: PreventInputs) -> Scenario | None:
    if inputs.total_c is None:
        return None
    lower = round(inputs.total_c - CHOLESTEROL_STEP_MG_DL)
    text = f"total cholesterol {lower} mg/dL instead of {inputs.total_c:g} mg/dL, HDL unchanged"
    return Scenario(f"total_c={lower}", text, "total_c", replace(inputs, total_c=lower))


def _less_weight(inputs: PreventInputs) -> Scenario | None:
    if inputs.bmi is None or inputs.bmi <= BMI_COUNTED_FROM:
        return None
    lower = round(inputs.bmi * WEIGHT_KEPT, 1)
    text = f"body mass index {lower:g} kg/m² instead of {inputs.bmi:g} kg/m² (5 % of the weight)"
    return Scenario(f"bmi={lower:g}", text, "bmi", replace(inputs, bmi=lower))


_CHANGES: tuple[Callable[[PreventInputs], Scenario | None], ...] = (
    _pressure_at_goal,
    _no_smoking,
    _less_cholesterol,
    _less_weight,
)
