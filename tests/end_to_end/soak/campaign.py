"""The course of a soak: messages flow, faults befall the stream, and each is waited for or not."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.end_to_end.soak.faults import Kind
from tests.end_to_end.soak.lag import Lag
from tests.end_to_end.soak.sender import UNHURRIED, Sender
from tests.end_to_end.soak.stage import Stage

HARD_ON = 0.2  # of faults come without a pause after the one before
QUIET_LOOKS = 5  # at how long an answer takes with no fault
AFTER_S = 0.5  # messages of this time after a fault are waited for, too
RECOVERED_WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class Befallen:
    """A fault that happened. `recovered_s` is None where the next one did not wait for it."""

    kind: str
    at: float  # seconds since 1970 UTC
    recovered_s: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """What happened, in order."""

    began_at: float
    ended_at: float
    quiet_s: Sequence[float]  # how long answers took before the first fault
    quiet_a_second: float  # messages, at full speed before the first fault
    faults: Sequence[Befallen]


@dataclass(slots=True)
class Now:
    """What goes on, for who watches."""

    what: str = "the services start"


@dataclass(frozen=True, slots=True)
class Parts:
    """Who takes part."""

    stage: Stage
    sender: Sender
    lag: Lag


async def run(
    parts: Parts, kinds: Sequence[Kind], n_messages: int, chance: random.Random, now: Now
) -> Course:
    """Send all messages, in equal parts: before the first fault, and around each one."""
    sender, lag = parts.sender, parts.lag
    part = n_messages // (len(kinds) + 1)
    began_at = time.time()
    quiet_a_second = await _at_full_speed(sender, lag, part // 2, now)
    sender.a_second, sender.n_allowed = quiet_a_second / 2, part
    quiet_s = [await _answered_s(lag, time.time()) for _ in range(QUIET_LOOKS)]
    faults = []
    for n, kind in enumerate(kinds, 2):
        await sender.all_sent()
        now.what = kind.name
        sender.n_allowed, sender.a_second = n * part, part / kind.lasts_s
        faults.append(await _befall(parts, kind, chance))
        sender.a_second = UNHURRIED
    now.what = "the last messages"
    sender.n_allowed = n_messages
    await sender.all_sent()
    await lag.answered()
    return Course(began_at, time.time(), quiet_s, quiet_a_second, faults)


async def _at_full_speed(sender: Sender, lag: Lag, n: int, now: Now) -> float:
    """Wait until the services have started, then send without a pause; give messages a second."""
    sender.n_allowed = 1
    await sender.all_sent()
    await lag.answered()
    now.what = "no fault"
    began_at = time.time()
    sender.n_allowed = n
    await sender.all_sent()
    await lag.answered()
    return (n - 1) / (time.time() - began_at)


async def _befall(parts: Parts, kind: Kind, chance: random.Random) -> Befallen:
    await asyncio.sleep(chance.uniform(0.2, 1.5))
    at = time.time()
    counts_from = await kind.befall(parts.stage, chance)
    if chance.random() < HARD_ON:
        return Befallen(kind.name, at, None)
    return Befallen(kind.name, at, await _answered_s(parts.lag, counts_from))


async def _answered_s(lag: Lag, since: float) -> float:
    await asyncio.sleep(AFTER_S)
    async with asyncio.timeout(RECOVERED_WITHIN_S):
        await lag.answered()
    return time.time() - since
