"""The stateless step: records in, a pure function's answers out, then the position."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from epione.errors import Erased, Rejected, Unavailable
from epione.messaging.dead_letter import FLOOD, DeadLetters, logged_ms_of
from epione.messaging.laps import Laps
from epione.messaging.log import Again, Done, Headers, Log, Message, Record, Step
from epione.messaging.patience import Patience, patiently
from epione.messaging.sealing import Opened, Sealing, plain
from epione.messaging.topics import MAX_MESSAGE_BYTES, Topic
from epione.messaging.trace import marks_of, passed_on
from epione.telemetry import Stage

A = TypeVar("A", bound=Iterable[Message])

_log = logging.getLogger(__name__)


def answering(
    answer: Callable[[Record], A],
    log: Log,
    topic: Topic,
    *,
    stage: str,
    vault: Sealing | None = None,
    on_done: Callable[[Sequence[A]], None] | None = None,
    flood: int = FLOOD,
    patience: Patience | None = None,
    in_thread: bool = False,
) -> Step:
    """Make a step that publishes what `answer` gives for each record of `topic`.

    Args:
        answer: Pure. It raises `Rejected` for a record that can never succeed, which becomes a
            dead letter, and `Unavailable` where something outside is at fault.
        stage: The service's name, for dead letters.
        vault: Opens records before they are answered, and seals the answers. What was forgotten is
            passed over. A dead letter is kept as it came. Without a vault, all is as it is.
        on_done: Is given a batch's answers once they are published: to count them, not before.
        flood: That many dead letters in a row stop the service; `NO_FLOOD`: none do.
        in_thread: Answer in a thread: for answers that take longer than some milliseconds.

    Raises (the step):
        DeadLetterFlood: None of the batch's dead letters is published then.
    """
    dead_letters = DeadLetters(topic, stage, flood)
    return _Answering(
        answer, log, topic, stage, dead_letters, vault, patience or Patience(), in_thread, on_done
    )


@dataclass(frozen=True, slots=True)
class _Answering(Generic[A]):
    answer: Callable[[Record], A]
    log: Log
    topic: Topic
    stage: str
    dead_letters: DeadLetters
    vault: Sealing | None
    patience: Patience
    in_thread: bool
    on_done: Callable[[Sequence[A]], None] | None

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        batch: _Batch[A] = _Batch(records, marks_of(records))

        async def attempt(n: int) -> None:
            laps = Laps(self.topic.name)
            outputs = await self._outputs(batch, n)
            laps.done(Stage.ANSWERED)
            await self.log.publish(outputs)
            laps.done(Stage.PUBLISHED)

        try:
            await patiently(attempt, self.patience, self.stage)
        except Unavailable as fault:
            _log.error("%s: %s; the batch will be read again", self.stage, fault)
            return Again(records[0].offset, later=True)
        if self.on_done is not None:
            self.on_done(batch.answers)
        return Done(records[-1].offset + 1)

    async def _outputs(self, batch: "_Batch[A]", attempt: int) -> Sequence[Message]:
        if not batch.opened:
            vault, records = self.vault, batch.records
            batch.opened = records if vault is None else await vault.opened(records)
        if self.in_thread:
            await asyncio.to_thread(self._answer_on, batch, attempt)
        else:
            self._answer_on(batch, attempt)
        if self.vault is None:
            return batch.messages
        return await self.vault.sealed(list(zip(batch.messages, batch.logged_at_ms, strict=True)))

    def _answer_on(self, batch: "_Batch[A]", attempt: int) -> None:
        """Answer what is not yet answered: what an earlier attempt did is not done again."""
        for record, opened in zip(batch.records, batch.opened, strict=True):
            if record.offset < batch.answered_to:
                continue
            if not isinstance(opened, Erased):
                self._answer(batch, record, opened, attempt)
            batch.answered_to = record.offset + 1

    def _answer(
        self, batch: "_Batch[A]", record: Record, opened: Record | Rejected, attempt: int
    ) -> None:
        """Answer one record as it was opened."""
        try:
            answer = self.answer(plain(opened))
            messages = tuple(answer)
            _refuse_too_large(messages)
        except Rejected as fault:
            letter = self.dead_letters.of(record, fault, attempt)
            batch.add((letter,), logged_ms_of(record))
        else:
            if record.offset in batch.marks:
                messages = passed_on(messages, batch.marks[record.offset])
            batch.add(messages, logged_ms_of(record))
            batch.answers.append(answer)
            self.dead_letters.end_row()


@dataclass(slots=True)
class _Batch(Generic[A]):
    """How far a batch is."""

    records: Sequence[Record]
    marks: Mapping[int, Headers]  # by offset, of those that are traced
    opened: Sequence[Opened] = ()
    answered_to: int = 0  # an offset
    messages: list[Message] = field(default_factory=list)
    logged_at_ms: list[int] = field(default_factory=list)  # when each one's record first came
    answers: list[A] = field(default_factory=list)

    def add(self, messages: Sequence[Message], logged_at_ms: int) -> None:
        self.messages += messages
        self.logged_at_ms += [logged_at_ms] * len(messages)


def _refuse_too_large(answers: Iterable[Message]) -> None:
    for answer in answers:
        if len(answer.value) > MAX_MESSAGE_BYTES:
            raise Rejected(
                f"its answer for {answer.topic.name} has {len(answer.value)} bytes, "
                f"of {MAX_MESSAGE_BYTES} at most"
            )
