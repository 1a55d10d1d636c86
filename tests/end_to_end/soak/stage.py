"""Everything that runs in the soak: a Kafka, a Redis, and the services as supervised processes."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.supervisor import Replica
from tests.real_parts import Broker, Faults
from tests.vaults import SECRET as VAULT

from epione.messaging import Layout
from epione.messaging.kafka import KafkaLog, KafkaSettings

SECRET = "a secret of the tests, long enough"
LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
SESSION_TIMEOUT_S = 6  # the least that Kafka takes
FEWEST = {"ingestion": 1, "genomics": 1, "inference": 2}
MOST = {"ingestion": 2, "genomics": 1, "inference": 3}


@dataclass(slots=True)
class Stage:
    """What there is to be broken."""

    broker: Broker
    redis: Faults
    log: KafkaLog
    home: Path
    replicas: dict[str, list[Replica]] = field(default_factory=dict)
    ended: list[Replica] = field(default_factory=list)
    n_started: int = 0

    def start(self, service: str) -> None:
        """Add a replica of a service."""
        log = self.home / f"{service}-{self.n_started}.log"
        replica = Replica(f"epione_{service}.app", self._environment(), log)
        self.n_started += 1
        self.replicas.setdefault(service, []).append(replica)
        replica.start()

    async def remove(self, service: str, chance: random.Random) -> int:
        """Stop a replica for good, as an operator does; give its exit status."""
        replica = self.any_of(service, chance)
        self.replicas[service].remove(replica)
        self.ended.append(replica)
        return await asyncio.to_thread(replica.stop)

    def any_of(self, service: str, chance: random.Random) -> Replica:
        return chance.choice(self.replicas[service])

    def may_grow(self) -> list[str]:
        return [name for name, each in self.replicas.items() if len(each) < MOST[name]]

    def may_shrink(self) -> list[str]:
        return [name for name, each in self.replicas.items() if len(each) > FEWEST[name]]

    async def close(self) -> None:
        running = [replica for each in self.replicas.values() for replica in each]
        self.ended += running
        await asyncio.gather(*(asyncio.to_thread(replica.stop) for replica in running))

    def _environment(self) -> Mapping[str, str]:
        root = Path(__file__).parents[3]
        return {
            "PYTHONPATH": os.pathsep.join(str(root / each) for each in ("shared", "services")),
            "EPIONE_KAFKA": self.broker.bootstrap,
            "EPIONE_STATE": self.redis.url,
            "EPIONE_CACHE": self.redis.url.removesuffix("/0") + "/1",
            "EPIONE_SECRET": SECRET,
            "EPIONE_VAULT": VAULT,
            "EPIONE_SESSION_TIMEOUT_S": str(SESSION_TIMEOUT_S),
            "EPIONE_HTTP_PORT": "0",
            "EPIONE_REPLICATION": "1",
            "EPIONE_MIN_IN_SYNC": "1",
        }


@asynccontextmanager
async def staged(broker: Broker, redis: Faults, home: Path) -> AsyncIterator[Stage]:
    """Start the fewest replicas of each service; stop everything at the end."""
    async with KafkaLog(KafkaSettings(broker.bootstrap, LAYOUT)) as log:
        stage = Stage(broker, redis, log, home)
        for service, n in FEWEST.items():
            for _ in range(n):
                stage.start(service)
        try:
            yield stage
        finally:
            await stage.close()
