"""Patients' events in; their plans, what changed in them, and what merged records are told, out.

The handler holds no medicine: it decodes, folds, asks the models once for the whole batch, and
writes down what the pure functions answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from epione.errors import MalformedEvent
from epione.identity import patient_key
from epione.medicine.drug_recommendations import DrugGuidelines
from epione.medicine.life import LifeAnswer, LifeCard, LifeQuestion, ServedLife
from epione.medicine.plan import Case, case_of, plan_for
from epione.medicine.recommendation import Plan, Reason
from epione.medicine.risk import PreventInputs, PreventRisks
from epione.medicine.risk_recommendations import Models
from epione.messaging import PROTOBUF, Headers, Message, Record, content_type_of
from epione.messaging.folding import Folded
from epione.messaging.trace import mark_of, passed_on
from epione.timeline import (
    PatientEvent,
    PatientForgotten,
    Recompute,
    Timeline,
    TimeReached,
    fact_in_words,
    fold,
    forwarded,
    now_of,
    origin_of,
)
from epione.wire import Revision, event_from_wire
from epione.wire.encoding import EPOCH
from epione_inference.changes import changes_of
from epione_inference.messages import (
    change_message,
    plan_message,
    told_message,
    tombstone,
)
from epione_inference.states import Kept, States

Events = Sequence[tuple[Record, PatientEvent]]


@dataclass(frozen=True, slots=True)
class Patient:
    """What a batch did to one patient's log."""

    key: str
    before: Kept
    timeline: Timeline
    case: Case
    revision: Revision
    causes: tuple[Reason, ...]  # the facts that changed, with the events that state them
    asked: tuple[Reason, ...]  # of these, why the plan was asked for again
    logged_at_ms: frozenset[int]  # when the log took the hospitals' messages of the batch
    trace: Headers  # of the last event that is traced


def decode(record: Record) -> PatientEvent:
    """Read an event from its patient's log.

    Raises:
        MalformedEvent: It is not an event, or stands on another patient's log.
    """
    event = event_from_wire(record.value, content_type_of(record.headers) or PROTOBUF)
    if record.key != patient_key(event.tenant, event.patient).encode():
        raise MalformedEvent("the record's key is not that of the event's patient")
    return event


class Answered(NamedTuple):
    """What a batch asked, answered in order, and the versions that all of it was answered by."""

    risks: Sequence[PreventRisks]
    versions: Mapping[str, str]


class Answers(Protocol):
    """PREVENT, asked for a whole batch at once."""

    async def answer(self, inputs: Sequence[PreventInputs]) -> Answered: ...


class Foretold(NamedTuple):
    """What a batch asked of lives, answered in order, and the card of what answered all of it."""

    answers: Sequence[LifeAnswer]
    card: LifeCard


class Lives(Protocol):
    """A model of a life, asked for a whole batch at once."""

    async def answer(self, questions: Sequence[LifeQuestion]) -> Foretold: ...


Observe = Callable[[Case, Plan], None]


