"""The genomics service: `python -m epione_genomics.app`."""

import asyncio

from epione.identity import keys_of
from epione.messaging import serve, stop_on_signals
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.settings import settings_of
from epione_genomics.answering import subscription
from epione_genomics.settings import GenomicsSettings


async def run(settings: GenomicsSettings) -> None:
    """Serve until told to stop."""
    keys = keys_of(settings.secret.get_secret_value())
    async with KafkaLog(KafkaSettings(settings.kafka, settings.layout)) as log:
        with stop_on_signals() as stop:
            await serve(log, [subscription(log, keys, settings.allowed)], stop=stop)


def main() -> None:
    """Read the settings from the environment, and serve."""
    asyncio.run(run(settings_of(GenomicsSettings)))


if __name__ == "__main__":
    main()
