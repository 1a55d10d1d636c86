"""What is counted of messages once they are safe: a batch that is tried again counts once."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from epione.messaging.dead_letter import ORIGIN_TOPIC, REASON, STAGE
from epione.messaging.log import Message
from epione.messaging.topics import DEAD_END
from epione.telemetry import AGE, DEAD_LETTERS, MESSAGES_OUT


def count_published(n_by_topic: Mapping[str, int], messages: Sequence[Message]) -> None:
    """Count messages that every replica in sync has; one by one only where letters are among them.

    Args:
        n_by_topic: How many of them went to each topic.
    """
    for topic, n in n_by_topic.items():
        MESSAGES_OUT.labels(topic).inc(n)
    if any(topic.endswith(DEAD_END) for topic in n_by_topic):
        letters = (message for message in messages if message.topic.name.endswith(DEAD_END))
        for labels, n in Counter(map(_labels_of, letters)).items():
            DEAD_LETTERS.labels(*labels).inc(n)


def observe_ages(logged_at_ms: Sequence[int]) -> None:
    """Observe how old hospitals' messages are whose answers were published just now."""
    now_ms = time.time_ns() // 1_000_000
    for at_ms in logged_at_ms:
        AGE.observe(max(0, now_ms - at_ms) / 1000)


def _labels_of(letter: Message) -> tuple[str, str, str]:
    said = dict(letter.headers)  # ours come after the original's, and so count
    fault, _, _ = said.get(REASON, b"").partition(b":")
    return said.get(ORIGIN_TOPIC, b"").decode(), said.get(STAGE, b"").decode(), fault.decode()
