"""How the steps wait for the world."""

import asyncio
from contextlib import suppress

import pytest

from epione.errors import BrokerDown, MalformedEvent, Unavailable
from epione.messaging import Patience
from epione.messaging.patience import MAX_POLL_INTERVAL_S, RESTS, patiently

QUICK = Patience(first_s=0.001, longest_s=0.004, within_s=5.0)


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(first_s=1.0, longest_s=5.0, jitter=lambda: 1.0)

    assert [patience.wait_s(n) for n in range(1, 6)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_jitter_takes_away_half_at_most() -> None:
    assert Patience(first_s=1.0, jitter=lambda: 0.0).wait_s(1) == 0.5


def test_a_batch_in_hand_is_not_waited_for_long() -> None:
    assert Patience().within_s <= 5 < MAX_POLL_INTERVAL_S / 2


@pytest.mark.parametrize("patience", [Patience(), RESTS], ids=["in hand", "at rest"])
def test_no_wait_keeps_a_stream_from_going_on_within_10_s_of_the_end_of_a_fault(
    patience: Patience,
) -> None:
    assert patience.wait_s(100) <= 5


def test_the_first_wait_is_short_since_most_faults_pass_at_once() -> None:
    assert Patience().wait_s(1) <= 0.02


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
