"""The counting service as a process of its own: python -m … BOOTSTRAP REDIS_URL."""

import asyncio
import logging
import sys

from tests.integration.counting import COUNTS, EVENTS, counting

from epione.messaging import Layout, dead_letters_of, serve, stop_on_signals
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore

LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
TOPICS = (EVENTS, COUNTS, dead_letters_of(EVENTS))
SESSION_TIMEOUT_S = 6.0  # Kafka's least


async def main(bootstrap: str, redis_url: str) -> None:
    settings = KafkaSettings(bootstrap, LAYOUT, session_timeout_s=SESSION_TIMEOUT_S)
    store = StateStore(redis_url, timeout_s=2.0)
    async with KafkaLog(settings, TOPICS) as log:
        step = counting(store, log)
        with stop_on_signals() as stop:
            await serve(log, [step.subscription("counting", max_records=100)], stop=stop)
    await store.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(process)d %(name)s %(message)s")
    asyncio.run(main(sys.argv[1], sys.argv[2]))
