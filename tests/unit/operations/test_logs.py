"""Log lines: text for people, or an object a line for machines."""

import json
import logging
import sys
from typing import Any

import pytest

from epione.operations.logs import JsonLines


def record(**extra: object) -> logging.LogRecord:
    entry = logging.LogRecord(
        "epione.x", logging.WARNING, "x.py", 1, "%s is late", ("it",), None, None
    )
    entry.created, entry.msecs = 1_800_000_000.25, 250.0
    entry.__dict__.update(extra)
    return entry


def formatted(entry: logging.LogRecord) -> dict[str, Any]:
    (line,) = JsonLines("inference").format(entry).splitlines()
    read: dict[str, Any] = json.loads(line)
    return read


def test_an_entry_is_an_object_a_line() -> None:
    assert formatted(record()) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "WARNING",
        "logger": "epione.x",
        "message": "it is late",
        "service": "inference",
    }


def test_an_entry_about_a_traced_message_names_its_trace() -> None:
    assert formatted(record(trace_id="4bf9"))["trace_id"] == "4bf9"


def test_a_traceback_stays_in_its_line() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        entry = record(exc_info=sys.exc_info())

    assert "ZeroDivisionError" in formatted(entry)["exception"]


@pytest.mark.parametrize("text", ["two\nlines", 'a "quote"', "Zürich"])
def test_any_text_is_kept(text: str) -> None:
    entry = record()
    entry.msg, entry.args = text, ()

    assert formatted(entry)["message"] == text
