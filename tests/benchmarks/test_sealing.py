"""What sealing costs: a message sealed, a message opened, a patient's key in memory.

pytest tests/benchmarks/test_sealing.py -s          EPIONE_BENCH_KEYS=1000000 for the full size
"""

import gc
import os
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from epione.messaging import MemoryLog, Message, Record, headers_of, topics
from epione.privacy import KeyRing, Vault, VaultKeys
from epione.privacy.keyring import OPENED

N_MESSAGES, BATCH, ROUNDS = 20_000, 500, 7
VALUE_BYTES = 306
N_KEYS = int(os.environ.get("EPIONE_BENCH_KEYS", "100000"))
MOST_US, MOST_BYTES = 10.0, 400

SECRET = VaultKeys("a secret of the vault in benchmarks")
HEADERS = headers_of(
    event_id="hospital.fhir.v1/3/123456/0",
    source="/epione/ingestion",
    kind="epione.v1.PatientEvent",
    time=datetime(2026, 3, 1, tzinfo=UTC),
)


def message(patient: int) -> Message:
    owner = b"default/%032x" % patient
    return Message(topics.PATIENT_EVENTS, owner, b"x" * VALUE_BYTES, HEADERS)


async def test_a_message_is_sealed_and_opened_in_microseconds() -> None:
    vault = Vault(KeyRing(MemoryLog(), SECRET))
    gc.freeze()  # as the services do
    print(f"\nmessages of {VALUE_BYTES} B in batches of {BATCH}, {ROUNDS} rounds, processor's time")
    print(f"  AES-256-GCM alone: {bare_us():.1f} µs to seal")
    for n_patients in (1_000, OPENED + OPENED // 4):
        dated = [(message(n % n_patients), 0) for n in range(N_MESSAGES)]
        there = [
            Record(m.topic.name, 0, n, m.key, m.value, m.headers, 0)
            for n, m in enumerate(await vault.sealed(dated))
        ]

        async def seal(start: int, dated: list[tuple[Message, int]] = dated) -> None:
            await vault.sealed(dated[start : start + BATCH])

        async def open_(start: int, there: list[Record] = there) -> None:
            await vault.opened(there[start : start + BATCH])

        sealing_us, opening_us = await cost_us(seal), await cost_us(open_)
        ready = "ready" if n_patients < OPENED else "each unwrapped anew"
        print(f"  keys {ready:20} sealed in {sealing_us:4.1f} µs, opened in {opening_us:4.1f} µs")
        if n_patients < OPENED:
            assert max(sealing_us, opening_us) < MOST_US


def bare_us() -> float:
    """Give what the encryption alone takes, nonce made."""
    aead, context = AESGCM(bytes(32)), b"patient.events.v1/default/" + b"0" * 32
    began = time.process_time()
    for _ in range(N_MESSAGES):
        aead.encrypt(os.urandom(12), b"x" * VALUE_BYTES, context)
    return (time.process_time() - began) / N_MESSAGES * 1e6


async def cost_us(work: Callable[[int], Awaitable[None]]) -> float:
    """Give what a message costs in the round that was disturbed least."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for start in range(0, N_MESSAGES, BATCH):
            await work(start)
        rounds.append((time.process_time() - began) / N_MESSAGES * 1e6)
    return min(rounds)


async def test_a_patients_key_takes_little_memory_and_is_read_quickly() -> None:
    log = MemoryLog()
    for start in range(0, N_KEYS, 5_000):
        names = [b"default/%032x/%016x" % (n, n) for n in range(start, start + 5_000)]
        wrapped = [SECRET.wrap(name, 1, bytes(32)) for name in names]
        pairs = zip(names, wrapped, strict=True)
        await log.publish([Message(topics.PATIENT_KEYS, name, value) for name, value in pairs])
    ring = KeyRing(log, SECRET)

    tracemalloc.start()
    await ring.catch_up()
    n_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    again = KeyRing(log, SECRET)
    began = time.process_time()
    await again.catch_up()
    seconds = time.process_time() - began

    print(
        f"\n{N_KEYS:,} patients' keys: {n_bytes / N_KEYS:.0f} bytes each, "
        f"{N_KEYS / seconds:,.0f}/s read at the start (without Kafka)"
    )
    assert n_bytes / N_KEYS < MOST_BYTES
