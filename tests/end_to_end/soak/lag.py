"""How far the services are, as Kafka knows it: the ends of topics, and what groups committed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from epione.messaging import Layout, Topic, topics

POLL_S = 0.25
PARTITIONS = Layout().partitions


@dataclass(frozen=True, slots=True)
class Reading:
    """What a service reads."""

    group: str
    topics: Sequence[Topic]

    @property
    def partitions(self) -> list[TopicPartition]:
        return [TopicPartition(t.name, n) for t in self.topics for n in range(PARTITIONS)]


INGESTION = Reading(
    "epione.ingestion", (topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME)
)
GENOMICS = Reading("epione.genomics", (topics.GENOME_SAMPLES,))
INFERENCE = Reading("epione.inference", (topics.PATIENT_EVENTS,))
STAGES = (INGESTION, GENOMICS, INFERENCE)  # one feeds the next

Offsets = Mapping[TopicPartition, int]


class Lag:
    """Looks at Kafka again and again; while it does not answer, the last look stands."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._ends: dict[str, Offsets] = {}
        self._committed: dict[str, Offsets] = {}
        self._looked = asyncio.Event()

    @property
    def n_on_the_way(self) -> int:
        return sum(map(self._behind, (reading.group for reading in STAGES)))

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                async with asyncio.timeout(20):
                    await self._look_on()
            except (KafkaError, TimeoutError, OSError):
                await asyncio.sleep(1)

    async def answered(self) -> None:
        """Wait until the services are done with everything that was sent until now."""
        for reading in STAGES:
            await self._next_look()
            ends = self._ends[reading.group]
            while not self._is_past(reading.group, ends):
                await self._next_look()

    async def _look_on(self) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await consumer.start()
            await admin.start()
            while True:
                await self._look(consumer, admin)
                await asyncio.sleep(POLL_S)
        finally:
            await admin.close()
            await consumer.stop()

    async def _look(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        for reading in STAGES:
            committed = await admin.list_consumer_group_offsets(reading.group)
            self._ends[reading.group] = await consumer.end_offsets(reading.partitions)
            self._committed[reading.group] = {
                partition: found.offset for partition, found in committed.items()
            }
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()

    async def _next_look(self) -> None:
        """Wait for a look that began after this was called."""
        await self._looked.wait()
        await self._looked.wait()

    def _behind(self, group: str) -> int:
        committed = self._committed.get(group, {})
        ends = self._ends.get(group, {})
        return sum(end - max(committed.get(each, 0), 0) for each, end in ends.items())

    def _is_past(self, group: str, ends: Offsets) -> bool:
        committed = self._committed[group]
        return all(committed.get(partition, 0) >= end for partition, end in ends.items())
