"""A call of Redis, its client losing cancellations as it does on Python 3.11."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from epione.errors import StateDown
from epione.messaging.state import outside


async def call(*, loses: bool = True, fails: bool = False) -> str:
    """Wait for an answer; go on when cancelled, as `asyncio.wait_for` does."""
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        if not loses:
            raise
    if fails:
        raise RedisConnectionError
    return "answer"


@pytest.mark.parametrize("fails", [False, True], ids=["answered", "failed"])
async def test_a_cancellation_that_the_client_loses_is_raised(fails: bool) -> None:
    async def work() -> str:
        async with outside():
            return await call(fails=fails)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_time_out_that_the_client_loses_ends_the_call() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), outside():
            await call()


async def test_what_fails_without_a_cancellation_is_the_state_that_is_down() -> None:
    with pytest.raises(StateDown):
        async with outside():
            raise RedisConnectionError
