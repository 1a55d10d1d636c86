"""How the steps wait for the world."""

import asyncio
from contextlib import suppress

import pytest

from epione.errors import BrokerDown, MalformedEvent, Unavailable
from epione.messaging import Patience
from epione.messaging.patience import MAX_POLL_INTERVAL_S, patiently

QUICK = Patience(first_s=0.001, longest_s=0.004, within_s=5.0)


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(first_s=1.0, longest_s=5.0, jitter=lambda: 1.0)

    assert [patience.wait_s(n) for n in range(1, 6)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_jitter_takes_away_half_at_most() -> None:
    assert Patience(first_s=1.0, jitter=lambda: 0.0).wait_s(1) == 0.5


def test_patience_ends_within_half_of_the_longest_poll_interval() -> None:
    assert Patience().within_s <= MAX_POLL_INTERVAL_S / 2


async def test_what_fails_for_a_while_is_tried_again() -> None:
    async def third_time(n: int) -> int:
        if n < 3:
            raise BrokerDown("not yet")
        return n

    assert await patiently(third_time, QUICK, "test") == 3


async def test_when_patience_ends_the_fault_is_raised() -> None:
    async def never(n: int) -> None:
        raise BrokerDown("never")

    with pytest.raises(Unavailable, match="never"):
        await patiently(never, Patience(first_s=0.001, within_s=0.01), "test")


async def test_a_fault_of_the_message_is_not_tried_again() -> None:
    attempts: list[int] = []

    async def malformed(n: int) -> None:
        attempts.append(n)
        raise MalformedEvent("no bytes")

    with pytest.raises(MalformedEvent):
        await patiently(malformed, QUICK, "test")
    assert attempts == [1]


async def test_an_attempt_that_swallows_its_cancellation_is_the_last() -> None:
    begun, attempts = asyncio.Event(), []

    async def attempt(n: int) -> None:
        attempts.append(n)
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise BrokerDown("no answer")

    task = asyncio.create_task(patiently(attempt, Patience(first_s=0.01), "it"))
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert attempts == [1]
