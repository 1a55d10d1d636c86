"""How long a lost state takes to be made again: from a snapshot, and from the whole log.

make bench            or: EPIONE_REBUILD_PATIENTS=100000 pytest tests/benchmarks/test_rebuild.py -s
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence

from tests.real_parts import Broker, Faults
from tests.running import running
from tests.unit.timeline.records import event, order, person, reading
from tests.vaults import vault_on

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Layout, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.partition import partition_of
from epione.messaging.snapshots import Snapshots
from epione.messaging.state import Position, StateStore
from epione.timeline import PatientEvent, codes
from epione_inference.answers import PreventAnswers
from epione_inference.app import folding_of
from epione_inference.handler import Inference
from epione_inference.messages import told_message

N_PATIENTS = int(os.environ.get("EPIONE_REBUILD_PATIENTS", "5000"))
N_FACTS = 20  # of each patient
N_FOLDED = 1_000  # patients whose log is folded; the time grows with the events, and is scaled
AT_ONCE = 500
LARGER = (1_000_000, 10_000_000)
LAYOUT = Layout(partitions=6, replication=1, min_in_sync=1)
PARTITIONS = range(LAYOUT.partitions)


def facts(patient: str) -> list[PatientEvent]:
    """Give one patient's events: who, one order, and results on days that differ."""
    results = [
        event(reading(codes.SYSTOLIC, 110 + n), f"bp-{n}", patient=patient, day=n)
        for n in range(N_FACTS - 2)
    ]
    first = [event(person("1960-02-03"), "who", patient=patient)]
    return [*first, event(order("309362"), "order", patient=patient), *results]


async def test_a_rebuild_from_a_snapshot_against_one_from_the_log(
    own_kafka: Broker, own_redis: Faults
) -> None:
    store = StateStore(own_redis.url)
    async with KafkaLog(KafkaSettings(own_kafka.bootstrap, LAYOUT)) as log:
        answers = PreventAnswers(None)
        events_per_s = await folded(log, store, Inference(answers, Guidelines()))
        answers.close()
        _, states = await store.states_of(partition_of(b"north/p-0", 6), ["north/p-0"])
        (state,) = states.values()
        own_redis.flush()
        await fill(store, state)
        snapshots = Snapshots(store, log, topics.PATIENT_STATES)
        written_s = await timed(lambda n: take(snapshots, n))
        own_redis.flush()
        loaded_s = await timed(lambda n: snapshots.load(n))
        n_loaded = sum([await n_states(store, n) for n in PARTITIONS])
    await store.close()
    report(events_per_s, len(state), written_s, loaded_s)
    assert n_loaded == N_PATIENTS
    assert loaded_s < N_PATIENTS * N_FACTS / events_per_s


async def folded(log: KafkaLog, store: StateStore, inference: Inference) -> float:
    """Fold whole logs; give how many events a second."""
    events = [each for n in range(N_FOLDED) for each in facts(f"p-{n}")]
    for start in range(0, len(events), 2_000):
        await log.publish([told_message(each) for each in events[start : start + 2_000]])
    ends = await log.offsets_at(topics.PATIENT_EVENTS, 1 << 62)
    folding = folding_of(inference, store, log, vault_on(log))
    async with running(log, folding.subscription("bench")):
        while not await applied(store):  # noqa: ASYNC110 - the clock begins with the first batch
            await asyncio.sleep(0.01)
        began, first = time.perf_counter(), await applied(store)
        while await applied(store) < sum(ends.values()):  # noqa: ASYNC110 - Redis signals nobody
            await asyncio.sleep(0.05)
        return (len(events) - first) / (time.perf_counter() - began)


async def applied(store: StateStore) -> int:
    return sum([(await store.held(n)).applied or 0 for n in PARTITIONS])


async def fill(store: StateStore, state: bytes) -> None:
    """Put the same state in place for every patient."""
    keys: dict[int, list[str]] = {n: [] for n in PARTITIONS}
    for n in range(N_PATIENTS):
        key = f"north/{n:032x}"
        keys[partition_of(key.encode(), LAYOUT.partitions)].append(key)
    for partition, own in keys.items():
        await put(store, partition, own, state)


async def put(store: StateStore, partition: int, keys: Sequence[str], state: bytes) -> None:
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        await store.apply(
            partition,
            start=Position(100 if start else None),
            next_offset=100,
            states=dict.fromkeys(some, state),
            due=dict.fromkeys(some, 1_800_000_000_000),
            outbox=b"",
        )


async def take(snapshots: Snapshots, partition: int) -> None:
    await snapshots.take(partition, 6, per_s=1e9, on_progress=lambda n: None)


async def timed(work: Callable[[int], object]) -> float:
    """Give the seconds for all partitions, one after the other."""
    began = time.perf_counter()
    for partition in PARTITIONS:
        done = work(partition)
        assert asyncio.iscoroutine(done)
        await done
    return time.perf_counter() - began


async def n_states(store: StateStore, partition: int) -> int:
    return sum([len(part) async for part in store.scan(partition, "live", AT_ONCE)])


def report(events_per_s: float, state_bytes: int, written_s: float, loaded_s: float) -> None:
    print(f"\n{N_PATIENTS:,} patients of {N_FACTS} facts, states of {state_bytes:,} B, one process")
    print(f"  the log is folded at        {events_per_s:10,.0f} events/s")
    print(f"  a snapshot is written at    {N_PATIENTS / written_s:10,.0f} states/s")
    print(f"  it is loaded at             {N_PATIENTS / loaded_s:10,.0f} states/s")
    for n in (N_PATIENTS, 100_000, *LARGER):
        log_s, snapshot_s = n * N_FACTS / events_per_s, n * loaded_s / N_PATIENTS
        print(f"  {n:10,} patients: {log_s:9,.0f} s from the log, {snapshot_s:7,.0f} s from it")
