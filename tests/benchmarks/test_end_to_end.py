"""From a hospital's message to what changed in a plan: how many, how fast, at what cost.

pytest tests/benchmarks/test_end_to_end.py -s
EPIONE_BENCH_PATIENTS; EPIONE_BENCH_MESSAGES, of one drain; EPIONE_BENCH_SECONDS, of one pace;
EPIONE_BENCH_ROUNDS.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from statistics import median

from tests.benchmarks.stage import LAYOUT, RAW, Offsets, Work, size, staged
from tests.benchmarks.ward import admissions, traffic
from tests.real_parts import Broker, Faults
from tests.vaults import records_on

from epione.messaging import topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.wire import recommendation_from_wire

N_PATIENTS, N_MESSAGES = size("PATIENTS", 500), size("MESSAGES", 1_500)
PACED_S, ROUNDS = size("SECONDS", 15), size("ROUNDS", 1)
PACES = (20.0, 60.0)  # messages/s, beside half the peak
TICK_S, AFTER_S = 0.01, 2.0
P50_MS, P99_MS = 50, 250  # goals

# Amazon EC2 m7g.large: 2 vCPU, on demand, Linux, us-east-1, $0.0816 an hour, as listed on
# 17 June 2026 (FactualMinds, "Amazon EC2 On-Demand Pricing: Instance Families").
DOLLARS_A_VCPU_HOUR = 0.0816 / 2


class Hospital:
    """Sends a hospital's traffic, and knows what became of it."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self._messages = chain(admissions(N_PATIENTS), traffic(N_PATIENTS))

    async def send(self, n: int) -> None:
        await self._log.publish(list(islice(self._messages, n)))

    async def pace(self, rate: float, seconds: float) -> None:
        """Send at a steady rate, messages/s."""
        began, sent = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            due = int(passed * rate) - sent
            await self.send(due)
            sent += due
            await asyncio.sleep(TICK_S)
        await asyncio.sleep(AFTER_S)

    async def latencies_ms(self, since_ms: float) -> list[int]:
        """Give, of each message since a time that changed a plan, how long that took, sorted.

        Both times are the log's: when it took the message, and when it took what changed.
        """
        taken = {
            f"{record.topic}/{record.partition}/{record.offset}": record.timestamp_ms
            for topic in RAW
            async for record in self._log.read(topic)
            if record.timestamp_ms >= since_ms
        }
        known: dict[str, int] = {}
        for record in await records_on(self._log, topics.RECOMMENDATIONS):
            for cause in recommendation_from_wire(record.value).caused_by:
                delivery = cause.rpartition("/")[0]
                known[delivery] = min(record.timestamp_ms, known.get(delivery, record.timestamp_ms))
        return sorted(known[each] - taken[each] for each in taken.keys() & known.keys())


async def test_from_a_hospitals_message_to_what_changed(
    own_kafka: Broker, own_redis: Faults, tmp_path: Path
) -> None:
    bootstrap = own_kafka.bootstrap
    done: list[Work] = []
    async with (
        KafkaLog(KafkaSettings(bootstrap, LAYOUT)) as log,
        Offsets(bootstrap) as offsets,
        staged(bootstrap, own_redis.url, tmp_path) as processes,
    ):
        hospital = Hospital(log)
        await hospital.send(2 * N_PATIENTS)  # who they are, and a first panel of most
        await offsets.settled()
        for _ in range(ROUNDS):
            done.append(await offsets.work(processes, hospital.send(N_MESSAGES)))
        report(done)
        half = N_MESSAGES / median(work.seconds for work in done) / 2
        for rate in (*PACES, half):
            since_ms = time.time() * 1000
            await hospital.pace(rate, PACED_S)
            await offsets.settled()
            latencies = await hospital.latencies_ms(since_ms)
            report_latencies(rate, latencies)
            assert len(latencies) > rate * PACED_S / 4  # most panels change a risk
    print(f"  the last pace is half the peak; goals: p50 {P50_MS} ms, p99 {P99_MS} ms")


def report(done: Sequence[Work]) -> None:
    seconds = median(work.seconds for work in done)
    print(f"\n{N_MESSAGES:,} messages of {N_PATIENTS:,} patients at once, {len(done)} rounds")
    print(f"  {N_MESSAGES / seconds:,.0f} messages/s, {median_of(w.rate for w in done)} events/s")
    print(f"  {median_of(w.n_events / w.cpu_s for w in done)} events a core second of the services")
    for name in (*done[0].services_s, *done[0].others_s):
        shares = [{**work.services_s, **work.others_s}[name] / work.n_events for work in done]
        print(f"  {name:14} {median(shares) * 1e6:6,.0f} us an event")
    for what, hours in (("services", core_hours(done, False)), ("all", core_hours(done, True))):
        dollars = hours * DOLLARS_A_VCPU_HOUR
        print(f"  a million events, {what}: {hours:.2f} core hours, ${dollars:.3f}")


def median_of(values: Iterable[float]) -> str:
    return f"{median(values):,.0f}"


def core_hours(done: Sequence[Work], with_others: bool) -> float:
    """Give what a million events take, the broker and the store apart or with them."""
    others = (sum(work.others_s.values()) if with_others else 0.0 for work in done)
    seconds = [
        (work.cpu_s + other) / work.n_events for work, other in zip(done, others, strict=True)
    ]
    return median(seconds) * 1e6 / 3600


def report_latencies(rate: float, sorted_ms: Sequence[int]) -> None:
    p50, p90, p99 = (sorted_ms[int(share * len(sorted_ms))] for share in (0.5, 0.9, 0.99))
    print(f"  at {rate:,.0f} messages/s {len(sorted_ms):,} changed a plan, after")
    print(f"    p50 {p50} ms, p90 {p90} ms, p99 {p99} ms")
