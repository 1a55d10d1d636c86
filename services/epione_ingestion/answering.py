"""What the stream asks of ingestion: messages for a record; and, once they are safe, a count."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from epione.messaging.dead_letter import dead_letter
from epione.messaging.log import Message, Record
from epione.messaging.topics import Topic, dead_letters_of
from epione.telemetry import UNCONVERTED, UNMAPPED, UNUSED
from epione_ingestion.rules import Rules
from epione_ingestion.translation import Translation, translate

STAGE = "ingestion"


@dataclass(frozen=True, slots=True)
class Answer:
    """The messages for a record of `topic`, and what became of it."""

    topic: str
    messages: tuple[Message, ...]
    translation: Translation

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)


def answer_by(rules: Rules, topic: Topic) -> Callable[[Record], Answer]:
    """Make the answer for records of a topic, as `epione.messaging.answering` asks it.

    A record of which a part is at fault is answered by the others' messages and a dead letter.
    """
    dead_letters = dead_letters_of(topic)

    def answer(record: Record) -> Answer:
        translation = translate(record, rules)
        messages = translation.messages
        if translation.refusal is not None:
            letter = dead_letter(
                record, translation.refusal, topic=dead_letters, stage=STAGE, attempts=1
            )
            messages = (*messages, letter)
        return Answer(topic.name, messages, translation)

    return answer


def count(answers: Sequence[Answer]) -> None:
    """Count what no plan can use, of a batch that is done."""
    for answer in answers:
        translation = answer.translation
        for name, n in translation.unused.items():
            UNUSED.labels(answer.topic, name).inc(n)
        for kind, n in translation.unmapped.items():
            UNMAPPED.labels(kind).inc(n)
        UNCONVERTED.inc(translation.unconverted)
