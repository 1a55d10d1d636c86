"""The log, folded anew beside the live service into a namespace that then becomes the live one.

Nothing is published while it is folded: what the live service has said, it has said. Before the new
states take the place of the old, each is told which recommendations were last published by the old
one; where its own differ, its plan is due to be told anew, and the live service tells it, and what
changed, as it tells everything. So downstream hears of exactly the differences, once.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing

from epione.errors import Misconfigured, StateDown
from epione.messaging import Archive, Done, Log, Message, Record, Topic
from epione.messaging.batches import in_batches
from epione.messaging.dead_letter import NO_FLOOD
from epione.messaging.folding import Fold, Folded, Folding
from epione.messaging.namespaces import Namespaces
from epione.messaging.sealing import Sealing
from epione.messaging.state import StateStore
from epione.messaging.topics import PATIENT_EVENTS
from epione.timeline import PatientEvent
from epione_inference.handler import Events, decode
from epione_inference.messages import ANEW_MS
from epione_inference.states import ids_in, with_ids

STAGE = "replay"
AT_ONCE = 500  # events of a batch, states compared together
MOVE_WITHIN_S = 60.0
MOVE_POLL_S = 0.05

OnProgress = Callable[[int, int], None]  # of a partition, the offset up to which it is folded


class Replay:
    """Folds the log into a namespace, as far as the live one is, and makes it the live one.

    It goes on where an earlier one, into the same namespace, was ended.
    """

    def __init__(
        self,
        fold: Fold[PatientEvent],
        archive: Archive,
        vault: Sealing,
        live: StateStore,
        new: StateStore,
        into: str,
        on_progress: OnProgress = lambda partition, offset: None,
    ) -> None:
        """Prepare to replay.

        Args:
            live: Follows the pointer to the live namespace.
            new: Of the namespace `into`.
        """
        self._anew, self._archive, self._vault = fold, archive, vault
        self._live, self._new = live, new
        self._into, self._on_progress = into, on_progress
        self._namespaces = Namespaces(live)
        self._touched: dict[int, set[str]] = defaultdict(set)
        self._folding = Folding(
            decode,
            self._fold,
            new,
            Mute(archive),
            PATIENT_EVENTS,
            stage=STAGE,
            on_overtaken=lambda keys: (),
            vault=vault,
            flood=NO_FLOOD,
        )

    async def is_done(self, partition: int) -> bool:
        """Say whether the namespace is the live one already."""
        return await self._namespaces.live(partition) == self._into

    async def catch_up(self, partition: int) -> None:
        """Fold the log up to where the live namespace stands.

        Raises:
            Misconfigured: The log ends before.
            Unavailable: Kafka or Redis does not answer.
        """
        while True:
            end = (await self._live.held(partition)).applied or 0
            at = await self._folding.take_over(partition)
            self._on_progress(partition, at)
            if at >= end:
                return
            if not await self._folded(partition, at, end):
                raise Misconfigured(
                    f"{PATIENT_EVENTS.name}/{partition} holds nothing from {at} on, "
                    f"but the live state stands at {end}: it is the state of another log"
                )

    async def _folded(self, partition: int, at: int, end: int) -> bool:
        """Fold records from `at` up to `end`, as far as they come; say whether any did."""
        folded = False
        async with aclosing(self._archive.read_from(PATIENT_EVENTS, {partition: at})) as records:
            async for batch in in_batches(records, AT_ONCE, end):
                outcome = await self._folding(batch)
                if not isinstance(outcome, Done):
                    return True  # its position is another: begin there
                folded = True
                self._on_progress(partition, outcome.next_offset)
        return folded

    async def _fold(self, events: Events, states: Mapping[str, bytes]) -> Folded:
        for record, _ in events:
            self._touched[record.partition].add((record.key or b"").decode())
        return await self._anew(events, states)

    async def switch(self, partition: int) -> int:
        """Make the namespace the live one; give how many patients' plans are to be told anew.

        Raises:
            StateDown: The live service does not publish what it has applied.
            Misconfigured: Another process writes the same namespace.
        """
        old = await self._namespaces.live(partition)
        self._touched[partition].clear()
        for namespace in (old, self._into):
            async for states in self._live.scan(partition, namespace, AT_ONCE):
                await self._adopt(partition, tuple(states))
        ends_at = asyncio.get_running_loop().time() + MOVE_WITHIN_S
        while not await self._moved(partition, old):
            if asyncio.get_running_loop().time() > ends_at:
                raise StateDown(
                    f"partition {partition} does not move: its last batch is not published yet; "
                    "see to it that inference runs"
                )
            await asyncio.sleep(MOVE_POLL_S)
        return await self._new.n_due(partition, self._into, ANEW_MS)

    async def _moved(self, partition: int, old: str) -> bool:
        await self._level(partition)
        await self._namespaces.pause(partition)
        await self._level(partition)  # what was applied meanwhile
        return await self._namespaces.move(partition, old, self._into)

    async def _level(self, partition: int) -> None:
        """Be where the live namespace is, and know what it has published."""
        await self.catch_up(partition)
        keys = tuple(self._touched.pop(partition, ()))
        for start in range(0, len(keys), AT_ONCE):
            await self._adopt(partition, keys[start : start + AT_ONCE])

    async def _adopt(self, partition: int, keys: Sequence[str]) -> None:
        """Let new states know what was last published; those that would say otherwise are due."""
        _, before = await self._live.states_of(partition, keys)
        position, after = await self._new.states_of(partition, keys)
        old, new = [await self._vault.opened_states(each) for each in (before, after)]
        states: dict[str, bytes] = {}
        for key in keys:
            said = ids_in(old.get(key))
            if said != ids_in(new.get(key)):
                states[key] = with_ids(new.get(key), said)
        written = not states or await self._new.apply(
            partition,
            start=position,
            next_offset=position.applied,
            states=await self._vault.sealed_states(states, None),
            due=dict.fromkeys(states, ANEW_MS),
            outbox=b"",
        )
        if not written:
            raise Misconfigured(f"another process writes the namespace {self._into}")


class Mute:
    """A log that takes everything and says nothing."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def publish(self, messages: Sequence[Message]) -> None:
        pass

    def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        return self._log.read(topic, key=key, follow=follow)


async def replay(run: Replay, partitions: Iterable[int], *, switch: bool = True) -> int | None:
    """Replay partitions; give how many patients' plans are told anew, None without a switch."""
    left = [partition for partition in partitions if not await run.is_done(partition)]
    for partition in left:
        await run.catch_up(partition)
    if not switch:
        return None
    return sum([await run.switch(partition) for partition in left])
