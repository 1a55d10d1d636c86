"""The inference service: `python -m epione_inference.app`."""

import asyncio

from epione.medicine.pharmacogenomics import Cpic
from epione.messaging import Log, serve, stop_on_signals, topics
from epione.messaging.due import DueTimes
from epione.messaging.folding import Folding
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.settings import settings_of
from epione.timeline import PatientEvent
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference, decode
from epione_inference.messages import recompute_messages, time_message
from epione_inference.results import cache_client
from epione_inference.settings import InferenceSettings

STAGE = "inference"
GROUP = f"epione.{STAGE}"


def folding_of(inference: Inference, store: StateStore, log: Log) -> Folding[PatientEvent]:
    """Make the step from patients' events to their plans."""
    return Folding(
        decode,
        inference,
        store,
        log,
        topics.PATIENT_EVENTS,
        stage=STAGE,
        on_overtaken=recompute_messages,
    )


async def run(settings: InferenceSettings) -> None:
    """Serve until told to stop."""
    cache = cache_client(settings.cache) if settings.cache else None
    answers = PreventAnswers(cache, settings.execution)
    store = StateStore(settings.state, namespace=settings.namespace)
    try:
        await store.refuse_eviction()
        async with KafkaLog(KafkaSettings(settings.kafka, settings.layout)) as log:
            inference = Inference(answers, Cpic(), epoch=settings.epoch)
            folding = folding_of(inference, store, log)
            due = DueTimes(folding, store, log, time_message)
            with stop_on_signals() as stop:
                reading = folding.subscription(GROUP, settings.max_records)
                await serve(log, [reading], stop=stop, beside=[due.run])
    finally:
        await store.close()
        answers.close()
        if cache is not None:
            await cache.aclose()


def main() -> None:
    """Read the settings from the environment, and serve."""
    asyncio.run(run(settings_of(InferenceSettings)))


if __name__ == "__main__":
    main()
