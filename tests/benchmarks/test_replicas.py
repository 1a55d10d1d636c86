"""Two replicas of inference against one, on the same cores.

pytest tests/benchmarks/test_replicas.py -s          EPIONE_BENCH_PANELS, EPIONE_BENCH_ROUNDS
"""

import os
from pathlib import Path
from statistics import median

from tests.benchmarks.population import news
from tests.benchmarks.stage import LAYOUT, Offsets, Work, size, staged
from tests.conftest import running_kafka, running_redis
from tests.vaults import KEYS

from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.privacy import opened_vault

N_PANELS, ROUNDS, N_PATIENTS = size("PANELS", 500), size("ROUNDS", 3), 500
GOAL, BAR = 1.6, 1.2


async def test_two_replicas_against_one(tmp_path: Path) -> None:
    homes = {n: tmp_path / f"{n}-replicas" for n in (1, 2)}
    for home in homes.values():
        home.mkdir()

    done = {n: await worked(n, home) for n, home in homes.items()}

    report(done)
    assert speed_up(done) >= BAR


async def worked(n_replicas: int, home: Path) -> list[Work]:
    """Send rounds of panels to so many replicas."""
    with running_kafka(home / "kafka") as kafka, running_redis(home) as redis:
        async with (
            KafkaLog(KafkaSettings(kafka.bootstrap, LAYOUT)) as log,
            opened_vault(log, KEYS) as vault,
            Offsets(kafka.bootstrap) as offsets,
            staged(kafka.bootstrap, redis.url, home, ["inference"] * n_replicas) as processes,
        ):
            works = []
            for n_round in range(ROUNDS + 1):
                messages = await news(vault, N_PANELS, N_PATIENTS, seed=n_round)
                works.append(await offsets.work(processes, log.publish(messages)))
            return works[1:]  # the first batches of a process are its slowest


def cores_of_others(work: Work) -> float:
    """Give how many cores the broker and the store kept busy."""
    return sum(work.others_s.values()) / work.seconds


def speed_up(done: dict[int, list[Work]]) -> float:
    """Give how much faster two are, had the broker and the store cores of their own.

    One replica needs one core, and leaves the others to them. Two share what they leave of all: so
    what two would do is what they did, for each core that was left to them.
    """
    n_cores = os.cpu_count() or 2
    left = min(2.0, n_cores - median(map(cores_of_others, done[2])))
    return raw_speed_up(done) * 2 / left


def raw_speed_up(done: dict[int, list[Work]]) -> float:
    return median(work.rate for work in done[2]) / median(work.rate for work in done[1])


def report(done: dict[int, list[Work]]) -> None:
    print(f"\n{done[1][0].n_events:,} events a round, {ROUNDS} rounds, {os.cpu_count()} cores")
    for n, works in done.items():
        rate, others = median(work.rate for work in works), median(map(cores_of_others, works))
        a_core = median(work.n_events / work.cpu_s for work in works)
        print(f"  {n} replicas: {rate:6,.0f} events/s; {a_core:6,.0f} a core second of theirs;")
        print(f"    the broker and the store kept {others:.2f} cores busy")
    print(f"  {raw_speed_up(done):.2f}x as it was; {speed_up(done):.2f}x the others left out")
    print(f"  goal: {GOAL}x")
