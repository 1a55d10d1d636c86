"""The same plans in one process from the whole log at once: what the stream is measured against."""

from collections.abc import Iterable, Mapping

from epione.errors import Rejected
from epione.messaging import Record, topics
from epione.timeline import PatientEvent
from epione_inference.handler import Inference, decode


async def plans_of(records: Iterable[Record], inference: Inference) -> Mapping[str, bytes]:
    """Fold a log; give each patient's plan, as the stream's compacted topic must hold it.

    Records that the stream sends to dead letters are passed over here too.
    """
    readable: list[tuple[Record, PatientEvent]] = []
    for record in records:
        try:
            readable.append((record, decode(record)))
        except Rejected:
            continue
    folded = await inference(readable, {})
    return {
        message.key.decode(): message.value
        for message in folded.outputs
        if message.topic.name == topics.PATIENT_PLANS.name
    }
