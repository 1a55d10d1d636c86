"""The ingestion service: `python -m epione_ingestion.app`."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import uvicorn

from epione.messaging import Stream, Subscription, Topic, answering, serve, stop_on_signals
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.topics import HOSPITAL_FHIR, HOSPITAL_GENOME, HOSPITAL_HL7V2
from epione.settings import settings_of
from epione_ingestion.answering import STAGE, answer_by
from epione_ingestion.receiver import receiver
from epione_ingestion.rules import Rules
from epione_ingestion.settings import IngestionSettings, rules_of

TOPICS = (HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME)
MAX_RECORDS = 100  # a bundle is hundreds of facts


def subscriptions(log: Stream, rules: Rules) -> list[Subscription]:
    """Give the reading of the hospitals' topics."""
    return [subscription(log, rules, topic) for topic in TOPICS]


def subscription(log: Stream, rules: Rules, topic: Topic) -> Subscription:
    step = answering(answer_by(rules, topic), log, topic, stage=STAGE, in_thread=True)
    return Subscription(topic, f"epione.{STAGE}", step, max_records=MAX_RECORDS)


async def run(settings: IngestionSettings) -> None:
    """Serve until told to stop."""
    rules = rules_of(settings)
    async with KafkaLog(KafkaSettings(settings.kafka, settings.layout)) as log:
        config = uvicorn.Config(
            receiver(log, rules),
            host=settings.http_host,
            port=settings.http_port,
            access_log=False,
            log_config=None,
        )
        with stop_on_signals() as stop:
            listening = partial(listen, Server(config))
            await serve(log, subscriptions(log, rules), stop=stop, beside=[listening])


class Server(uvicorn.Server):
    """One that leaves the signals to the service."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def listen(server: Server) -> None:
    """Take requests until cancelled; those in hand are then answered."""
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


def main() -> None:
    asyncio.run(run(settings_of(IngestionSettings)))


if __name__ == "__main__":
    main()
