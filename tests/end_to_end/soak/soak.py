"""One soak: stage, traffic, faults, audit, report."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.soak import campaign
from tests.end_to_end.soak.audit import audited
from tests.end_to_end.soak.campaign import Now
from tests.end_to_end.soak.faults import drawn
from tests.end_to_end.soak.findings import Findings
from tests.end_to_end.soak.hospital import Hospital
from tests.end_to_end.soak.lag import Lag
from tests.end_to_end.soak.ledger import Ledger
from tests.end_to_end.soak.reading import Opened
from tests.end_to_end.soak.report import report_of
from tests.end_to_end.soak.sender import Sender
from tests.end_to_end.soak.stage import staged
from tests.real_parts import Broker, Faults
from tests.vaults import KEYS

from epione.privacy import opened_vault

FOLDED = 2_000  # patients whose plans are folded again by one process

TOLD_EVERY_S = 0.5

Tell = Callable[[int, str], None]  # messages sent, what goes on


@dataclass(frozen=True, slots=True)
class Soak:
    """What is asked of a soak."""

    n_messages: int
    n_faults: int
    seed: int


def silent(n_sent: int, what: str) -> None:
    """Tell nobody."""


async def soaked(
    asked: Soak, broker: Broker, redis: Faults, home: Path, tell: Tell = silent
) -> tuple[Findings, dict[str, object]]:
    """Run a soak, and give what was found with the report."""
    chance = random.Random(asked.seed)
    kinds = drawn(asked.n_faults, chance)
    ledger, lag, now = Ledger(), Lag(broker.bootstrap), Now()
    messages = Hospital(asked.seed).messages(asked.n_messages)

    async def telling() -> None:
        while True:
            tell(ledger.n_sent, now.what)
            await asyncio.sleep(TOLD_EVERY_S)

    async with staged(broker, redis, home) as stage, beside(lag.run(), telling()):
        async with Sender(broker.bootstrap, messages, ledger, lambda: lag.n_on_the_way) as sender:
            parts = campaign.Parts(stage, sender, lag)
            course = await campaign.run(parts, kinds, asked.n_messages, chance, now)
        now.what = "the audit"
        async with opened_vault(stage.log, KEYS) as vault:
            found = await audited(ledger, Opened(stage.log, vault, redis.url), FOLDED)
    exits = Counter(str(status) for replica in stage.ended for status in replica.exits)
    return found, report_of(ledger, course, found, exits, asked.seed)


@asynccontextmanager
async def beside(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do these until the block ends."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
