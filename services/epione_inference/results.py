"""Answers of a model, kept in a Redis of their own whose loss costs only time.

A key holds everything an answer depends on: the model's version and the bytes of its artefact, the
knowledge release, and a hash of the inputs. So nothing stale can be served, nothing needs to be
thrown away after an upgrade, and no key names a patient.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from redis.asyncio import Redis
from redis.exceptions import RedisError

from epione.errors import CacheDown
from epione.medicine.risk import HORIZONS_YEARS, OUTCOMES, Floats
from epione.messaging.redis_client import redis_of, refusing_denial
from epione.telemetry import RESULTS
from epione_inference.serving import Card

KEPT_S = 7 * 86_400
TIMEOUT_S = 0.2
KNOCK_TIMEOUT_S = 5.0
VARIABLE = "EPIONE_CACHE"

N_RISKS = len(HORIZONS_YEARS) * len(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row's risks, (2, 5) float64, and the index of the model that gave them."""

    risks: Floats
    model: int


def cache_client(url: str) -> Redis:
    """Prepare the cache's client, without retries of its own: they would block for seconds."""
    return redis_of(url, TIMEOUT_S, VARIABLE)


async def refuse_closed(url: str) -> None:
    """Knock at the cache once, with more time than an answer has; its absence stops nothing.

    Raises:
        Misconfigured: It is there, and does not let us in.
    """
    async with redis_of(url, KNOCK_TIMEOUT_S, VARIABLE) as cache:
        with suppress(RedisError):
            async with refusing_denial(cache, VARIABLE):
                await cache.ping()


async def ask(cache: Redis) -> None:
    """Ask the cache for any answer.

    Raises:
        CacheDown: It gives none.
    """
    try:
        await cache.ping()
    except (RedisError, OSError) as fault:
        raise CacheDown(type(fault).__name__) from fault


class ResultsCache:
    """Answers by their inputs. It never raises: a cache that is down holds nothing."""

    def __init__(self, redis: Redis, card: Card) -> None:
        self._redis = redis
        model = f"{card.name}:{card.version}:{card.sha256[:16]}"
        self._prefix = f"epione:results:{model}:{card.knowledge_release}:"
        self._counted = {
            outcome: RESULTS.labels(card.name, outcome) for outcome in ("hit", "miss", "down")
        }

    async def get(self, rows: Floats) -> list[Answer | None]:
        """Give what is known of each row, None where nothing is."""
        try:
            values = await self._redis.mget([self._key(row) for row in rows])
        except (RedisError, OSError):
            self._counted["down"].inc(len(rows))
            return [None] * len(rows)
        answers = [_answer_in(value) for value in values]
        n_hits = sum(answer is not None for answer in answers)
        self._counted["hit"].inc(n_hits)
        self._counted["miss"].inc(len(rows) - n_hits)
        return answers

    async def put(self, rows: Floats, answers: Sequence[Answer]) -> None:
        """Keep answers for a week."""
        pipeline = self._redis.pipeline(transaction=False)
        for row, answer in zip(rows, answers, strict=True):
            pipeline.set(self._key(row), _value_of(answer), ex=KEPT_S)
        try:
            await pipeline.execute()
        except (RedisError, OSError):
            self._counted["down"].inc(len(rows))

    def _key(self, row: Floats) -> str:
        return self._prefix + hashlib.sha256(row.tobytes()).hexdigest()


def _value_of(answer: Answer) -> bytes:
    return bytes([answer.model]) + answer.risks.astype("<f8").tobytes()


def _answer_in(value: bytes | str | None) -> Answer | None:
    if not isinstance(value, bytes) or len(value) != 1 + 8 * N_RISKS:
        return None
    risks = np.frombuffer(value, dtype="<f8", offset=1).astype(np.float64)
    return Answer(risks.reshape(len(HORIZONS_YEARS), len(OUTCOMES)), value[0])
