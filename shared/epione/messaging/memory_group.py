"""Consumer groups of the in-memory log: who reads which partition, and how far the group is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from epione.messaging.ending import Ending
from epione.messaging.log import Again, Done, Record, Subscription, TakeOver
from epione.messaging.patience import RESTS, Patience, patiently

# Topic, partition, offset, at most how many: the records there, once there is one.
After = Callable[[str, int, int, int], Awaitable[Sequence[Record]]]

_FOR_EVER = Patience(within_s=float("inf"))


class Group:
    """Deals partitions to members in turn; one that moves is let go before it is taken over."""

    def __init__(self, n_partitions: int) -> None:
        self._n_partitions = n_partitions
        self._members: list[Member] = []
        self._dealing = asyncio.Lock()
        self.committed: dict[int, int] = {}

    async def join(self, member: "Member") -> None:
        self._members.append(member)
        await self._deal()

    async def leave(self, member: "Member") -> None:
        if member in self._members:
            self._members.remove(member)
        await member.give_up(member.held)
        await self._deal()

    async def _deal(self) -> None:
        async with self._dealing:
            hands: dict[Member, set[int]] = {member: set() for member in self._members}
            for partition in range(self._n_partitions if self._members else 0):
                hands[self._members[partition % len(self._members)]].add(partition)
            for member, hand in hands.items():
                await member.give_up(member.held - hand)
            for member, hand in hands.items():
                member.take(hand - member.held, self.committed)


class Member:
    """One reader of a group, with a task for each partition that it holds."""

    def __init__(self, subscription: Subscription, ending: Ending, after: After) -> None:
        self.subscription = subscription
        self._ending, self._after = ending, after
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._in_hand: dict[int, asyncio.Lock] = {}

    @property
    def held(self) -> set[int]:
        return set(self._tasks)

    def take(self, partitions: set[int], committed: dict[int, int]) -> None:
        for partition in partitions:
            in_hand = self._in_hand[partition] = asyncio.Lock()
            follow = self._follow(partition, committed, in_hand)
            self._tasks[partition] = asyncio.create_task(follow)

    async def give_up(self, partitions: set[int]) -> None:
        """Leave partitions once the batch in hand of each is done."""
        for partition in partitions:
            async with self._in_hand.pop(partition):
                task = self._tasks.pop(partition)
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self.subscription.let_go is not None:
                self.subscription.let_go(partition)

    async def _follow(
        self, partition: int, committed: dict[int, int], in_hand: asyncio.Lock
    ) -> None:
        try:
            position = await self._start(partition, committed)
            n_rests = 0
            while True:
                records = await self._next(partition, position)
                async with in_hand:
                    outcome = await self.subscription.step(records)
                    if isinstance(outcome, Done):
                        committed[partition] = outcome.next_offset
                position = outcome.next_offset if isinstance(outcome, Done) else outcome.offset
                rests = isinstance(outcome, Again) and outcome.later
                n_rests = n_rests + 1 if rests else 0
                # Nothing else here waits by itself: let others have their turn.
                await asyncio.sleep(RESTS.wait_s(n_rests) if rests else 0)
        except Exception as error:  # noqa: BLE001 - a step's failure ends the process, not one task
            self._ending.fail(error)

    async def _start(self, partition: int, committed: dict[int, int]) -> int:
        take_over = self.subscription.take_over
        if take_over is None:
            return committed.get(partition, 0)
        ask = partial(_asked, take_over, partition, committed.get(partition, 0))
        return await patiently(ask, _FOR_EVER, "taking over")

    async def _next(self, partition: int, position: int) -> Sequence[Record]:
        subscription = self.subscription
        name, at_most = subscription.topic.name, subscription.max_records
        return await self._after(name, partition, position, at_most)


async def _asked(take_over: TakeOver, partition: int, committed: int, _attempt: int) -> int:
    return await take_over(partition, committed)
