"""A candidate release of pharmacogenomics, held against the pinned one; only differences count.

What a candidate says of drugs and of the genes to test is compared by what is to be done and how
it is graded: where it differs in evidence or wording of reasons alone, the plan is the same. The
genes' calls are those on the record, made by the pinned release.

It is Python, so a thread of its own would hold the others up; it runs in the event loop, one
patient at a time, for a tenth of the time at most, and drops what it cannot keep up with.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from epione.errors import Misconfigured
from epione.medicine.drug_recommendations import (
    DrugGuidelines,
    advice_ahead,
    drug_recommendations,
)
from epione.medicine.pharmacogenomics import Guidelines, gene_names, gene_of
from epione.medicine.plan import Case
from epione.medicine.recommendation import Plan, PlanState, Recommendation
from epione.telemetry import SHADOW_COMPARED, SHADOW_RECOMMENDATIONS

WHAT = "knowledge"
KEYS = ("drug/", "test/gene/")  # of recommendations that the guidelines make
MOST_WAITING = 1_000  # plans
SHARE = 0.1  # of the event loop's time

Said = Mapping[str, tuple[str, str, str]]  # by key: subject, action, strength

_log = logging.getLogger(__name__)


def candidate_in(folder: Path) -> Guidelines:
    """Read a release whole, so that what is wrong with it shows now.

    Raises:
        Misconfigured: It cannot be read.
    """
    candidate = Guidelines(folder)
    try:
        candidate.drugs()
        candidate.modulators()
        for name in gene_names(folder):
            gene_of(name, folder)
    except (OSError, KeyError, TypeError, ValueError) as fault:
        raise Misconfigured(f"{folder} is no knowledge release: {type(fault).__name__}") from fault
    return candidate


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
                count(said_in(plan.recommendations), said_by(self._candidate, case))
            except Exception as fault:  # noqa: BLE001 - a candidate's fault is never the service's
                SHADOW_COMPARED.labels(WHAT, "failed").inc()
                _log.warning("the shadow knowledge failed: %s", type(fault).__name__)
            spent_s = time.perf_counter() - began
            await asyncio.sleep(spent_s * (1 - SHARE) / SHARE)


def said_in(recommendations: Iterable[Recommendation]) -> Said:
    """Give what a plan says by its guidelines."""
    return {
        each.key: (each.subject.name, each.action, each.strength)
        for each in recommendations
        if each.key.startswith(KEYS)
    }


def said_by(guidelines: DrugGuidelines, case: Case) -> Said:
    """Give what guidelines say of a case."""
    return said_in(
        chain(
            drug_recommendations(case.history, case.genome, guidelines),
            advice_ahead(case.history, case.genome, guidelines),
        )
    )


def count(live: Said, candidate: Said) -> None:
    """Count a plan, and what the candidate adds to it, removes from it, or changes in it."""
    found = Counter(differences(live, candidate))
    SHADOW_COMPARED.labels(WHAT, "different" if found else "equal").inc()
    for (subject, difference), n in found.items():
        SHADOW_RECOMMENDATIONS.labels(subject, difference).inc(n)


def differences(live: Said, candidate: Said) -> Iterator[tuple[str, str]]:
    """Give each difference as its subject, "clopidogrel", and "added", "removed" or "changed"."""
    for key in live.keys() | candidate.keys():
        if key not in live:
            yield candidate[key][0], "added"
        elif key not in candidate:
            yield live[key][0], "removed"
        elif live[key] != candidate[key]:
            yield live[key][0], "changed"
