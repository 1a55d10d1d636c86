"""Inference among few patients and many; and how many bytes it keeps of one.

pytest tests/benchmarks/test_patients.py -s
EPIONE_BENCH_POPULATION, the many; EPIONE_BENCH_PANELS, of one round; EPIONE_BENCH_ROUNDS.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.population import history, news, past_of, settle_in
from tests.benchmarks.stage import LAYOUT, Offsets, Process, Work, size, staged
from tests.conftest import running_kafka, running_redis
from tests.unit.inference.stream import Stream
from tests.vaults import KEYS

from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.state import StateStore
from epione.privacy import Vault, opened_vault
from epione_inference.states import ids_in

FEW, MANY = 1_000, size("POPULATION", 5_000)
N_PANELS, ROUNDS = size("PANELS", 500), size("ROUNDS", 3)
KNOWN_PANELS = 4  # of six results, in each patient's history
FLAT, BAR = 0.9, 0.5  # of the rate among the few: the goal, and what must be
LONG_HISTORY, STATE_BYTES = 100, 4_096  # facts, and the goal for a state with them
SEAL_BYTES = 37  # format, id of the key, nonce, tag


@dataclass(frozen=True, slots=True)
class Population:
    """Patients with a Kafka, a Redis and an inference of their own."""

    n_patients: int
    log: KafkaLog
    vault: Vault
    offsets: Offsets
    processes: Sequence[Process]

    async def work(self, n_round: int) -> Work:
        """Send one round of panels, and wait until inference is done with it."""
        messages = await news(self.vault, N_PANELS, self.n_patients, seed=n_round)
        return await self.offsets.work(self.processes, self.log.publish(messages))


@asynccontextmanager
async def populated(n_patients: int, home: Path) -> AsyncIterator[Population]:
    async with AsyncExitStack() as stack:
        kafka = stack.enter_context(running_kafka(home / "kafka"))
        redis = stack.enter_context(running_redis(home))
        settings = KafkaSettings(kafka.bootstrap, LAYOUT)
        log = await stack.enter_async_context(KafkaLog(settings))
        vault = await stack.enter_async_context(opened_vault(log, KEYS))
        store = StateStore(redis.url)
        await settle_in(store, vault, n_patients, await past_of(history(KNOWN_PANELS)))
        await store.close()
        offsets = await stack.enter_async_context(Offsets(kafka.bootstrap))
        inference = staged(kafka.bootstrap, redis.url, home, ["inference"])
        processes = await stack.enter_async_context(inference)
        yield Population(n_patients, log, vault, offsets, processes)


async def test_inference_among_few_patients_and_many(tmp_path: Path) -> None:
    done: dict[int, list[Work]] = {FEW: [], MANY: []}
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    async with populated(FEW, tmp_path / "few") as few, populated(MANY, tmp_path / "many") as many:
        await few.work(-1)  # the first batches of a process are its slowest
        await many.work(-1)
        for n_round in range(ROUNDS):
            for population in (few, many):
                done[population.n_patients].append(await population.work(n_round))

    report(done)
    assert rate_of(done[MANY]) / rate_of(done[FEW]) >= BAR


def rate_of(works: Sequence[Work]) -> float:
    """Give the events a core second of inference."""
    return median(work.n_events / work.cpu_s for work in works)


def report(done: dict[int, list[Work]]) -> None:
    n_events = done[FEW][0].n_events
    print(f"\n{n_events:,} events a round, {ROUNDS} rounds, {6 * KNOWN_PANELS + 2} facts a patient")
    for n_patients, works in done.items():
        rate, ratio = rate_of(works), rate_of(works) / rate_of(done[FEW])
        print(f"  {n_patients:8,} patients: {rate:6,.0f} events a core second, {ratio:.2f}x of few")
    print(f"  goal: {FLAT}x")


def test_the_bytes_that_are_kept_of_a_patient() -> None:
    facts = history(LONG_HISTORY // 6 + 1)[:LONG_HISTORY]

    (state,) = Stream(facts).run().states.values()
    n_bytes = len(state) + SEAL_BYTES

    n_told = len(ids_in(state))
    print(f"\nstate of a patient with {len(facts)} facts and {n_told} recommendations, sealed:")
    print(f"  {n_bytes:,} bytes")
    assert len(facts) == LONG_HISTORY
    assert n_bytes <= STATE_BYTES
