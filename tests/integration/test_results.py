"""The results cache on a real Redis: nothing stale, and nothing lost but time where it is down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from tests.real_parts import Faults
from tests.unit.inference.test_prevent import PERSON

from epione.medicine.risk import rows_of
from epione_inference.answers import FORM, Answer, PreventAnswers
from epione_inference.prevent import shipped
from epione_inference.results import ResultsCache, cache_client
from epione_inference.serving import Card, card_in

pytestmark = pytest.mark.redis

CARD = card_in(shipped())
ROWS = list(rows_of([PERSON, replace(PERSON, age=60)]))
ANSWERS = [Answer(np.linspace(0, 1, 10).reshape(2, 5) / 3, 0), Answer(np.full((2, 5), 0.1), 4)]


def counted(outcome: str) -> float:
    labels = {"model": "prevent", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_results_total", labels) or 0


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = cache_client(redis_url)
    yield client
    await client.aclose()


@asynccontextmanager
async def answering(redis: Redis) -> AsyncIterator[PreventAnswers]:
    answers = PreventAnswers(redis)
    yield answers
    answers.close()
    await redis.aclose()


async def test_what_is_kept_comes_back_bit_for_bit(redis: Redis) -> None:
    cache = ResultsCache(redis, CARD, FORM)
    await cache.put(ROWS, ANSWERS)

    kept = await cache.get(ROWS)

    assert [(answer.risks.tobytes(), answer.model) for answer in kept if answer] == [
        (answer.risks.tobytes(), answer.model) for answer in ANSWERS
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(CARD, version="2024-02.2"), id="a new version of the model"),
        pytest.param(replace(CARD, knowledge_release="2025-01"), id="a new knowledge release"),
        pytest.param(replace(CARD, sha256="0" * 64), id="another artefact under an old version"),
        pytest.param(replace(CARD, digest="0" * 64), id="another card under an old version"),
        pytest.param(replace(CARD, name="score2"), id="another model"),
    ],
)
async def test_another_model_or_knowledge_never_sees_it(redis: Redis, other: Card) -> None:
    await ResultsCache(redis, CARD, FORM).put(ROWS, ANSWERS)

    assert await ResultsCache(redis, other, FORM).get(ROWS) == [None, None]


async def test_what_other_rules_answered_is_never_seen_and_ends_when_its_form_says(
    redis: Redis,
) -> None:
    await ResultsCache(redis, CARD, replace(FORM, rules="before", kept_s=60)).put(ROWS, ANSWERS)

    after = ResultsCache(redis, CARD, replace(FORM, rules="after", kept_s=60))
    assert await after.get(ROWS) == [None, None]
    assert all([0 < await redis.ttl(key) <= 60 for key in await redis.keys()])


async def test_one_changed_input_is_another_result(redis: Redis) -> None:
    cache = ResultsCache(redis, CARD, FORM)
    await cache.put(ROWS, ANSWERS)

    changed = rows_of([replace(PERSON, egfr=90.1), replace(PERSON, uacr=40.0)])

    assert await cache.get(list(changed)) == [None, None]


async def test_a_spoilt_value_is_a_miss(redis: Redis) -> None:
    cache = ResultsCache(redis, CARD, FORM)
    await cache.put(ROWS, ANSWERS)
    for key in await redis.keys():
        await redis.set(key, b"spoilt")

    assert await cache.get(ROWS) == [None, None]


async def test_no_key_shows_an_input_and_every_one_ends(redis: Redis) -> None:
    await ResultsCache(redis, CARD, FORM).put(ROWS, ANSWERS)

    keys = await redis.keys()

    assert len(keys) == 2
    assert all("epione:results:prevent:2024-02.1:" in str(key) for key in keys)
    assert all([await redis.ttl(key) > 0 for key in keys])


async def test_the_second_time_is_a_hit_and_the_same_answer(redis: Redis) -> None:
    async with answering(redis) as answers:
        hits, misses = counted("hit"), counted("miss")

        first, _ = await answers.answer([PERSON, PERSON, replace(PERSON, age=60)])
        second, _ = await answers.answer([replace(PERSON, age=60), PERSON])

        assert second == [first[2], first[0]]
        assert (counted("hit") - hits, counted("miss") - misses) == (2, 2)


async def test_a_cache_that_is_gone_costs_only_time(own_redis: Faults) -> None:
    async with answering(cache_client(own_redis.url)) as answers:
        before = await answers.answer([PERSON])
        down = counted("down")
        own_redis.stop()

        assert await answers.answer([PERSON]) == before
        assert counted("down") > down


async def test_a_cache_that_never_answers_costs_only_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with answering(cache_client(f"redis://127.0.0.1:{port}")) as answers:
        async with asyncio.timeout(5):
            (risks,) = (await answers.answer([PERSON])).risks

    server.close()
    assert round(risks.y10["total_cvd"], 3) == 0.147
