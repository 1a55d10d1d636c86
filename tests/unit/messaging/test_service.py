"""A service ends as it is told, or with what failed."""

import asyncio
import os
import signal

import pytest
from tests.running import Seen, messages, until

from epione.errors import StateLost
from epione.messaging import MemoryLog, Subscription, Topic, serve, stop_on_signals

TOPIC = Topic("test.v1")


async def test_it_ends_when_it_is_told() -> None:
    stop = asyncio.Event()
    stop.set()

    await serve(MemoryLog(), [Subscription(TOPIC, "g", Seen())], stop=stop)


async def test_what_runs_beside_ends_with_it() -> None:
    log, seen, stop = MemoryLog(), Seen(), asyncio.Event()
    cancelled: list[bool] = []

    async def beside() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    await log.publish(messages(TOPIC, 3))
    service = asyncio.create_task(
        serve(log, [Subscription(TOPIC, "g", seen)], stop=stop, beside=[beside])
    )
    await until(lambda: len(seen.records) == 3)
    stop.set()
    await service

    assert cancelled == [True]


async def test_a_failure_beside_ends_it_and_is_raised() -> None:
    async def beside() -> None:
        raise StateLost("gone")

    with pytest.raises(StateLost):
        await serve(
            MemoryLog(),
            [Subscription(TOPIC, "g", Seen())],
            stop=asyncio.Event(),
            beside=[beside],
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_a_wish_to_stop(number: signal.Signals) -> None:
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 5)
