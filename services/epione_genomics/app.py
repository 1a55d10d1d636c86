"""The genomics service: `python -m epione_genomics`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from epione.genomes.settings import GenomeSettings
from epione.medicine.pharmacogenomics import RELEASE
from epione.messaging import process
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.topics import GENOME_SAMPLES
from epione_genomics.answering import STAGE, subscription

_log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(settings: GenomeSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    keys = settings.keys
    kafka = KafkaSettings(
        settings.kafka,
        settings.layout,
        session_timeout_s=settings.session_timeout_s,
        instance=settings.instance,
    )
    async with KafkaLog(kafka) as log:
        _log.info("genomics reads %s by knowledge of %s", GENOME_SAMPLES.name, RELEASE)
        yield process.Service(log, [subscription(log, keys, settings.allowed)])


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, GenomeSettings, opened)


if __name__ == "__main__":
    main()
