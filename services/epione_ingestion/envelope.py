"""What a raw record says beside its content: whose it is, from where, and which message it was.

A sender says it by CloudEvents attributes: `ce_tenant`, `ce_source`, and the content type; over
HTTP they are `ce-tenant`, `ce-source` and `Content-Type`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from epione.errors import MalformedEvent
from epione.messaging import Record, attributes_of
from epione.timeline import SourceVersion
from epione.wire.encoding import EPOCH
from epione_ingestion.rules import Rules

TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Envelope:
    tenant: str
    source: str  # without a slash at its end
    content_type: str  # lower case, without parameters
    delivery: str  # "<raw topic>/<partition>/<offset>"
    recorded_at: datetime
    receipt: SourceVersion  # for a source that gives no version of its own


def envelope_of(record: Record, rules: Rules) -> Envelope:
    """Read a record's headers.

    Raises:
        MalformedEvent: The tenant's name cannot be part of a key.
    """
    headers = attributes_of(record.headers)
    tenant = headers.get("ce_tenant", rules.tenant)
    if not TENANT.fullmatch(tenant):
        raise MalformedEvent("ce_tenant must be 1 to 63 letters, digits, '.', '_' or '-'")
    recorded_at = EPOCH + timedelta(milliseconds=record.timestamp_ms)
    return Envelope(
        tenant=tenant,
        source=headers.get("ce_source", rules.source).rstrip("/"),
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        delivery=f"{record.topic}/{record.partition}/{record.offset}",
        recorded_at=recorded_at,
        receipt=version_at(recorded_at, record.offset),
    )


def version_at(made_at: datetime, sequence: int = 0) -> SourceVersion:
    return SourceVersion((made_at - EPOCH) // MICROSECOND, sequence)
