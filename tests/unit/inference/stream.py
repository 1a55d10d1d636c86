"""The stream, small: one partition's log, batches, states, and outputs that come back in."""

import asyncio
from collections.abc import Iterable, Sequence

from tests.unit.medicine.life.lives import SERVED
from tests.unit.medicine.patients import MODELS, OneGuideline

from epione.medicine.drug_recommendations import DrugGuidelines
from epione.medicine.life import LifeQuestion
from epione.medicine.risk import PreventInputs
from epione.messaging import Message, Record, topics
from epione.timeline import PatientEvent
from epione_inference.handler import Answered, Foretold, Inference, Lives, decode
from epione_inference.messages import told_message

NO_TIME_MS = 0


class Answers:
    """The small models, asked in batches; `asked` tells how many questions each batch had."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def answer(self, inputs: Sequence[PreventInputs]) -> Answered:
        self.asked.append(len(inputs))
        return Answered([MODELS.prevent(each) for each in inputs], MODELS.versions)


class Foretelling:
    """The small model of a life, asked in batches; `asked` tells what was asked in each."""

    def __init__(self) -> None:
        self.asked: list[Sequence[LifeQuestion]] = []

    async def answer(self, questions: Sequence[LifeQuestion]) -> Foretold:
        self.asked.append(questions)
        return Foretold([SERVED.answer(each) for each in questions], SERVED.card)


def inference(
    epoch: int = 3, guidelines: DrugGuidelines | None = None, lives: Lives | None = None
) -> Inference:
    return Inference(Answers(), guidelines or OneGuideline(), epoch=epoch, lives=lives)


def record_of(event: PatientEvent, offset: int = 0) -> Record:
    return recorded(told_message(event), offset)


def recorded(message: Message, offset: int) -> Record:
    return Record(
        message.topic.name, 0, offset, message.key, message.value, message.headers, NO_TIME_MS
    )


class Stream:
    """Folds a log to its end in batches; forwarded events are appended to the same log."""

    def __init__(
        self,
        events: Iterable[PatientEvent],
        guidelines: DrugGuidelines | None = None,
        lives: Lives | None = None,
    ) -> None:
        self._guidelines, self._lives = guidelines, lives
        self.log = [record_of(event, offset) for offset, event in enumerate(events)]
        self.states: dict[str, bytes] = {}
        self.due: dict[str, int] = {}
        self.plans: dict[str, bytes] = {}
        self.changes: list[bytes] = []
        self._at = 0

    def append(self, *events: PatientEvent) -> None:
        for event in events:
            self.log.append(record_of(event, len(self.log)))

    def run(self, batch_size: int = 500) -> "Stream":
        folding = inference(guidelines=self._guidelines, lives=self._lives)
        while self._at < len(self.log):
            batch = self.log[self._at : self._at + batch_size]
            events = [(record, decode(record)) for record in batch]
            folded = asyncio.run(folding(events, self.states))
            self._at += len(batch)
            self.states.update(folded.states)
            self.due.update(folded.due)
            for message in folded.outputs:
                self._take(message)
        return self

    def _take(self, message: Message) -> None:
        match message.topic:
            case topics.PATIENT_EVENTS:
                self.log.append(recorded(message, len(self.log)))
            case topics.PATIENT_PLANS:
                self.plans[message.key.decode()] = message.value
            case topics.RECOMMENDATIONS:
                self.changes.append(message.value)
