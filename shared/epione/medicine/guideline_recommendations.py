"""What the hypertension guideline says of a patient's history, each fact with its events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from epione.medicine.guidelines import (
    HYPERTENSION,
    BloodPressure,
    Chart,
    Finding,
    Ground,
    Problem,
    findings_of,
)
from epione.medicine.prevent_inputs import OLD_AFTER, PreventFacts
from epione.medicine.recommendation import Reason, Recommendation, SubjectKind
from epione.medicine.risk_recommendations import Models, is_answered
from epione.timeline import Condition, History, Stated, codes
from epione.timeline.codes import ConditionGroup

PRESENT: Mapping[Problem, ConditionGroup] = {
    Problem.HYPERTENSION: codes.HYPERTENSION,
    Problem.DIABETES: codes.DIABETES,
    Problem.KIDNEY_DISEASE: codes.KIDNEY_DISEASE,
    Problem.HEART_FAILURE: codes.HEART_FAILURE,
    Problem.TACHYARRHYTHMIA: codes.TACHYARRHYTHMIA,
    Problem.PREGNANCY: codes.PREGNANCY,
    Problem.ANGIOEDEMA: codes.ANGIOEDEMA,
    Problem.HYPERKALAEMIA: codes.HYPERKALAEMIA,
    Problem.HYPOKALAEMIA: codes.HYPOKALAEMIA,
    Problem.HYPONATRAEMIA: codes.HYPONATRAEMIA,
    Problem.HYPERCALCAEMIA: codes.HYPERCALCAEMIA,
    Problem.GOUT: codes.GOUT,
}
# Once had, these count for good.
EVER: Mapping[Problem, ConditionGroup] = {
    Problem.CARDIOVASCULAR_DISEASE: codes.ATHEROSCLEROSIS,
    Problem.STROKE: codes.STROKE,
}


@dataclass(frozen=True, slots=True)
class Charted:
    """The guideline's view of a history, and the events behind each thing it may cite."""

    chart: Chart
    event_ids: Mapping[str, tuple[str, ...]]  # by a ground's text, else by its fact


def guideline_recommendations(
    history: History, facts: PreventFacts, models: Models
) -> Iterator[Recommendation]:
    """Give every finding of the guideline as a recommendation."""
    charted = charted_of(history, facts, models)
    for finding in findings_of(charted.chart):
        yield _recommendation(finding, charted)


def charted_of(history: History, facts: PreventFacts, models: Models) -> Charted:
    """Read the guideline's chart from a history; a risk is known where the model gives one."""
    problems = {
        **{problem: history.active(group) for problem, group in PRESENT.items()},
        **{problem: history.ever(group) for problem, group in EVER.items()},
    }
    pressures = _pressures(history)
    inputs = facts.inputs
    chart = Chart(
        age_years=history.age,
        readings=tuple(pressures),
        treated=inputs.bp_tx,
        problems={problem: _words(problem, found) for problem, found in problems.items() if found},
        total_cvd_10y=models.prevent(inputs).y10["total_cvd"] if is_answered(facts) else None,
        egfr=inputs.egfr,
        uacr=inputs.uacr,
        bmi=inputs.bmi,
        loinc_known=frozenset(history.observations),
    )
    return Charted(chart, _events_behind(problems, pressures, facts))


def turning_old(history: History) -> tuple[datetime, ...]:
    """Give when readings come to be too old to count."""
    times = (reading.at + OLD_AFTER for reading in history.readings(codes.SYSTOLIC))
    return tuple(time for time in times if time > history.now)


def _pressures(history: History) -> dict[BloodPressure, tuple[str, ...]]:
    """Pair systolic and diastolic readings of one moment; old ones say nothing of today."""
    diastolic = {reading.at: reading for reading in history.readings(codes.DIASTOLIC)}
    pairs: dict[BloodPressure, tuple[str, ...]] = {}
    for systolic in history.readings(codes.SYSTOLIC):
        lower = diastolic.get(systolic.at)
        if lower is not None and history.now < systolic.at + OLD_AFTER:
            pair = BloodPressure(
                round(systolic.value, 1), round(lower.value, 1), systolic.at.date()
            )
            pairs[pair] = tuple(dict.fromkeys((systolic.event_id, lower.event_id)))
    return pairs


def _words(problem: Problem, found: tuple[Stated[Condition], ...]) -> str:
    names = {stated.value.code.display or problem.value for stated in found}
    return ", ".join(sorted(names))


def _events_behind(
    problems: Mapping[Problem, tuple[Stated[Condition], ...]],
    pressures: Mapping[BloodPressure, tuple[str, ...]],
    facts: PreventFacts,
) -> Mapping[str, tuple[str, ...]]:
    return {
        **{name: known.reason.event_ids for name, known in facts.known.items() if known.reason},
        "total_cvd_10y": tuple(
            dict.fromkeys(event_id for reason in facts.reasons for event_id in reason.event_ids)
        ),
        **{
            problem.value: tuple(stated.event_id for stated in found)
            for problem, found in problems.items()
        },
        **{f"blood pressure {pressure}": ids for pressure, ids in pressures.items()},
    }


def _recommendation(finding: Finding, charted: Charted) -> Recommendation:
    return Recommendation(
        id="",
        key=f"{finding.subject.kind.value}/{finding.key}",
        subject=finding.subject,
        action=finding.action,
        strength=finding.strength,
        evidence=finding.evidence,
        reasons=tuple(_reason(ground, charted) for ground in finding.grounds),
        would_change_if=finding.would_change_if,
        versions={evidence.source: evidence.release for evidence in finding.evidence},
        serves=(HYPERTENSION,) if finding.subject.kind is SubjectKind.TEST else (),
    )


def _reason(ground: Ground, charted: Charted) -> Reason:
    ids = charted.event_ids.get(ground.text) or charted.event_ids.get(ground.fact, ())
    return Reason(ground.text, ids)
