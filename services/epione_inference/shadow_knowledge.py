"""A candidate release of pharmacogenomics, held against the one served; only differences count.

What a candidate says of drugs and of the genes to test is compared (`knowledge_differences`); the
genes' calls are those on the record, whichever release made them.

It is Python, so a thread of its own would hold the others up; it runs in the event loop, one
patient at a time, for a tenth of the time at most, and drops what it cannot keep up with.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable

from epione.medicine.drug_recommendations import DrugGuidelines
from epione.medicine.knowledge_differences import ByKey, Difference, differences, recommended
from epione.medicine.plan import Case
from epione.medicine.recommendation import Plan, PlanState, Recommendation
from epione.telemetry import SHADOW_COMPARED, SHADOW_RECOMMENDATIONS

WHAT = "knowledge"
KEYS = ("drug/", "test/gene/")  # of recommendations that the guidelines make
MOST_WAITING = 1_000  # plans
SHARE = 0.1  # of the event loop's time

_log = logging.getLogger(__name__)


class KnowledgeShadow:
    """Holds what a candidate would recommend against the plans that were made."""

    def __init__(self, candidate: DrugGuidelines) -> None:
        self._candidate = candidate
        self._waiting: asyncio.Queue[tuple[Case, Plan]] = asyncio.Queue(MOST_WAITING)

    def observe(self, case: Case, plan: Plan) -> None:
        """Have a plan compared; at once, and whatever becomes of it."""
        if plan.state is not PlanState.CURRENT or plan.holds == (case.hold,):
            return
        try:
            self._waiting.put_nowait((case, plan))
        except asyncio.QueueFull:
            SHADOW_COMPARED.labels(WHAT, "dropped").inc()

    async def compare(self) -> None:
        """Compare what is offered, for as long as the service runs."""
        while True:
            case, plan = await self._waiting.get()
            began = time.perf_counter()
            try:
                made = recommended(case, self._candidate)
                count(guided(plan.recommendations), guided(made.values()))
            except Exception as fault:  # noqa: BLE001 - a candidate's fault is never the service's
                SHADOW_COMPARED.labels(WHAT, "failed").inc()
                _log.warning("the shadow knowledge failed: %s", type(fault).__name__)
            spent_s = time.perf_counter() - began
            await asyncio.sleep(spent_s * (1 - SHARE) / SHARE)


def guided(recommendations: Iterable[Recommendation]) -> ByKey:
    """Give what of a plan its guidelines on drugs make, and no other room does."""
    return {each.key: each for each in recommendations if each.key.startswith(KEYS)}


def count(live: ByKey, candidate: ByKey) -> None:
    """Count a plan, and what the candidate adds to it, removes from it, or changes in it."""
    found = Counter((each.subject.name, _kind_of(each)) for each in differences(live, candidate))
    SHADOW_COMPARED.labels(WHAT, "different" if found else "equal").inc()
    for (subject, difference), n in found.items():
        SHADOW_RECOMMENDATIONS.labels(subject, difference).inc(n)


def _kind_of(difference: Difference) -> str:
    if difference.before is None:
        return "added"
    return "changed" if difference.after else "removed"
