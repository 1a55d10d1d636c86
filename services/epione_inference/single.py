"""One process over a log that is read whole: what the stream is measured against.

It also answers for one patient, as of now or as of an earlier time: give it that patient's records
up to then.
"""

from collections.abc import Iterable, Iterator, Mapping

from epione.errors import Rejected
from epione.medicine.plan import Case, case_of
from epione.messaging import Record, topics
from epione.timeline import PatientEvent, Timeline, fold, now_of
from epione_inference.handler import Inference, decode


async def plans_of(records: Iterable[Record], inference: Inference) -> Mapping[str, bytes]:
    """Give each patient's plan by key, as the stream's compacted topic must hold it."""
    folded = await inference(list(readable(records)), {})
    return {
        message.key.decode(): message.value
        for message in folded.outputs
        if message.topic == topics.PATIENT_PLANS and message.value
    }


def case_in(records: Iterable[Record]) -> Case | None:
    """Read one patient's records as a case; None where there is none."""
    events = [event for _, event in readable(records)]
    if not events:
        return None
    timeline = fold(Timeline(events[0].tenant, events[0].patient), events)
    return case_of(timeline, now_of(timeline))


def readable(records: Iterable[Record]) -> Iterator[tuple[Record, PatientEvent]]:
    """Give the records that the stream folds, and not those that it sends to dead letters."""
    for record in records:
        try:
            yield record, decode(record)
        except Rejected:
            continue
