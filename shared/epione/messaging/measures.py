"""What is counted of a batch once it is done: a batch that is tried again counts once."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from epione.messaging.dead_letter import ORIGIN_TOPIC, REASON, STAGE
from epione.messaging.log import Message
from epione.messaging.topics import Topic, dead_letters_of
from epione.telemetry import AGE, DEAD_LETTERS


def count_dead_letters(outputs: Iterable[Message], topic: Topic) -> None:
    """Count those of `topic` among what was published, by what their headers say."""
    name = dead_letters_of(topic).name
    letters = [message for message in outputs if message.topic.name == name]
    for labels, n in Counter(map(_labels_of, letters)).items():
        DEAD_LETTERS.labels(*labels).inc(n)


def observe_ages(logged_at_ms: Sequence[int]) -> None:
    """Observe how old hospitals' messages are whose answers were published just now."""
    now_ms = time.time_ns() // 1_000_000
    for at_ms in logged_at_ms:
        AGE.observe(max(0, now_ms - at_ms) / 1000)


def _labels_of(letter: Message) -> tuple[str, str, str]:
    said = dict(letter.headers)  # ours come after the original's, and so count
    fault, _, _ = said[REASON].partition(b":")
    return said[ORIGIN_TOPIC].decode(), said[STAGE].decode(), fault.decode()
