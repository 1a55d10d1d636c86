"""Protobuf or JSON bytes to a message, by content type; times and codes either way."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from epione.errors import MalformedEvent
from epione.timeline import Code
from epione.v1 import codes_pb2

PROTOBUF = "application/protobuf"
JSON = "application/json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

M = TypeVar("M", bound=Message)


def parsed(message: M, value: bytes | None, content_type: str) -> M:
    """Fill an empty message from bytes.

    Raises:
        MalformedEvent: The bytes are not such a message, or the content type is neither of the two.
    """
    name = message.DESCRIPTOR.name
    if not value:
        raise MalformedEvent(f"{name}: no bytes")
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        if media_type == PROTOBUF:
            message.ParseFromString(value)
        elif media_type == JSON:
            json_format.Parse(value, message)
        else:
            raise MalformedEvent(f"{name}: content-type is neither {PROTOBUF} nor {JSON}")
    except (DecodeError, json_format.ParseError, UnicodeDecodeError):
        # The parser's own words may quote the message, and a message may hold anything.
        raise MalformedEvent(f"{name}: not readable as {media_type}") from None
    return message


def timestamp_of(time: datetime) -> Timestamp:
    """Give a time as protobuf has it; microseconds are kept.

    Raises:
        ValueError: The time has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time=} has no zone")
    since = time - EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


def time_of(timestamp: Timestamp) -> datetime:
    """Give a protobuf time in UTC, to the microsecond.

    Raises:
        MalformedEvent: The time is outside years 1 to 9999.
    """
    return _time(timestamp.seconds, timestamp.nanos)


@lru_cache(maxsize=1_024)  # the facts of one message share their times
def _time(seconds: int, nanos: int) -> datetime:
    try:
        return EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1_000)
    except OverflowError:
        raise MalformedEvent("a time is outside years 1 to 9999") from None


def optional_time(message: Message, field: str) -> datetime | None:
    """Give a time field of a message, or None where it is not set."""
    return time_of(getattr(message, field)) if message.HasField(field) else None


def optional_timestamp(time: datetime | None) -> Timestamp | None:
    return None if time is None else timestamp_of(time)


def code_to_message(code: Code) -> codes_pb2.Code:
    return codes_pb2.Code(system=code.system, code=code.code, display=code.display)


def code_of(message: codes_pb2.Code) -> Code:
    return _code(message.system, message.code, message.display)


@lru_cache(maxsize=4_096)
def _code(system: str, code: str, display: str) -> Code:
    return Code(system, code, display)
