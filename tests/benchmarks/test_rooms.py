"""Where the time of an event goes, without any broker: room by room, and what the cache saves.

pytest tests/benchmarks/test_rooms.py -s            EPIONE_BENCH_PATIENTS
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice

from tests.benchmarks.rooms import by_room
from tests.benchmarks.stage import LAYOUT, SECRET, size
from tests.benchmarks.ward import admissions, traffic

from epione.errors import Rejected
from epione.identity import keys_of
from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Message, Record, topics
from epione.messaging.partition import partition_of
from epione.telemetry import RESULTS
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference, decode
from epione_inference.results import cache_client
from epione_ingestion import Rules, translate

N_PATIENTS, N_MESSAGES = size("PATIENTS", 300), size("MESSAGES", 2_000)
BATCH = 500
SHOWN = 8  # rooms
RULES = Rules(keys_of(SECRET))
EPOCH_MS = 1_790_000_000_000


def raw() -> list[Record]:
    """A hospital's traffic as records, one a second."""
    messages = chain(admissions(N_PATIENTS), islice(traffic(N_PATIENTS), N_MESSAGES))
    return [
        Record(m.topic.name, 0, n, m.key, m.value, m.headers, EPOCH_MS + 1000 * n)
        for n, m in enumerate(messages)
    ]


def translated(records: Sequence[Record]) -> list[Message]:
    found: list[Message] = []
    for record in records:
        try:
            found += translate(record, RULES).messages
        except Rejected:
            continue
    return found


def batches(messages: Sequence[Message]) -> Iterator[tuple[int, list[Record]]]:
    """Give the entries of patients' logs as a consumer has them: partitions taking turns."""
    logs: dict[int, list[Record]] = defaultdict(list)
    for topic, key, value, headers in messages:
        if topic == topics.PATIENT_EVENTS:
            log = logs[partition_of(key, LAYOUT.partitions)]
            log.append(Record(topic.name, 0, len(log), key, value, headers, EPOCH_MS))
    for start in range(0, max(map(len, logs.values())), BATCH):
        for partition, log in logs.items():
            if some := log[start : start + BATCH]:
                yield partition, some


async def folded(messages: Sequence[Message], answers: PreventAnswers) -> int:
    """Fold all entries, their states in memory; give how many there were."""
    inference, n = Inference(answers, Guidelines()), 0
    states: dict[int, dict[str, bytes]] = defaultdict(dict)
    for partition, records in batches(messages):
        events = [(record, decode(record)) for record in records]
        states[partition] |= (await inference(events, states[partition])).states
        n += len(records)
    return n


def test_where_the_time_of_an_event_goes() -> None:
    records = raw()
    messages = translated(records)
    answers = PreventAnswers(None)
    fold = partial(asyncio.run, folded(messages, answers))

    began = time.process_time()
    translated(records)
    ingested_s, began = time.process_time() - began, time.process_time()
    n_events = asyncio.run(folded(messages, answers))
    folded_s = time.process_time() - began
    print(f"\n{len(records)} messages, {n_events} events of {N_PATIENTS} patients")
    print(f"  ingestion: {ingested_s / len(records) * 1e6:,.0f} us a message, without the broker")
    show(by_room(partial(translated, records)))
    print(f"  inference: {folded_s / n_events * 1e6:,.0f} us an event, without broker and Redis")
    show(by_room(fold))


def show(rooms: Mapping[str, float]) -> None:
    for room, share in list(rooms.items())[:SHOWN]:
        print(f"    {room:24} {share:5.1%}")


async def test_what_the_cache_of_results_saves(redis_url: str) -> None:
    messages = translated(raw())
    cache = cache_client(redis_url)
    ways = {"no cache": None, "empty": cache, "filled": cache}
    print("\nthe cache of PREVENT's results, hospital traffic:")
    for name, kept in ways.items():
        before, began = hits_and_misses(), time.process_time()
        n = await folded(messages, PreventAnswers(kept))
        hits, misses = (now - then for now, then in zip(hits_and_misses(), before, strict=True))
        ratio = f"{hits / (hits + misses):.0%} hits" if hits + misses else "every answer computed"
        print(f"  {name:10} {(time.process_time() - began) / n * 1e6:6.0f} us an event, {ratio}")
    await cache.aclose()


def hits_and_misses() -> tuple[float, float]:
    hits, misses = (
        sum(
            sample.value
            for metric in RESULTS.collect()
            for sample in metric.samples
            if sample.name.endswith("_total") and sample.labels["outcome"] == outcome
        )
        for outcome in ("hit", "miss")
    )
    return hits, misses
