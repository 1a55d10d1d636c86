"""What befalls the stream: each kind of fault, how it is done, and in which order they come."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.end_to_end.soak.stage import SESSION_TIMEOUT_S, Stage
from tests.real_parts import restart

PAST_THE_SESSION_S = SESSION_TIMEOUT_S + 4
REDIS_DEAD_S = 3
REDIS_HUNG_S = 7  # longer than its client waits for an answer
ROLLED_BACK_S = 4  # of work, that is lost


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. `befall` does it, and returns the time from which recovery counts.

    That is when a process was hit, and when Kafka or Redis was there again.
    """

    name: str
    befall: Callable[[Stage, random.Random], Awaitable[float]]
    lasts_s: float  # about, until all is well again: messages are spread over that time
    once: bool = False


def _hit(service: str, how: str) -> Callable[[Stage, random.Random], Awaitable[float]]:
    async def befall(stage: Stage, chance: random.Random) -> float:
        replica = stage.any_of(service, chance)
        (replica.kill if how == "kill" else replica.terminate)()
        return time.time()

    return befall


async def _added(stage: Stage, chance: random.Random) -> float:
    for service in chance.sample(stage.may_grow(), 1) if stage.may_grow() else ():
        stage.start(service)
    return time.time()


async def _removed(stage: Stage, chance: random.Random) -> float:
    if not stage.may_shrink():
        stage.start("inference")
        await asyncio.sleep(4)
    at = time.time()
    await stage.remove(chance.choice(stage.may_shrink()), chance)
    return at


async def _frozen(stage: Stage, chance: random.Random) -> float:
    """Freeze a replica until another has its partitions, and wake it."""
    several = [name for name, each in stage.replicas.items() if len(each) > 1]
    replica = stage.any_of(chance.choice(several), chance)
    at = time.time()
    replica.freeze()
    await asyncio.sleep(PAST_THE_SESSION_S)
    replica.wake()
    return at


async def _broker_restarted(stage: Stage, chance: random.Random) -> float:
    await asyncio.to_thread(restart, stage.broker)
    return time.time()


async def _redis_killed(stage: Stage, chance: random.Random) -> float:
    """Kill Redis; what it took since its snapshot, milliseconds ago, is lost."""
    await asyncio.to_thread(stage.redis.snapshot)
    stage.redis.stop()
    await asyncio.sleep(REDIS_DEAD_S)
    await asyncio.to_thread(stage.redis.start)
    return time.time()


async def _redis_hung(stage: Stage, chance: random.Random) -> float:
    stage.redis.hang()
    await asyncio.sleep(REDIS_HUNG_S)
    stage.redis.wake()
    return time.time()


async def _redis_rolled_back(stage: Stage, chance: random.Random) -> float:
    await asyncio.to_thread(stage.redis.snapshot)
    await asyncio.sleep(ROLLED_BACK_S)
    await asyncio.to_thread(stage.redis.roll_back)
    return time.time()


async def _redis_emptied(stage: Stage, chance: random.Random) -> float:
    await asyncio.to_thread(stage.redis.flush)
    return time.time()


KINDS = (
    *(Kind(f"kill -9 {name}", _hit(name, "kill"), 12) for name in ("ingestion", "genomics")),
    Kind("kill -9 inference", _hit("inference", "kill"), 12),
    *(Kind(f"SIGTERM {name}", _hit(name, "term"), 6) for name in ("ingestion", "genomics")),
    Kind("SIGTERM inference", _hit("inference", "term"), 6),
    Kind("replica added", _added, 6),
    Kind("replica removed", _removed, 6),
    Kind("replica frozen past its session", _frozen, PAST_THE_SESSION_S + 4),
    Kind("broker restarted", _broker_restarted, 14),
    Kind("Redis killed", _redis_killed, 8),
    Kind("Redis hung", _redis_hung, 14),
    Kind("Redis rolled back", _redis_rolled_back, 10),
    Kind("Redis emptied", _redis_emptied, 10, once=True),
)


def too_few(n: int) -> str:
    """Say why so many faults are not enough; "" where they are."""
    return f"{n} faults are fewer than the {len(KINDS)} kinds" if n < len(KINDS) else ""


def drawn(n: int, chance: random.Random) -> Sequence[Kind]:
    """Draw `n` faults in random order, one of each kind at least.

    A Redis that is emptied is filled again from the whole log, event by event: that comes once,
    and early.
    """
    if reason := too_few(n):
        raise ValueError(reason)
    often = [kind for kind in KINDS if not kind.once]
    kinds = [*often, *chance.choices(often, k=n - len(KINDS))]
    chance.shuffle(kinds)
    for kind in (kind for kind in KINDS if kind.once):
        kinds.insert(chance.randrange(3), kind)
    return kinds
