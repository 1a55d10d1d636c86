"""The ingestion service: `python -m epione_ingestion`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn
from starlette.applications import Starlette

from epione.messaging import Log, Subscription, Topic, answering, process
from epione.messaging.access import INGESTION
from epione.messaging.dead_letter import FLOOD
from epione.messaging.kafka import KafkaLog, kafka_settings_of
from epione.messaging.sealing import Sealing
from epione.messaging.service import Beside
from epione.messaging.topics import HOSPITAL_FHIR, HOSPITAL_GENOME, HOSPITAL_HL7V2
from epione.operations import Server, listen
from epione.privacy import opened_vault, pulse
from epione_ingestion.answering import STAGE, answer_by, count
from epione_ingestion.receiver import receiver
from epione_ingestion.resolving import resolving
from epione_ingestion.rules import Rules
from epione_ingestion.settings import IngestionSettings, admission_of, rules_of, tls_of

TOPICS = (HOSPITAL_FHIR, HOSPITAL_HL7V2, HOSPITAL_GENOME)
GROUP = f"epione.{STAGE}"
MAX_RECORDS = 100  # a bundle is hundreds of facts

_log = logging.getLogger(__name__)


def subscriptions(log: Log, vault: Sealing, rules: Rules, flood: int = FLOOD) -> list[Subscription]:
    """Give the reading of the hospitals' topics."""
    return [subscription(log, vault, rules, topic, flood) for topic in TOPICS]


def subscription(
    log: Log, vault: Sealing, rules: Rules, topic: Topic, flood: int = FLOOD
) -> Subscription:
    step = answering(
        answer_by(rules, topic),
        log,
        topic,
        stage=STAGE,
        vault=vault,
        on_done=count,
        flood=flood,
        in_thread=True,
    )
    return Subscription(topic, GROUP, step, max_records=MAX_RECORDS)


def http_config(application: Starlette, settings: IngestionSettings) -> uvicorn.Config:
    """Say where and how HTTP is spoken.

    Raises:
        Misconfigured: The certificate cannot be used.
    """
    tls = tls_of(settings)
    return uvicorn.Config(
        application,
        host=settings.http_host,
        port=settings.http_port,
        access_log=False,
        log_config=None,
        ssl_context_factory=None if tls is None else lambda *_: tls,
    )


@asynccontextmanager
async def opened(settings: IngestionSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    rules, admission = rules_of(settings), admission_of(settings)
    if not settings.tokens:
        _log.warning("EPIONE_TOKENS names no file: whoever posts is refused")
    kafka = kafka_settings_of(settings)
    async with (
        KafkaLog(kafka, needed=INGESTION.topics) as log,
        opened_vault(log, settings.vault_keys) as vault,
    ):
        doors = receiver(log, rules, admission, also=[resolving(log, vault, rules.keys, admission)])
        config = http_config(doors, settings)
        _log.info(
            "ingestion reads %s, and takes %s on %s:%d",
            ", ".join(topic.name for topic in TOPICS),
            "HTTPS" if config.is_ssl else "HTTP",
            settings.http_host,
            settings.http_port,
        )
        listening = partial(listen, Server(config))
        reading = subscriptions(log, vault, rules, settings.flood)
        pulsing = partial(pulse, log, settings.partitions)
        beside: list[Beside] = [listening, vault.follow, pulsing]
        yield process.Service(log, reading, beside=beside, claims=log.claims)


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, IngestionSettings, opened)


if __name__ == "__main__":
    main()
