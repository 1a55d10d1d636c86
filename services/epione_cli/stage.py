"""Every service of Epione in one process, on one log and one Redis."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import MemoryLog, Stream, Subscription, serve
from epione.messaging.due import DueTimes
from epione.messaging.state import StateStore
from epione.privacy import KeyRing, Vault, VaultKeys
from epione_cli.replay import Clock, Replay
from epione_genomics.answering import subscription as genomics
from epione_inference.answers import PreventAnswers
from epione_inference.app import GROUP, folding_of
from epione_inference.handler import Inference
from epione_inference.lives.serving import life_answers
from epione_inference.messages import due_message
from epione_inference.results import cache_client
from epione_ingestion.app import subscriptions as ingestion
from epione_ingestion.rules import Rules


@asynccontextmanager
async def replaying(
    rules: Rules, redis_url: str, clock: Clock, life: Path | None = None
) -> AsyncIterator[Replay]:
    """Run all services on an in-memory log; give the way to play deliveries to them.

    Args:
        redis_url: Of a Redis that is empty, for state and results.
        clock: What the log stamps its records with, and the services call the time.
        life: The folder of a model of a life, where one is to be served.
    """
    log = MemoryLog(now_ms=clock.now_ms)
    vault_keys = VaultKeys(secrets.token_hex(32))
    async with services(log, vault_keys, rules, redis_url, clock.now_ms, life) as running:
        settle = partial(log.settled, len(running.reading))
        yield Replay(log, running.vault, settle, clock, running.due.tell)


@dataclass(frozen=True, slots=True)
class Services:
    """What runs: who reads the log, what opens it, and the times that are due."""

    vault: Vault
    reading: Sequence[Subscription]
    due: DueTimes


@asynccontextmanager
async def services(
    log: Stream,
    vault_keys: VaultKeys,
    rules: Rules,
    redis_url: str,
    now_ms: Callable[[], int],
    life: Path | None = None,
) -> AsyncIterator[Services]:
    """Run all services in this process until the block ends."""
    cache, store = cache_client(redis_url), StateStore(redis_url)
    answers = PreventAnswers(cache)
    lives = life_answers(life, cache, pool=answers.pool)
    vault = Vault(KeyRing(log, vault_keys, now_ms))
    folding = folding_of(Inference(answers, Guidelines(), lives=lives), store, log, vault)
    due = DueTimes(folding, store, due_message, now_ms=now_ms)
    reading = [
        *ingestion(log, vault, rules),
        genomics(log, vault, rules.keys, rules.genomes),
        folding.subscription(GROUP),
    ]
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(log, reading, stop=stop, beside=[vault.follow]))
    try:
        yield Services(vault, reading, due)
    finally:
        stop.set()
        await serving
        answers.close()
        if lives is not None:
            lives.close()
        await vault.close()
        await store.close()
        await cache.aclose()
