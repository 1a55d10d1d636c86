"""The genomics service: `python -m epione_genomics`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from epione.medicine.pharmacogenomics import name_of, read_whole
from epione.messaging import process
from epione.messaging.access import GENOMICS
from epione.messaging.kafka import KafkaLog, kafka_settings_of
from epione.messaging.topics import GENOME_SAMPLES
from epione.privacy import opened_vault
from epione_genomics.answering import STAGE, subscription
from epione_genomics.settings import GenomicsSettings

_log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(settings: GenomicsSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    keys, kafka, release = settings.keys, kafka_settings_of(settings), settings.release
    read_whole(release)
    async with (
        KafkaLog(kafka, needed=GENOMICS.topics) as log,
        opened_vault(log, settings.vault_keys) as vault,
    ):
        _log.info("genomics reads %s by knowledge of %s", GENOME_SAMPLES.name, name_of(release))
        reading = subscription(
            log, vault, keys, settings.allowed, flood=settings.flood, release=release
        )
        yield process.Service(log, [reading], beside=[vault.follow], claims=log.claims)


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, GenomicsSettings, opened)


if __name__ == "__main__":
    main()
