"""Watching a part: it answers, it is refused, it hangs, or our own loop is busy."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.running import until
from tests.unit.counted import counted

from epione.errors import StateDown
from epione.messaging.watch import Watch
from epione.telemetry import Part

Ask = Callable[[], Awaitable[object]]


class Redis:
    """Answers, or does what the test tells it to."""

    def __init__(self) -> None:
        self.does: Ask | None = None

    async def ask(self) -> None:
        if self.does is not None:
            await self.does()


async def refuses() -> None:
    raise StateDown("connection refused")


async def hangs() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def watched(redis: Redis) -> AsyncIterator[Watch]:
    watch = Watch(Part.STATE, redis.ask, every_s=0.01, within_s=0.1)
    running = asyncio.create_task(watch.run())
    try:
        await until(lambda: watch.claim().holds or redis.does is not None)
        yield watch
    finally:
        running.cancel()


def reachable() -> float:
    return counted("epione_reachable", part="state")


async def test_before_anything_is_asked_nothing_answers() -> None:
    watch = Watch(Part.STATE, Redis().ask)

    assert not watch.claim().holds
    assert reachable() == 0


async def test_a_part_that_answers_is_said_to() -> None:
    async with watched(Redis()) as watch:
        assert watch.claim() == (True, "it answers")
        assert reachable() == 1


async def test_a_part_that_refuses_or_hangs_is_told_within_a_second_and_so_is_its_return() -> None:
    redis = Redis()
    async with watched(redis) as watch:
        for fault in (refuses, hangs):
            redis.does = fault
            async with asyncio.timeout(1):
                await until(lambda: not watch.claim().holds)
            assert watch.claim().said.startswith("no answer for ")
            assert reachable() == 0

            redis.does = None
            await until(lambda: watch.claim().holds)


async def test_a_busy_loop_of_ours_is_not_held_against_the_part() -> None:
    redis = Redis()

    async def answers_while_we_are_busy() -> None:
        time.sleep(0.5)  # noqa: ASYNC251 - the loop is to be blocked
        await asyncio.sleep(0.01)

    async with watched(redis) as watch:
        redis.does = answers_while_we_are_busy
        await asyncio.sleep(0.1)

        assert watch.claim().holds


async def test_when_a_part_goes_and_when_it_is_back_is_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    redis = Redis()
    async with watched(redis) as watch:
        redis.does = refuses
        await until(lambda: not watch.claim().holds)
        redis.does = None
        await until(lambda: watch.claim().holds)

    said = [record.getMessage() for record in caplog.records]
    assert said[-2:] == ["the Redis of state does not answer", "the Redis of state answers"]
