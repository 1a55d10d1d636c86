"""Messages as bytes, for the outbox that is written with the state."""

import struct
from collections.abc import Iterable, Iterator, Sequence

from epione.messaging.log import Message
from epione.messaging.topics import Topic

_LENGTH = struct.Struct(">I")


def packed(messages: Sequence[Message]) -> bytes:
    """Give messages as one string of bytes.

    >>> message = Message(Topic("plans"), b"north/4f2a", b"plan", (("ce_id", b"7"),))
    >>> unpacked(packed([message])) == [message]
    True
    """
    return b"".join(_parts(messages))


def unpacked(packed_messages: bytes) -> list[Message]:
    """Give the messages back; of a topic its name alone."""
    parts = _split(packed_messages)
    return [_message(topic, parts) for topic in parts]


def _parts(messages: Iterable[Message]) -> Iterator[bytes]:
    pack = _LENGTH.pack
    for topic, key, value, headers in messages:
        name = topic.name.encode()
        yield from (pack(len(name)), name, pack(len(key)), key, pack(len(value)), value)
        yield from (pack(1), bytes((len(headers),)))
        for header, said in headers:
            title = header.encode()
            yield from (pack(len(title)), title, pack(len(said)), said)


def _split(parts: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(parts):
        (length,) = _LENGTH.unpack_from(parts, at)
        yield parts[at + 4 : at + 4 + length]
        at += 4 + length


def _message(topic: bytes, parts: Iterator[bytes]) -> Message:
    key, value, n_headers = next(parts), next(parts), next(parts)[0]
    headers = tuple((next(parts).decode(), next(parts)) for _ in range(n_headers))
    return Message(Topic(topic.decode()), key, value, headers)
