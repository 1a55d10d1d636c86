"""What the stream holds, as read by the audit: by the contract of proto/epione/v1 alone."""

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from redis import Redis
from tests.end_to_end.soak.ledger import Place

from epione.messaging import Log, Record, Topic
from epione.privacy import Vault, opened_records
from epione.v1 import patient_event_pb2 as pb
from epione.v1.state_pb2 import PatientState

STATUSES = {pb.STATUS_FINAL: "final", pb.STATUS_CORRECTED: "corrected"}


class Held(Protocol):
    """What the stream holds, in plain."""

    def records(self, topic: Topic) -> AsyncIterator[tuple[str, Record, bytes]]:
        """Give each record's key and value."""

    def states(self) -> AsyncIterator[tuple[str, PatientState]]:
        """Give each state by its key."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The topics and states of a stream, opened by its vault."""

    log: Log
    vault: Vault
    redis_url: str

    async def records(self, topic: Topic) -> AsyncIterator[tuple[str, Record, bytes]]:
        async for record in opened_records(self.log, self.vault, topic):
            yield (record.key or b"").decode(), record, record.value or b""

    async def states(self) -> AsyncIterator[tuple[str, PatientState]]:
        with Redis.from_url(self.redis_url) as client:
            for name in client.scan_iter("epione:*:states"):
                sealed = {key.decode(): state for key, state in client.hscan_iter(name)}
                for key, state in (await self.vault.opened_states(sealed)).items():
                    yield key, inflated(state)


def inflated(state: bytes) -> PatientState:
    """Read a state as state.proto has it; the ids that stand apart are not asked."""
    return PatientState.FromString(zlib.decompress(PatientState.FromString(state).deflated))


def place_of(delivery_id: str) -> tuple[Place, int]:
    """Read "<raw topic>/<partition>/<offset>/<index>"."""
    topic, partition, offset, index = delivery_id.rsplit("/", 3)
    return (topic, int(partition), int(offset)), int(index)


def is_stated(event: pb.PatientEvent) -> bool:
    """Say whether a hospital states it; times reached and recomputations are the services' own."""
    return event.WhichOneof("body") not in ("time_reached", "recompute")


def said_by(event: pb.PatientEvent) -> str:
    """Say in the ledger's words what an event says."""
    kind = event.WhichOneof("body")
    is_withdrawn = event.status == pb.STATUS_WITHDRAWN
    match kind:
        case "observation":
            return _said_by_observation(event, is_withdrawn)
        case "medication":
            medication = event.medication
            said = f"order {medication.state} {medication.drug.code}"
            return "withdrawn order" if is_withdrawn else said
        case "demographics":
            return f"born {event.demographics.birth_date}"
        case "patients_merged":
            return "merged"
        case "patients_unmerged":
            return "unmerged"
        case _:
            return "genome" if kind == "genomic_features" else str(kind)


def _said_by_observation(event: pb.PatientEvent, is_withdrawn: bool) -> str:
    observed = event.observation
    if is_withdrawn:
        return f"withdrawn {observed.code.code}"
    coded = observed.WhichOneof("value") == "coded"
    value = observed.coded.code if coded else f"{observed.quantity.value:.1f}"
    return f"{STATUSES[event.status]} {observed.code.code} {value}"
