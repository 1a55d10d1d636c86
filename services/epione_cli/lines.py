"""Recommendations as JSON, one a line: what `epione demo --json` and `plan --json` promise.

No date that follows from a birthday is given: `valid_until` stays out.
"""

import json

from epione.medicine.recommendation import Plan, Recommendation


def json_line(plan: Plan, recommendation: Recommendation) -> str:
    """Give one recommendation of a plan as a line of JSON."""
    kind = recommendation.subject.kind
    return json.dumps(
        {
            "patient": plan.patient,
            "id": recommendation.id,
            "key": recommendation.key,
            kind.value: recommendation.subject.name,
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
            "risks": [
                {
                    "outcome": risk.outcome,
                    "years": risk.horizon_years,
                    "probability": risk.probability,
                    "scenario": risk.scenario,
                }
                for risk in recommendation.risks
            ],
            "sources": [
                {
                    "source": evidence.source,
                    "release": evidence.release,
                    "reference": evidence.reference,
                    "knowledge_as_of": evidence.knowledge_as_of,
                }
                for evidence in recommendation.evidence
            ],
            "versions": dict(recommendation.versions),
        },
        ensure_ascii=False,
    )
