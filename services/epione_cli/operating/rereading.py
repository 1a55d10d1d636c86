"""Reads a raw topic again: what hospitals sent, by the rules, maps and knowledge of now.

What is answered goes onto patients' logs, beside what was read before. Each answer says when it was
read: of equal versions of a fact the last reading counts, so it may be done again, or in parts.
"""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from epione.errors import BrokerDown, Misconfigured, Unavailable
from epione.messaging import (
    Archive,
    Done,
    Log,
    Message,
    Record,
    Subscription,
    Topic,
    dead_letters_of,
    topics,
)
from epione.messaging.batches import in_batches
from epione.messaging.dead_letter import NO_FLOOD
from epione.messaging.sealing import Sealing
from epione.settings import settings_of
from epione_cli.operating.places import start_of
from epione_cli.operating.progress import bar
from epione_cli.settings import stream_settings
from epione_genomics.answering import subscription as genomics
from epione_genomics.settings import GenomicsSettings
from epione_ingestion.app import TOPICS
from epione_ingestion.app import subscription as ingestion
from epione_ingestion.settings import IngestionSettings, rules_of

END_OF_TIME_MS = 1 << 62
RAW = {topic.name: topic for topic in (*TOPICS, topics.GENOME_SAMPLES)}


def topic_named(name: str) -> Topic:
    """Give a raw topic.

    Raises:
        Misconfigured: It is none.
    """
    if name not in RAW:
        known = ", ".join((topics.PATIENT_EVENTS.name, *RAW))
        raise Misconfigured(f"{name} cannot be replayed; these can: {known}")
    return RAW[name]


async def reread(topic: Topic, start: str) -> None:
    """Read a topic again, and say what came of it."""
    async with stream_settings().reading() as (log, vault):
        offsets = await start_of(log, topic, start)
        ends = await log.offsets_at(topic, END_OF_TIME_MS)
        total = sum(max(0, ends[partition] - at) for partition, at in offsets.items())
        living = Living(log)
        reading = subscription_of(topic, living, vault, time.time_ns() // 1_000_000)
        with bar("messages", total) as progress:
            await read_again(log, reading, offsets, progress.add)
    for name, n in sorted(living.published.items()):
        print(f"{n} to {name}")
    if living.n_dead:
        print(f"{living.n_dead} cannot be read, or not wholly; they are no dead letters once more")


async def read_again(
    log: Archive, reading: Subscription, start: Mapping[int, int], on_read: Callable[[int], None]
) -> None:
    """Give a topic's records to the step, one partition after the other.

    Args:
        start: Offsets by partition; others are not read.
        on_read: Is told how many more were read.

    Raises:
        BrokerDown: What is needed does not answer; it names all that is left.
    """
    left = dict(start)
    try:
        for partition in sorted(start):
            at = {partition: left[partition]}
            async with aclosing(log.read_from(reading.topic, at)) as records:
                async for batch in in_batches(records, reading.max_records):
                    outcome = await reading.step(batch)
                    if not isinstance(outcome, Done):
                        raise BrokerDown("a batch was given up")
                    left[partition] = outcome.next_offset
                    on_read(len(batch))
            del left[partition]
    except Unavailable as fault:
        places = ",".join(f"{partition}:{at}" for partition, at in sorted(left.items()))
        raise BrokerDown(f"{fault}; go on with --from {places}") from fault


def subscription_of(topic: Topic, log: Log, vault: Sealing, reading: int) -> Subscription:
    """Give how the topic's service reads it; what it answers says when it was read.

    However many cannot be read: they had their day as dead letters.
    """
    if topic == topics.GENOME_SAMPLES:
        settings = settings_of(GenomicsSettings)
        keys, allowed, release = settings.keys, settings.allowed, settings.release
        return genomics(log, vault, keys, allowed, reading, NO_FLOOD, release)
    rules = replace(rules_of(settings_of(IngestionSettings)), reading=reading)
    return ingestion(log, vault, rules, topic, NO_FLOOD)


class Living:
    """A log that takes all but dead letters: these are there from the first reading."""

    def __init__(self, log: Log) -> None:
        self._log, self._dead = log, {dead_letters_of(topic).name for topic in RAW.values()}
        self.published: Counter[str] = Counter()
        self.n_dead = 0

    async def publish(self, messages: Sequence[Message]) -> None:
        alive = [each for each in messages if each.topic.name not in self._dead]
        await self._log.publish(alive)
        self.published.update(each.topic.name for each in alive)
        self.n_dead += len(messages) - len(alive)

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        return self._log.read(topic, key=key, follow=follow)
