"""What the stream asks of ingestion: messages for a record, with what is not used counted."""

from collections.abc import Callable

from epione.messaging.dead_letter import dead_letter
from epione.messaging.log import Message, Record
from epione.messaging.topics import Topic, dead_letters_of
from epione.telemetry import UNCONVERTED, UNMAPPED, UNUSED
from epione_ingestion.rules import Rules
from epione_ingestion.translation import Translation, translate

STAGE = "ingestion"


def answer_by(rules: Rules, topic: Topic) -> Callable[[Record], tuple[Message, ...]]:
    """Make the answer for records of a topic, as `epione.messaging.answering` asks it.

    A record of which a part is at fault is answered by the others' messages and a dead letter.
    """
    dead_letters = dead_letters_of(topic)

    def answer(record: Record) -> tuple[Message, ...]:
        translation = translate(record, rules)
        _count(translation, topic)
        if translation.refusal is None:
            return translation.messages
        letter = dead_letter(
            record, translation.refusal, topic=dead_letters, stage=STAGE, attempts=1
        )
        return (*translation.messages, letter)

    return answer


def _count(translation: Translation, topic: Topic) -> None:
    for name, n in translation.unused.items():
        UNUSED.labels(topic.name, name).inc(n)
    for kind, n in translation.unmapped.items():
        UNMAPPED.labels(kind).inc(n)
    UNCONVERTED.inc(translation.unconverted)
