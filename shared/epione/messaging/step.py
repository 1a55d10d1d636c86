"""The stateless step: records in, a pure function's answers out, then the position."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from epione.errors import Rejected, Unavailable
from epione.messaging.dead_letter import FLOOD, DeadLetters
from epione.messaging.log import Again, Done, Log, Message, Record, Step
from epione.messaging.patience import Patience, patiently
from epione.messaging.topics import MAX_MESSAGE_BYTES, Topic

Answer = Callable[[Record], Iterable[Message]]

_log = logging.getLogger(__name__)


def answering(
    answer: Answer,
    log: Log,
    topic: Topic,
    *,
    stage: str,
    flood: int = FLOOD,
    patience: Patience | None = None,
    in_thread: bool = False,
) -> Step:
    """Make a step that publishes what `answer` gives for each record of `topic`.

    Args:
        answer: Pure. It raises `Rejected` for a record that can never succeed, which becomes a
            dead letter, and `Unavailable` where something outside is at fault.
        stage: The service's name, for dead letters.
        flood: That many dead letters in a row stop the service.
        in_thread: Answer in a thread: for answers that take longer than some milliseconds.

    Raises (the step):
        DeadLetterFlood: None of the batch's dead letters is published then.
    """
    dead_letters = DeadLetters(topic, stage, flood)
    return _Answering(answer, log, stage, dead_letters, patience or Patience(), in_thread)


@dataclass(frozen=True, slots=True)
class _Answering:
    answer: Answer
    log: Log
    stage: str
    dead_letters: DeadLetters
    patience: Patience
    in_thread: bool

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        async def attempt(n: int) -> None:
            outputs = await self._outputs(records, n)
            await self.log.publish(outputs)

        try:
            await patiently(attempt, self.patience, self.stage)
        except Unavailable as fault:
            _log.error("%s: %s; the batch will be read again", self.stage, fault)
            return Again(records[0].offset)
        return Done(records[-1].offset + 1)

    async def _outputs(self, records: Sequence[Record], attempt: int) -> list[Message]:
        if self.in_thread:
            return await asyncio.to_thread(self._answers, records, attempt)
        return self._answers(records, attempt)

    def _answers(self, records: Sequence[Record], attempt: int) -> list[Message]:
        outputs: list[Message] = []
        for record in records:
            try:
                answers = tuple(self.answer(record))
                _refuse_too_large(answers)
            except Rejected as fault:
                outputs.append(self.dead_letters.of(record, fault, attempt))
            else:
                outputs.extend(answers)
                self.dead_letters.end_row()
        return outputs


def _refuse_too_large(answers: Iterable[Message]) -> None:
    for answer in answers:
        if len(answer.value) > MAX_MESSAGE_BYTES:
            raise Rejected(
                f"its answer for {answer.topic.name} has {len(answer.value)} bytes, "
                f"of {MAX_MESSAGE_BYTES} at most"
            )
