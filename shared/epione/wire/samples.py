"""GenomeSample: a genome to be read, as bytes and back."""

from dataclasses import dataclass
from datetime import datetime

from epione.errors import MalformedEvent
from epione.timeline import SourceVersion
from epione.v1 import genome_sample_pb2 as pb
from epione.wire.encoding import (
    PROTOBUF,
    optional_time,
    optional_timestamp,
    parsed,
    time_of,
    timestamp_of,
)


@dataclass(frozen=True, slots=True)
class GenomeSample:
    """A genome, by pseudonym. Exactly one of `inline` and `sealed_uri` holds something."""

    tenant: str
    patient: str
    delivery_id: str
    entity_id: str
    version: SourceVersion
    recorded_at: datetime
    sha256: str  # of the sender's file, hexadecimal
    size: int  # bytes of that file
    column: int = 0  # which sample column, from 0
    effective_at: datetime | None = None
    withdrawn: bool = False
    inline: bytes = b""  # 256 KiB at most, header stripped of names
    sealed_uri: bytes = b""  # encrypted: a path may name a person
    reading: int = 0  # as `PatientEvent.reading`


def sample_to_wire(sample: GenomeSample) -> bytes:
    message = pb.GenomeSample(
        tenant=sample.tenant,
        patient=sample.patient,
        delivery_id=sample.delivery_id,
        entity_id=sample.entity_id,
        version_time_us=sample.version.time_us,
        version_sequence=sample.version.sequence,
        recorded_at=timestamp_of(sample.recorded_at),
        effective_at=optional_timestamp(sample.effective_at),
        withdrawn=sample.withdrawn,
        sha256=sample.sha256,
        size=sample.size,
        column=sample.column,
        reading=sample.reading,
    )
    if sample.sealed_uri:
        message.sealed_uri = sample.sealed_uri
    elif sample.inline:
        message.inline = sample.inline
    return message.SerializeToString(deterministic=True)


def sample_from_wire(value: bytes | None, content_type: str = PROTOBUF) -> GenomeSample:
    """Read a sample.

    Raises:
        MalformedEvent: The bytes are not a sample, or it names no patient or no content.
    """
    message = parsed(pb.GenomeSample(), value, content_type)
    needed = ("tenant", "patient", "delivery_id", "entity_id", "sha256")
    absent = [name for name in needed if not getattr(message, name)]
    absent += [] if message.HasField("recorded_at") else ["recorded_at"]
    absent += [] if message.withdrawn or message.WhichOneof("content") else ["content"]
    if absent:
        raise MalformedEvent(f"GenomeSample without {', '.join(absent)}")
    return GenomeSample(
        tenant=message.tenant,
        patient=message.patient,
        delivery_id=message.delivery_id,
        entity_id=message.entity_id,
        version=SourceVersion(message.version_time_us, message.version_sequence),
        recorded_at=time_of(message.recorded_at),
        sha256=message.sha256,
        size=message.size,
        column=message.column,
        effective_at=optional_time(message, "effective_at"),
        withdrawn=message.withdrawn,
        inline=message.inline,
        sealed_uri=message.sealed_uri,
        reading=message.reading,
    )
