"""Messages as bytes, for the outbox that is written with the state.

The number of headers of each message, the length of each part, then the parts: topic, key, value,
and a name and a value for each header. Numbers are 32 bits, little-endian.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from epione.messaging.log import Message
from epione.messaging.topics import Topic

_N = struct.Struct("<I")


def packed(messages: Sequence[Message]) -> bytes:
    """Give messages as one string of bytes.

    >>> message = Message(Topic("plans"), b"north/4f2a", b"plan", (("ce_id", b"7"),))
    >>> unpacked(packed([message])) == [message]
    True
    """
    parts: list[bytes] = []
    for topic, key, value, headers in messages:
        parts += (topic.name.encode(), key, value)
        for name, said in headers:
            parts += (name.encode(), said)
    n_headers = [len(message.headers) for message in messages]
    return b"".join((_numbers(n_headers), _numbers([len(part) for part in parts]), *parts))


def unpacked(packed_messages: bytes) -> list[Message]:
    """Give the messages back; of a topic its name alone."""
    n_headers, at = _numbers_at(packed_messages, 0)
    lengths, at = _numbers_at(packed_messages, at)
    bounds = pairwise(accumulate(lengths, initial=at))
    parts = (packed_messages[start:end] for start, end in bounds)
    return [_message(parts, n) for n in n_headers]


def _message(parts: Iterator[bytes], n_headers: int) -> Message:
    topic, key, value = Topic(next(parts).decode()), next(parts), next(parts)
    headers = tuple((next(parts).decode(), next(parts)) for _ in range(n_headers))
    return Message(topic, key, value, headers)


def _numbers(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


def _numbers_at(packed_messages: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (n,) = _N.unpack_from(packed_messages, at)
    numbers = struct.unpack_from(f"<{n}I", packed_messages, at + _N.size)
    return numbers, at + _N.size * (n + 1)
