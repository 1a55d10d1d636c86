"""The ingestion service: `python -m epione_ingestion`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn

from epione.messaging import Stream, Subscription, Topic, answering, process
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.topics import HOSPITAL_FHIR, HOSPITAL_GENOME, HOSPITAL_HL7V2
from epione.operations import Server, listen
from epione_ingestion.answering import STAGE, answer_by
from epione_ingestion.receiver import receiver
from epione_ingestion.rules import Rules
from epione_ingestion.settings import IngestionSettings, rules_of

TOPICS = (HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME)
GROUP = f"epione.{STAGE}"
MAX_RECORDS = 100  # a bundle is hundreds of facts

_log = logging.getLogger(__name__)


def subscriptions(log: Stream, rules: Rules) -> list[Subscription]:
    """Give the reading of the hospitals' topics."""
    return [subscription(log, rules, topic) for topic in TOPICS]


def subscription(log: Stream, rules: Rules, topic: Topic) -> Subscription:
    step = answering(answer_by(rules, topic), log, topic, stage=STAGE, in_thread=True)
    return Subscription(topic, GROUP, step, max_records=MAX_RECORDS)


@asynccontextmanager
async def opened(settings: IngestionSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    rules = rules_of(settings)
    kafka = KafkaSettings(
        settings.kafka,
        settings.layout,
        session_timeout_s=settings.session_timeout_s,
        instance=settings.instance,
    )
    async with KafkaLog(kafka) as log:
        config = uvicorn.Config(
            receiver(log, rules),
            host=settings.http_host,
            port=settings.http_port,
            access_log=False,
            log_config=None,
        )
        _log.info(
            "ingestion reads %s, and takes HTTP on %s:%d",
            ", ".join(topic.name for topic in TOPICS),
            settings.http_host,
            settings.http_port,
        )
        listening = partial(listen, Server(config))
        yield process.Service(log, subscriptions(log, rules), beside=[listening])


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, IngestionSettings, opened)


if __name__ == "__main__":
    main()
