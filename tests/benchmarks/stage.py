"""The services as processes on a Kafka and a Redis of their own, and what processors they take."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from tests.vaults import SECRET as VAULT

from epione.messaging import Layout, Topic, topics
from epione_cli.native_kafka import free_port

LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
SECRET = "a secret of the benchmarks, long enough"
SERVICES = ("ingestion", "genomics", "inference")
RAW = (topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME)
READS = {  # by group, in the order in which one feeds the next
    "epione.ingestion": RAW,
    "epione.genomics": (topics.GENOME_SAMPLES,),
    "epione.inference": (topics.PATIENT_EVENTS,),
}
READY_WITHIN_S = 60.0
POLL_S = 0.05
PARTITIONS = range(LAYOUT.partitions)
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Work:
    """What a piece of work took."""

    n_events: int  # entries of patients' logs
    seconds: float
    services_s: Mapping[str, float]  # processor seconds, by service
    others_s: Mapping[str, float]  # of the broker and the stores

    @property
    def cpu_s(self) -> float:
        return sum(self.services_s.values())

    @property
    def rate(self) -> float:
        return self.n_events / self.seconds


def size(name: str, modest: int) -> int:
    """Give a size of a benchmark: EPIONE_BENCH_<name>, or the modest one."""
    return int(os.environ.get(f"EPIONE_BENCH_{name}", modest))


@dataclass(slots=True)
class Process:
    """One service, its log in a file."""

    name: str
    environment: Mapping[str, str]
    log: Path
    ops_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        said = {"EPIONE_OPS_PORT": str(self.ops_port), "EPIONE_HTTP_PORT": str(free_port())}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"epione_{self.name}.app"],
                env={**os.environ, **self.environment, **said},
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def cpu_s(self) -> float:
        return cpu_s_of(self.pid)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops_port}/health/ready"):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log.read_text()[-2000:]


def cpu_s_of(pid: int) -> float:
    """Give the processor seconds that a process has taken, its threads and the kernel for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def by_service(processes: Sequence[Process]) -> dict[str, float]:
    """Give the processor seconds of each service, its replicas together."""
    taken = dict.fromkeys((each.name for each in processes), 0.0)
    for process in processes:
        taken[process.name] += process.cpu_s
    return taken


def less(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    return {name: taken - before.get(name, 0.0) for name, taken in after.items()}


def others_cpu_s(processes: Sequence[Process]) -> dict[str, float]:
    """Give the processor seconds of this process's other children: the broker and the stores."""
    known, found = {each.pid for each in processes}, dict[str, float]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        pid, name = int(stat.parent.name), head.partition("(")[2]
        if int(rest.split()[1]) == os.getpid() and pid not in known:
            found[name] = found.get(name, 0.0) + cpu_s_of(pid)
    return found


@asynccontextmanager
async def staged(
    bootstrap: str,
    redis_url: str,
    folder: Path,
    names: Sequence[str] = SERVICES,
) -> AsyncIterator[list[Process]]:
    """Run services, one process for each name, and give them once all are ready."""
    environment = {
        "EPIONE_KAFKA": bootstrap,
        "EPIONE_STATE": redis_url,
        "EPIONE_SECRET": SECRET,
        "EPIONE_VAULT": VAULT,
        "EPIONE_PARTITIONS": str(LAYOUT.partitions),
        "EPIONE_REPLICATION": str(LAYOUT.replication),
        "EPIONE_MIN_IN_SYNC": str(LAYOUT.min_in_sync),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    processes = [
        Process(name, environment, folder / f"{name}-{number}.log")
        for number, name in enumerate(names)
    ]
    try:
        for process in processes:
            process.start()
        await ready(processes)
        yield processes
    finally:
        await asyncio.gather(*(asyncio.to_thread(process.stop) for process in processes))


async def ready(processes: Sequence[Process]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    for process in processes:
        while not await asyncio.to_thread(process.is_ready):
            assert time.monotonic() < deadline, process.log.read_text()[-2000:]
            await asyncio.sleep(0.1)


class Offsets:
    """How far the topics are written, and the groups have read."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> "Offsets":
        await self._consumer.start()
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()
        await self._consumer.stop()

    async def written(self, *read: Topic) -> dict[TopicPartition, int]:
        """Give the end of every partition of the topics."""
        partitions = [TopicPartition(each.name, n) for each in read for n in PARTITIONS]
        return dict(await self._consumer.end_offsets(partitions))

    async def count(self, topic: Topic) -> int:
        return sum((await self.written(topic)).values())

    async def lag(self, group: str) -> int:
        """Give how many records a group has not yet committed."""
        ends = await self.written(*READS[group])
        committed = await self._admin.list_consumer_group_offsets(group)
        return sum(
            end - max(committed[each].offset if each in committed else 0, 0)
            for each, end in ends.items()
        )

    async def settled(self, within_s: float = 300.0) -> None:
        """Return once every group is done with all there is."""
        async with asyncio.timeout(within_s):
            for group in READS:
                while await self.lag(group):  # noqa: ASYNC110 - Kafka tells no one
                    await asyncio.sleep(POLL_S)

    async def work(self, processes: Sequence[Process], send: Awaitable[None]) -> Work:
        """Send something, and wait until the services are done with it."""
        n_events = await self.count(topics.PATIENT_EVENTS)
        services, others = by_service(processes), others_cpu_s(processes)
        began = time.monotonic()
        await send
        await self.settled()
        return Work(
            await self.count(topics.PATIENT_EVENTS) - n_events,
            time.monotonic() - began,
            less(by_service(processes), services),
            less(others_cpu_s(processes), others),
        )
