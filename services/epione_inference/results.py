"""Answers of a model, kept in a Redis of their own whose loss costs only time.

A key holds everything an answer depends on: the model's version, the bytes of its artefact and of
its card, the knowledge release, a digest of the rules in code that decide beside the model, and a
hash of the question. So nothing stale can be served, nothing
needs to be thrown away after an upgrade, and no key names a patient.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Generic, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from epione.errors import CacheDown
from epione.messaging.redis_client import redis_of, refusing_denial
from epione.telemetry import RESULTS
from epione_inference.serving import Card

KEPT_S = 7 * 86_400
TIMEOUT_S = 0.2
KNOCK_TIMEOUT_S = 5.0
VARIABLE = "EPIONE_CACHE"

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Form(Generic[Q, A]):
    """How a question is written, and how an answer is written and read: None where it is none.

    `rules` is a digest of what decides an answer beside the model; `rules_of` gives one.
    """

    asked: Callable[[Q], bytes]
    written: Callable[[A], bytes]
    read: Callable[[bytes], A | None]
    kept_s: int = KEPT_S
    rules: str = ""


def rules_of(*packages: str) -> str:
    """Give a digest of the version that is installed, and of all code and knowledge of packages."""
    whole = hashlib.sha256(version("epione").encode())
    for root in (Path(str(resources.files(each))) for each in packages):
        for file in sorted(each for each in root.rglob("*") if each.is_file()):
            if file.suffix != ".pyc":
                whole.update(file.relative_to(root).as_posix().encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]


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


async def answered(
    redis: Redis | None,
    card: Card,
    form: Form[Q, A],
    questions: Sequence[Q],
    compute: Callable[[list[Q]], Awaitable[Sequence[A]]],
) -> list[A]:
    """Answer questions in order: from the cache where it knows, the rest by the model."""
    cache = ResultsCache(redis, card, form) if redis is not None else None
    known = await cache.get(questions) if cache else [None] * len(questions)
    pairs = zip(questions, known, strict=True)
    asked = [question for question, answer in pairs if answer is None]
    computed = await compute(asked) if asked else []
    if cache and asked:
        await cache.put(asked, computed)
    fresh = iter(computed)
    return [answer if answer is not None else next(fresh) for answer in known]


class ResultsCache(Generic[Q, A]):
    """Answers by their questions. It never raises: a cache that is down holds nothing."""

    def __init__(self, redis: Redis, card: Card, form: Form[Q, A]) -> None:
        self._redis, self._form = redis, form
        model = f"{card.name}:{card.version}:{card.sha256[:16]}:{card.digest[:16]}"
        self._prefix = f"epione:results:{model}:{card.knowledge_release}:{form.rules}:"
        self._counted = {
            outcome: RESULTS.labels(card.name, outcome) for outcome in ("hit", "miss", "down")
        }

    async def get(self, questions: Sequence[Q]) -> list[A | None]:
        """Give what is known of each question, None where nothing is."""
        try:
            values = await self._redis.mget([self._key(each) for each in questions])
        except (RedisError, OSError):
            self._counted["down"].inc(len(questions))
            return [None] * len(questions)
        answers = [self._form.read(each) if isinstance(each, bytes) else None for each in values]
        n_hits = sum(answer is not None for answer in answers)
        self._counted["hit"].inc(n_hits)
        self._counted["miss"].inc(len(questions) - n_hits)
        return answers

    async def put(self, questions: Sequence[Q], answers: Sequence[A]) -> None:
        """Keep answers for as long as their form says."""
        pipeline = self._redis.pipeline(transaction=False)
        for question, answer in zip(questions, answers, strict=True):
            pipeline.set(self._key(question), self._form.written(answer), ex=self._form.kept_s)
        try:
            await pipeline.execute()
        except (RedisError, OSError):
            self._counted["down"].inc(len(questions))

    def _key(self, question: Q) -> str:
        return self._prefix + hashlib.sha256(self._form.asked(question)).hexdigest()
