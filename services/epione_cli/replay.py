"""Gives the services what a hospital sends, one thing at a time, and says what each changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from epione.medicine.recommendation import Plan
from epione.messaging import Log, Message, Record, topics
from epione.messaging.sealing import Sealing
from epione.privacy import opened_records
from epione.wire import Changed, plan_from_wire, recommendation_from_wire
from epione.wire.encoding import EPOCH


class Clock:
    """The time of the replay, which the log stamps its records with."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now_ms(self) -> int:
        return (self._now - EPOCH) // timedelta(milliseconds=1)

    def move_to(self, now: datetime) -> None:
        """Go on to a time; time never goes back."""
        self._now = max(self._now, now)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrives at once."""

    at: datetime
    title: str
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of recommendations, and the plans that then stood, by patient."""

    delivery: Delivery
    changes: tuple[Changed, ...]
    plans: Mapping[str, Plan]


class Replay:
    """Plays deliveries through services that run on one log."""

    def __init__(
        self,
        log: Log,
        vault: Sealing,
        settle: Callable[[], Awaitable[None]],
        clock: Clock,
        tell_due: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare to play.

        Args:
            settle: Returns once the services are done with all of the log.
            tell_due: Tells the log of every time that has come.
        """
        self._log, self._read = log, partial(opened_records, log, vault)
        self._settle, self._clock, self._tell_due = settle, clock, tell_due
        self._sleep = sleep
        self._seen: set[tuple[int, int]] = set()

    async def turns(
        self, deliveries: Iterable[Delivery], speed: float | None = None
    ) -> AsyncIterator[Turn]:
        """Play the deliveries in order.

        Args:
            speed: Seconds of recorded time in a second of real time; None does not wait.
        """
        before: datetime | None = None
        for delivery in deliveries:
            if speed and before is not None:
                await self._sleep((delivery.at - before).total_seconds() / speed)
            before = delivery.at
            await self._reach(delivery.at)
            await self._log.publish(delivery.messages)
            await self._settle()
            yield Turn(delivery, await self._new_changes(), await self.plans())

    async def _reach(self, at: datetime) -> None:
        """Let the time come, and what is due by then be done."""
        self._clock.move_to(at)
        await self._tell_due()
        await self._settle()

    async def _new_changes(self) -> tuple[Changed, ...]:
        new = [
            record
            async for record in self._read(topics.RECOMMENDATIONS)
            if (record.partition, record.offset) not in self._seen
        ]
        self._seen.update((record.partition, record.offset) for record in new)
        return tuple(recommendation_from_wire(record.value) for record in new)

    async def plans(self) -> Mapping[str, Plan]:
        """Give the plan that now stands of each patient."""
        plans = [
            plan_from_wire(record.value)[0] async for record in self._read(topics.PATIENT_PLANS)
        ]
        return {plan.patient: plan for plan in plans}

    async def dead_letters(self) -> list[Record]:
        """Give what could not be used."""
        dead = map(topics.dead_letters_of, topics.CONSUMED)
        return [record for topic in dead async for record in self._log.read(topic)]
