"""CloudEvents as others write and read them."""

from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from epione.messaging import JSON, PROTOBUF, attributes_of, content_type_of, headers_of

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_sdk_reads_what_we_write() -> None:
    headers = headers_of(
        event_id="topic/0/7/0", source="/epione/ingestion", kind="epione.v1.PatientEvent", time=NOON
    )

    event = from_binary(KafkaMessage(dict(headers), None, b"\x0a\x02\xff\xfe"), JSONFormat())

    assert event.get_specversion() == "1.0"
    assert event.get_id() == "topic/0/7/0"
    assert event.get_source() == "/epione/ingestion"
    assert event.get_type() == "epione.v1.PatientEvent"
    assert event.get_time() == NOON
    assert event.get_datacontenttype() == PROTOBUF
    assert event.get_data() == b"\x0a\x02\xff\xfe"


def test_we_read_what_the_sdk_writes() -> None:
    event = CloudEvent(
        attributes={
            "id": "7",
            "source": "/lab",
            "type": "lab.result",
            "specversion": "1.0",
            "time": NOON,
            "datacontenttype": JSON,
        },
        data={"value": 1},
    )

    message = to_binary(event, JSONFormat())

    assert attributes_of(message.headers.items()) == {
        "ce_specversion": "1.0",
        "ce_id": "7",
        "ce_source": "/lab",
        "ce_type": "lab.result",
        "ce_time": "2026-03-01T12:00:00Z",
        "content-type": JSON,
    }


def test_without_a_time_no_time_is_said() -> None:
    names = [name for name, _ in headers_of(event_id="7", source="/lab", kind="lab.result")]

    assert names == ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"]


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        headers_of(event_id="7", source="/", kind="k", time=datetime(2026, 3, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        pytest.param([("ce_id", b"\xff7")], {"ce_id": "\ufffd7"}, id="not UTF-8"),
        pytest.param([], {}, id="no headers"),
        pytest.param([("ce_id", b"1"), ("CE_ID", b"2")], {"ce_id": "1"}, id="one twice"),
    ],
)
def test_no_header_breaks_reading(headers: list[tuple[str, bytes]], read: dict[str, str]) -> None:
    assert attributes_of(headers) == read
    assert content_type_of(headers) == ""


@pytest.mark.parametrize("name", ["content-type", "Content-Type"])
def test_the_content_type_is_found_in_any_case(name: str) -> None:
    assert content_type_of([("ce_id", b"1"), (name, b"application/json")]) == JSON
