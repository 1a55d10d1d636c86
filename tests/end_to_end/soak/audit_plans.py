"""The plans: what they rest on, that they are folds of their logs, what a reader keeps of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.end_to_end.soak.audit_logs import Logs
from tests.end_to_end.soak.downstream import Downstream
from tests.end_to_end.soak.expected import ASKED, Expected
from tests.end_to_end.soak.findings import Again, Findings, Wrong
from tests.end_to_end.soak.ledger import Place
from tests.end_to_end.soak.reading import Held, place_of

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import topics
from epione.v1.plan_pb2 import Plan, Recommendation
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.single import plans_of


@dataclass(frozen=True, slots=True)
class Current:
    """The plan of the highest revision."""

    plan: Plan
    value: bytes

    @property
    def revision(self) -> tuple[int, int]:
        return self.plan.revision.epoch, self.plan.revision.offset


Plans = Mapping[str, Current]  # by key


async def read_plans(held: Held, expected: Expected, logs: Logs, found: Findings) -> Plans:
    """Read the current plans as a reader does, a lower revision dropped, and check each."""
    plans: dict[str, Current] = {}
    async for key, record, value in held.records(topics.PATIENT_PLANS):
        plan, known = Current(Plan.FromString(value), value), plans.get(key)
        if known is not None and plan.revision <= known.revision:
            found.repeated.append((record.timestamp_ms, Again.PLANS))
            continue
        name = logs.name_of[key]
        if known and _as_of(plan) < _as_of(known) and not expected.was_unmerged(name):
            found.note(Wrong.OUT_OF_ORDER, "a plan", name)
        plans[key] = plan
    for name in expected.standing:
        found.checked["plans"] += 1
        if (current := plans.get(logs.key_of.get(name, ""))) is None:
            found.note(Wrong.LOST, "no plan", name)
        else:
            _check_plan(name, current.plan, expected, found)
    return plans


def _as_of(current: Current) -> int:
    return current.plan.as_of.ToNanoseconds()


def _check_plan(log: str, plan: Plan, expected: Expected, found: Findings) -> None:
    """It rests on the last reading of each analyte, and on no other."""
    is_merged = expected.is_merged(log)
    if is_merged != (plan.state == Plan.STATE_MERGED):
        found.note(Wrong.LOST if is_merged else Wrong.DOUBLE, "a merge", f"{log}: {plan.state}")
    readings = expected.readings(log)
    given = [each for each in plan.recommendations if each.key == "risk/prevent" and each.risks]
    if is_merged or not given or not readings.keys() >= ASKED:
        return
    asked = {serial for analyte, serial in readings.items() if analyte in ASKED}
    rows = (expected.by_place.get(place) for place in _places_in(given[0]))
    shown = {
        row.serial
        for row in rows
        if row is not None and any(fact.entity.startswith("result") for fact in row.facts)
    }
    found.checked["readings in plans"] += len(asked)
    for serial in asked - shown:
        found.note(Wrong.LOST, "not in the plan", f"{log}: message {serial}")
    for serial in shown - asked:
        found.note(Wrong.DOUBLE, "still in the plan", f"{log}: message {serial}")


def _places_in(recommendation: Recommendation) -> Iterator[Place]:
    for reason in recommendation.reasons:
        for event_id in reason.event_ids:
            if event_id.startswith("hospital."):
                yield place_of(event_id)[0]


async def compare_with_fold(logs: Logs, plans: Plans, found: Findings) -> None:
    """The plans are, byte for byte, those of one undisturbed process."""
    answers = PreventAnswers(None)
    try:
        records = [record for each in logs.whole.values() for record in each]
        folded = await plans_of(records, Inference(answers, Guidelines()))
    finally:
        answers.close()
    for key, plan in folded.items():
        found.checked["plans folded again"] += 1
        if key not in plans or plans[key].value != plan:
            found.note(Wrong.DOUBLE, "a plan that is not the fold of its log", logs.shown(key))


async def compare_with_downstream(held: Held, logs: Logs, plans: Plans, found: Findings) -> None:
    """What a reader of recommendations.v1 keeps is what the plans hold."""
    downstream = Downstream()
    async for key, record, value in held.records(topics.RECOMMENDATIONS):
        if not downstream.apply(key, Recommendation.FromString(value)):
            found.repeated.append((record.timestamp_ms, Again.RECOMMENDATIONS))
    for key, current in plans.items():
        found.checked["standing sets"] += 1
        planned = {each.key: each.id for each in current.plan.recommendations}
        if (kept := downstream.standing(key)) != planned:
            names = sorted({name for name, _ in kept.items() ^ planned.items()})
            found.note(Wrong.DOUBLE, "a downstream reader's set", f"{logs.shown(key)}: {names}")