class Inference:
    """Folds batches of patients' events into plans."""

    def __init__(
        self,
        answers: Answers,
        guidelines: DrugGuidelines,
        *,
        epoch: int = 0,
        lives: Lives | None = None,
        observe: Observe | None = None,
    ) -> None:
        """Prepare to fold.

        Args:
            epoch: The generation of the log, part of every revision.
            lives: A model of a life, where one is served.
            observe: Is shown every plan with the case that it was made for; it returns at once.
        """
        self._answers, self._guidelines, self._epoch = answers, guidelines, epoch
        self._lives, self._observe = lives, observe
        self._states = States()

    async def __call__(self, events: Events, states: Mapping[str, bytes]) -> Folded:
        """Fold a batch; a patient that it touches gets a plan, changed or not.

        Of whom nothing is stated there is none; who was forgotten has a tombstone in its place.
        """
        by_key: dict[str, list[tuple[Record, PatientEvent]]] = {}
        for record, event in events:
            by_key.setdefault(patient_key(event.tenant, event.patient), []).append((record, event))
        kept: dict[str, bytes] = {}
        outputs: list[Message] = []
        due: dict[str, int] = {}
        patients: list[Patient] = []
        for key, whole in by_key.items():
            batch, is_forgotten = since_forgotten(whole)
            before = self._states.read(key, None if is_forgotten else states.get(key))
            timeline = fold(before.timeline, (event for _, event in batch))
            if is_forgotten or (before.timeline.kept and not timeline.kept):
                outputs.append(tombstone(key, Revision(self._epoch, whole[-1][0].offset)))
            if timeline.kept:
                patients.append(patient_of(key, batch, before, timeline, self._epoch))
            else:
                kept[key], due[key] = self._states.write(key, Kept(timeline)), 0
        models = await self._models(patients)
        for patient in patients:
            plan = plan_for(patient.case, self._guidelines, models)
            ids = {each.key: each.id for each in plan.recommendations}
            kept[patient.key] = self._states.write(patient.key, Kept(patient.timeline, ids))
            due[patient.key] = _due_ms(plan)
            outputs.extend(passed_on(tuple(_outputs(patient, plan)), patient.trace))
            if self._observe is not None:
                self._observe(patient.case, plan)
        logged = [at_ms for patient in patients for at_ms in patient.logged_at_ms]
        return Folded(kept, outputs, due, logged)

    async def _models(self, patients: Sequence[Patient]) -> Models:
        """Ask every question of the batch once, equal ones of different patients together."""
        questions = list(dict.fromkeys(q for patient in patients for q in patient.case.questions))
        answered = await self._answers.answer(questions)
        known = dict(zip(questions, answered.risks, strict=True))
        return Models(known.__getitem__, answered.versions, await self._life(patients))

    async def _life(self, patients: Iterable[Patient]) -> ServedLife | None:
        """Ask a model of a life as PREVENT is asked, where one is served."""
        if self._lives is None:
            return None
        asked = (patient.case.life_question for patient in patients)
        questions = list(dict.fromkeys(question for question in asked if question is not None))
        foretold = await self._lives.answer(questions)
        known = dict(zip(questions, foretold.answers, strict=True))
        return ServedLife(known.__getitem__, foretold.card)


def since_forgotten(batch: Events) -> tuple[Events, bool]:
    """Give one patient's events since it was last forgotten, and whether it was."""
    for n, (_, event) in reversed(list(enumerate(batch, 1))):
        if event.body == PatientForgotten(event.patient):
            return batch[n:], True
    return batch, False


def patient_of(key: str, batch: Events, before: Kept, timeline: Timeline, epoch: int) -> Patient:
    """Give one patient as its events of a batch leave it, which made `timeline` of `before`."""
    record, last = batch[-1]
    causes = tuple(dict.fromkeys(_causes(batch, before.timeline, timeline)))
    return Patient(
        key=key,
        before=before,
        timeline=timeline,
        case=case_of(timeline, now_of(timeline)),
        revision=Revision(epoch, record.offset),
        causes=causes or (Reason("time went by", (last.delivery_id,)),),
        asked=tuple(_reason_of(each) for _, each in batch if isinstance(each.body, Recompute)),
        logged_at_ms=frozenset(_logged_at_ms(batch)),
        trace=next(filter(None, (mark_of(each) for each, _ in reversed(batch))), ()),
    )


def _causes(batch: Events, before: Timeline, after: Timeline) -> Iterator[Reason]:
    """Give the facts that changed, or that time went by."""
    for _, event in batch:
        fact = (origin_of(event), event.entity_id)
        is_news = after.kept.get(fact) == event and before.kept.get(fact) != event
        if is_news or isinstance(event.body, TimeReached | Recompute | PatientForgotten):
            yield _reason_of(event)


def _reason_of(event: PatientEvent) -> Reason:
    return Reason(fact_in_words(event), (event.delivery_id,))


def _logged_at_ms(batch: Events) -> Iterator[int]:
    """Give when each hospital's message was logged: not of what other records told, nor of time."""
    for _, event in batch:
        is_told = origin_of(event) != event.patient
        if not (is_told or isinstance(event.body, TimeReached | Recompute | PatientForgotten)):
            yield (event.recorded_at - EPOCH) // timedelta(milliseconds=1)


def _outputs(patient: Patient, plan: Plan) -> Iterator[Message]:
    for event in forwarded(patient.before.timeline, patient.timeline):
        yield told_message(event)
    yield plan_message(plan, patient.revision)
    before = patient.before.recommendation_ids
    for changed in changes_of(before, plan, patient.revision, patient.causes, patient.asked):
        yield change_message(changed, plan.as_of)


def _due_ms(plan: Plan) -> int:
    """Give when the plan may change by itself, in ms since 1970 UTC, rounded up; 0 for never."""
    if plan.valid_until is None:
        return 0
    return -((EPOCH - plan.valid_until) // timedelta(milliseconds=1))
