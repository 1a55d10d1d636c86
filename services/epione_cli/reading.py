"""What a stream holds of one patient, and of the codes that no map knows."""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import datetime

from epione.errors import MalformedEvent, UnknownPatient
from epione.medicine.plan import Case
from epione.medicine.recommendation import Plan
from epione.messaging import Log, Record, content_type_of, topics
from epione.messaging.cloudevents import PROTOBUF
from epione.messaging.sealing import Sealing
from epione.privacy import opened_records
from epione.timeline import PatientEvent
from epione.wire import Changed, Revision, event_from_wire, plan_from_wire, recommendation_from_wire
from epione_inference.handler import Inference
from epione_inference.single import case_in, plans_of
from epione_ingestion.unmapped import UnmappedCode, count_unmapped

NO_PATIENT = "the stream knows no such patient"


async def plan_now(log: Log, vault: Sealing, key: bytes) -> Plan:
    """Give the plan of the highest revision.

    Raises:
        UnknownPatient: There is none.
    """
    plans: list[tuple[Plan, Revision]] = []
    async for record in opened_records(log, vault, topics.PATIENT_PLANS, key=key):
        if record.value:
            plans.append(plan_from_wire(record.value))
        else:
            plans.clear()  # the patient was forgotten
    if not plans:
        raise UnknownPatient(NO_PATIENT)
    return max(plans, key=lambda plan: plan[1])[0]


async def plan_as_of(
    log: Log, vault: Sealing, key: bytes, at: datetime, inference: Inference
) -> Plan:
    """Give the plan as it was known at a time, by the knowledge and models of this release.

    Raises:
        UnknownPatient: Nothing was known of the patient then.
    """
    records = [
        record
        async for record in opened_records(log, vault, topics.PATIENT_EVENTS, key=key)
        if record.timestamp_ms <= at.timestamp() * 1000
    ]
    plans = await plans_of(records, inference)
    if key.decode() not in plans:
        raise UnknownPatient(f"{NO_PATIENT} then")
    return plan_from_wire(plans[key.decode()])[0]


async def case_now(log: Log, vault: Sealing, key: bytes) -> Case:
    """Read a patient's log as a case.

    Raises:
        UnknownPatient: It is empty.
    """
    records = opened_records(log, vault, topics.PATIENT_EVENTS, key=key)
    case = case_in([record async for record in records])
    if case is None:
        raise UnknownPatient(NO_PATIENT)
    return case


async def changes(
    log: Log, vault: Sealing, since_ms: int, key: bytes | None
) -> AsyncGenerator[Changed]:
    """Follow what becomes of recommendations, of one patient or of all, from a time on."""
    async for record in opened_records(log, vault, topics.RECOMMENDATIONS, key=key, follow=True):
        if record.timestamp_ms >= since_ms:
            yield recommendation_from_wire(record.value)


async def unmapped_codes(log: Log, vault: Sealing) -> Counter[UnmappedCode]:
    """Count the facts whose code no map made a standard one."""
    records = [record async for record in opened_records(log, vault, topics.PATIENT_EVENTS)]
    return count_unmapped(event for record in records for event in _events_in(record))


def _events_in(record: Record) -> list[PatientEvent]:
    try:
        return [event_from_wire(record.value, content_type_of(record.headers) or PROTOBUF)]
    except MalformedEvent:
        return []
