"""The genomics service: `python -m epione_genomics`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from epione.genomes.settings import GenomeSettings
from epione.medicine.pharmacogenomics import RELEASE
from epione.messaging import process
from epione.messaging.access import GENOMICS
from epione.messaging.kafka import KafkaLog, kafka_settings_of
from epione.messaging.topics import GENOME_SAMPLES
from epione.privacy import opened_vault
from epione_genomics.answering import STAGE, subscription

_log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(settings: GenomeSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    keys, kafka = settings.keys, kafka_settings_of(settings)
    async with (
        KafkaLog(kafka, needed=GENOMICS.topics) as log,
        opened_vault(log, settings.vault_keys) as vault,
    ):
        _log.info("genomics reads %s by knowledge of %s", GENOME_SAMPLES.name, RELEASE)
        reading = [subscription(log, vault, keys, settings.allowed, flood=settings.flood)]
        yield process.Service(log, reading, beside=[vault.follow], claims=log.claims)


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, GenomeSettings, opened)


if __name__ == "__main__":
    main()
