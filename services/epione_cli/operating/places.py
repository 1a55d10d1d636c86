"""Places on topics, as an operator writes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from epione.errors import Rejected
from epione.messaging import Archive, Topic
from epione_cli.options import BEGINNING


class UnknownPlace(Rejected):
    """What is no place on a topic."""


class Place(NamedTuple):
    """One record."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


def place_in(text: str) -> Place:
    """Read a record's place.

    >>> place_in("patient.events.v1.dead.v1/3/12").offset
    12

    Raises:
        UnknownPlace: It is none.
    """
    match = re.fullmatch(r"([^/]+)/(\d+)/(\d+)", text)
    if match is None:
        raise UnknownPlace(f"{text!r} is no TOPIC/PARTITION/OFFSET")
    return Place(match[1], int(match[2]), int(match[3]))


async def start_of(log: Archive, topic: Topic, text: str) -> Mapping[int, int]:
    """Give the offsets to read from: all from a time on, or those that are named.

    Args:
        text: "beginning", an ISO 8601 time (UTC where it names no zone), or "0:120,3:77":
            partitions, each with an offset; others are not read.

    Raises:
        UnknownPlace: It is neither.
    """
    if text == BEGINNING:
        return await log.offsets_at(topic, 0)
    if re.fullmatch(r"\d+:\d+(,\d+:\d+)*", text):
        pairs = (each.split(":") for each in text.split(","))
        return {int(partition): int(offset) for partition, offset in pairs}
    return await log.offsets_at(topic, time_ms(text))


def time_ms(text: str) -> int:
    """Give a time in ms since 1970 UTC.

    >>> time_ms("1970-01-01T00:00:01")
    1000

    Raises:
        UnknownPlace: It is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UnknownPlace(
            f"{text!r} is neither a time (2026-11-01T08:00), nor partitions with offsets "
            f"(0:120,3:77), nor {BEGINNING!r}"
        ) from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
