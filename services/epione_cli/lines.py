"""Recommendations as JSON, one a line: what `epione demo --json` and `plan --json` promise.

No date that follows from a birthday is given: `valid_until` stays out.
"""

import json
from dataclasses import asdict

from epione.medicine.recommendation import Plan, Recommendation, SubjectKind


def json_line(plan: Plan, recommendation: Recommendation) -> str:
    """Give one recommendation of a plan as a line of JSON.

    `drug`, `risk` and `test` are names; a test also names the drugs or risks that it serves.
    """
    line: dict[str, object] = {
        "patient": plan.patient,
        "id": recommendation.id,
        "key": recommendation.key,
        **_subjects(recommendation),
        "code": {
            "system": recommendation.subject.code.system,
            "code": recommendation.subject.code.code,
        },
        "action": recommendation.action,
        "strength": recommendation.strength,
        "reasons": [
            {"text": reason.text, "events": list(reason.event_ids)}
            for reason in recommendation.reasons
        ],
        "would_change_if": list(recommendation.would_change_if),
        "risks": [asdict(risk) for risk in recommendation.risks],
        "sources": [asdict(evidence) for evidence in recommendation.evidence],
        "versions": dict(recommendation.versions),
    }
    return json.dumps(line, ensure_ascii=False)


def _subjects(recommendation: Recommendation) -> dict[str, str]:
    subjects = {recommendation.subject.kind.value: recommendation.subject.name}
    for kind in (SubjectKind.DRUG, SubjectKind.RISK):
        served = [subject.name for subject in recommendation.serves if subject.kind is kind]
        if served:
            subjects[kind.value] = ", ".join(served)
    return subjects
