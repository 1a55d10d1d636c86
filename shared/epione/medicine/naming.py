"""A recommendation's name: a digest of what it says to whom, not of when or by which message.

A fact that is sent again, or a day that passes, is therefore no new recommendation. Of a risk of a
life the lesser figures are left out (`life_recommendations.lasting`): so many of them move a little
with every day that one or another would always be told anew.

What is hashed is the text that `repr` gives of the values, written piece by piece: most of a plan's
pieces are the same for everyone, and are written once.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from epione.medicine.life_recommendations import lasting
from epione.medicine.recommendation import Evidence, Reason, Recommendation, RiskEstimate, Subject


def name_of(tenant: str, patient: str, recommendation: Recommendation) -> str:
    """Give 32 hexadecimal digits."""
    content = f"({tenant!r}, {patient!r}, {said(lasting(recommendation))})"
    return sha256(content.encode()).hexdigest()[:32]


def said(recommendation: Recommendation) -> str:
    """Write a recommendation as `repr` does, its reasons without events, its versions in order."""
    r = recommendation
    return (
        f"Recommendation(id={r.id!r}, key={r.key!r}, subject={_once(r.subject)}, "
        f"action={r.action!r}, strength={r.strength!r}, evidence={_once(r.evidence)}, "
        f"reasons={_tuple(map(_reason, r.reasons))}, would_change_if={r.would_change_if!r}, "
        f"risks={_tuple(map(_risk, r.risks))}, versions={dict(sorted(r.versions.items()))!r}, "
        f"valid_until={r.valid_until!r}, serves={_once(r.serves)})"
    )


@lru_cache(maxsize=4_096)
def _once(value: Subject | tuple[Evidence, ...] | tuple[Subject, ...]) -> str:
    return repr(value)


def _reason(reason: Reason) -> str:
    return f"Reason(text={reason.text!r}, event_ids=())"


def _risk(risk: RiskEstimate) -> str:
    """Leave out what release 0.1.0 did not know, where nothing is said by it."""
    bare = (risk.low, risk.high, risk.by) == (None, None, "")
    more = "" if bare else f", low={risk.low!r}, high={risk.high!r}, by={risk.by!r}"
    return (
        f"RiskEstimate(outcome={risk.outcome!r}, horizon_years={risk.horizon_years!r}, "
        f"probability={risk.probability!r}, scenario={risk.scenario!r}{more})"
    )


def _tuple(written: Iterable[str]) -> str:
    pieces = tuple(written)
    return f"({pieces[0]},)" if len(pieces) == 1 else f"({', '.join(pieces)})"
