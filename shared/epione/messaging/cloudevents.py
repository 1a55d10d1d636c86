"""CloudEvents 1.0 in Kafka's binary mode: attributes as `ce_*` headers, the data as the value.

Source: CloudEvents 1.0.2, Kafka Protocol Binding, section 3.2 (cloudevents.io).
"""

from collections.abc import Iterable
from datetime import datetime

from epione.messaging.log import Headers

PROTOBUF = "application/protobuf"
JSON = "application/json"


def headers_of(
    *,
    event_id: str,
    source: str,
    kind: str,
    time: datetime | None = None,
    content_type: str = PROTOBUF,
) -> Headers:
    """Give the headers of an event; `time` is aware.

    Args:
        event_id: With `source`, names the event: the same again for the same event sent again.
        source: Who made it, a URI reference: "/epione/ingestion".
        kind: What happened: "epione.v1.PatientEvent".
    """
    stamp = () if time is None else (("ce_time", _rfc3339(time).encode()),)
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", kind.encode()),
        *stamp,
        ("content-type", content_type.encode()),
    )


def attributes_of(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Give every header by its name in lower case: "ce_id", "ce_tenant", "content-type".

    Bytes that are not UTF-8 read as U+FFFD; of a name that comes twice the first counts.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.lower(), _text(value))
    return found


def content_type_of(headers: Iterable[tuple[str, bytes]]) -> str:
    """Give the content type as sent, or ""."""
    for name, value in headers:
        if name.lower() == "content-type":
            return _text(value)
    return ""


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def _rfc3339(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"{time=} has no zone")
    return time.isoformat().replace("+00:00", "Z")
