"""The stateful step: state, position and outbox move together, then the outputs, then Kafka."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

from epione.errors import Erased, Misconfigured, Rejected, StateLost, Unavailable
from epione.messaging.dead_letter import FLOOD, DeadLetters
from epione.messaging.laps import Laps
from epione.messaging.log import Again, Done, Log, Message, Record, Subscription
from epione.messaging.measures import observe_ages
from epione.messaging.outbox import packed, unpacked
from epione.messaging.patience import Patience, patiently
from epione.messaging.sealing import Sealing, plain
from epione.messaging.state import Held, Position, StateStore
from epione.messaging.topics import Topic, dead_letters_of
from epione.telemetry import Stage

MAX_RECORDS = 500
UNCOMMITTED = 2  # batches whose outputs may be published, and their offsets not yet committed

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch did. Keys are record keys as text.

    `states` holds each state that changed, b"" where none is kept any more; `due` when each key's
    next `TimeReached` must come (ms since 1970 UTC; 0: none); `outputs` are published in order once
    the state is safe; `logged_at_ms` says when the log took each hospital's message that the
    outputs now know of.
    """

    states: Mapping[str, bytes]
    outputs: Sequence[Message]
    due: Mapping[str, int] = field(default_factory=dict)
    logged_at_ms: Sequence[int] = ()


class Fold(Protocol[E_contra]):
    """Apply a batch to the states of its keys; a key without a state is not in `states`.

    It is a function of its arguments alone: after a fault the same batch comes again.
    """

    async def __call__(
        self, events: Sequence[tuple[Record, E_contra]], states: Mapping[str, bytes]
    ) -> Folded: ...


class Folding(Generic[E]):
    """A step over one topic whose state is in Redis, and the partitions it holds."""

    def __init__(
        self,
        decode: Callable[[Record], E],
        fold: Fold[E],
        store: StateStore,
        log: Log,
        topic: Topic,
        *,
        stage: str,
        on_overtaken: Callable[[Sequence[str]], Sequence[Message]],
        vault: Sealing | None = None,
        restore: Callable[[int], Awaitable[None]] | None = None,
        flood: int = FLOOD,
        patience: Patience | None = None,
    ) -> None:
        """Prepare the step.

        Args:
            decode: Pure; it raises `Rejected` for a record that can never be read.
            fold: Pure but for what it awaits; it may raise `Unavailable`.
            stage: The service's name, for dead letters.
            on_overtaken: Given the keys of outputs that may have been published after newer ones
                of another process, gives the messages that will make the newest be published again.
            vault: Opens records and states before they are folded, and seals new states and outputs
                before they are written anywhere. What was forgotten is passed over. A dead letter
                is kept as it came. Without a vault, all is as it is.
            restore: Puts in place what there is of the state of a partition that has none.
            flood: That many dead letters in a row stop the service; `NO_FLOOD`: none do.
        """
        self._decode, self._fold, self._store, self._log = decode, fold, store, log
        self._topic, self._stage, self._on_overtaken = topic, stage, on_overtaken
        self._vault, self._restore = vault, restore
        self._dead_letters = DeadLetters(topic, stage, flood)
        self._patience = patience or Patience()
        self._applied: dict[int, Position] = {}  # by partition; absent: to be asked
        self._reached: dict[int, int] = {}  # by partition, where outputs may be published up to
        self._told: dict[int, int] = {}  # by partition: before this, events are folded one by one
        self._overtaken: set[str] = set()
        self._uncommitted = UNCOMMITTED * MAX_RECORDS

    def subscription(self, group: str, max_records: int = MAX_RECORDS) -> Subscription:
        """Give the reading of the topic, by batches of at most so many records from now on."""
        self._uncommitted = UNCOMMITTED * max_records
        return Subscription(self._topic, group, self, max_records, self.take_over, self.let_go)

    @property
    def partitions(self) -> Sequence[int]:
        return tuple(self._applied)

    async def take_over(self, partition: int, committed: int = 0) -> int:
        """Restore a lost state, publish what the last owner left; give the offset to read from.

        Args:
            partition: Which one comes to this process.
            committed: Up to where the group was done, whatever the state says.
        """
        held = await self._store.held(partition)
        if held.applied is None and self._restore is not None:
            await self._restore(partition)
        self._overtaken |= await self._store.suspects(partition, held.position.namespace)
        return await self._taken_over(partition, committed)

    async def _taken_over(self, partition: int, committed: int = 0) -> int:
        held = await self._store.held(partition)
        while held.applied is not None and held.outbox:
            self._reach(partition, held.applied)
            await self._deliver_left(partition, held)
            held = await self._store.held(partition)
        await self._make_up()
        await self._find_rollback(partition, held, committed)
        self._applied[partition] = held.position
        self._reach(partition, held.applied or 0)
        return held.applied or 0

    def let_go(self, partition: int) -> None:
        """Forget a partition that another process reads from now on."""
        for remembered in (self._applied, self._reached, self._told):
            remembered.pop(partition, None)

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        try:
            return await patiently(partial(self._attempt, records), self._patience, self._stage)
        except Unavailable as fault:
            _log.error("%s: %s; the batch will be read again", self._stage, fault)
            return Again(records[0].offset, later=True)

    async def tell(self, messages: Sequence[Message]) -> None:
        """Publish what belongs to no batch: to those who were forgotten, nothing.

        Raises:
            Unavailable: Some may not have been taken.
        """
        if self._vault is not None:
            messages = await self._vault.sealed([(message, None) for message in messages])
        await self._log.publish(messages)

    async def refuse_loss(self, partition: int) -> None:
        """Make sure that the state of a partition is not behind what it was seen to hold.

        Raises:
            StateLost: It is, and no batch has come to find out.
        """
        seen = self._applied.get(partition)
        applied = (await self._store.held(partition)).applied
        if seen is None or seen != self._applied.get(partition):
            return
        if (applied or 0) < (seen.applied or 0):
            raise StateLost(
                f"{self._stage}: partition {partition} is at {applied}, not {seen.applied}"
            )

    async def _attempt(self, records: Sequence[Record], n: int) -> Done | Again:
        partition, next_offset = records[0].partition, records[-1].offset + 1
        if partition not in self._applied:
            return await self._resume(partition, next_offset)
        start, laps = self._applied[partition], Laps(self._topic.name)
        events, dead = await self._decoded(records, n)
        laps.done(Stage.DECODED)
        keys = tuple({_key_of(record): None for record, _ in events})
        stored, states = await self._store.states_of(partition, keys)
        if stored != start:
            return await self._resume(partition, next_offset)
        _refuse_another_log(records[0], start.applied)
        laps.done(Stage.READ)
        folded = await self._sealed(partition, events, states, records[-1].timestamp_ms)
        laps.done(Stage.FOLDED)
        outputs = (*dead, *folded.outputs)
        del self._applied[partition]  # from here on only Redis knows
        if not await self._written(partition, start, next_offset, folded, outputs):
            return await self._resume(partition, next_offset)
        laps.done(Stage.WRITTEN)
        self._reach(partition, next_offset)
        reached = Position(next_offset, start.namespace)
        if not await self._deliver(partition, reached, outputs):
            return await self._resume(partition, next_offset)
        laps.done(Stage.PUBLISHED)
        self._applied[partition] = reached
        observe_ages(folded.logged_at_ms)
        return Done(next_offset)

    def _reach(self, partition: int, offset: int) -> None:
        """Remember that outputs may be published up to an offset, before they are."""
        self._reached[partition] = max(offset, self._reached.get(partition, 0))

    async def _find_rollback(self, partition: int, held: Held, committed: int) -> None:
        """Find out whether the state is behind what was published; remember until where."""
        reached = max(committed, self._reached.get(partition, 0))
        told = reached + self._uncommitted
        if (held.applied or 0) < reached and held.told < told:
            _log.warning("%s: the state of partition %d was lost in part", self._stage, partition)
            await self._store.remember_told(partition, held.position.namespace, told)
        else:
            told = held.told
        self._told[partition] = told

    async def _folded(
        self, partition: int, events: Sequence[tuple[Record, E]], states: Mapping[str, bytes]
    ) -> Folded:
        """Fold a batch: at once, or one event of a key at a time where a lost state did so before.

        What a key's outputs say of each other rests on where batches ended. Those of the lost state
        ended elsewhere: a reader that they told of a change may not hear that it was taken back,
        unless the outputs of every event are published.
        """
        if not events or events[0][0].offset >= self._told.get(partition, 0):
            return await self._fold(events, states)
        kept: dict[str, bytes] = {}
        due: dict[str, int] = {}
        outputs: list[Message] = []
        logged_at_ms: list[int] = []
        for turn in _turns(events):
            standing = {key: state for key, state in {**states, **kept}.items() if state}
            folded = await self._fold(turn, standing)
            kept |= folded.states
            due |= folded.due
            outputs += folded.outputs
            logged_at_ms += folded.logged_at_ms
        return Folded(kept, outputs, due, logged_at_ms)

    async def _resume(self, partition: int, next_offset: int) -> Done | Again:
        position = await self._taken_over(partition)
        if self._restore is not None and self._applied[partition].applied is None:
            # To restore it takes longer than a batch may: the next owner does, before any batch.
            raise StateLost(f"{self._stage}: partition {partition} has no state any more")
        return Done(position) if position == next_offset else Again(position)

    async def _decoded(
        self, records: Sequence[Record], attempt: int
    ) -> tuple[list[tuple[Record, E]], list[Message]]:
        events: list[tuple[Record, E]] = []
        dead: list[Message] = []
        found = records if self._vault is None else await self._vault.opened(records)
        for record, opened in zip(records, found, strict=True):
            if isinstance(opened, Erased):
                continue
            try:
                _key_of(record)
                event = self._decode(plain(opened))
            except Rejected as fault:
                dead.append(self._dead_letters.of(record, fault, attempt))
            else:
                events.append((record, event))
                self._dead_letters.end_row()
        return events, dead

    async def _sealed(
        self,
        partition: int,
        events: Sequence[tuple[Record, E]],
        states: Mapping[str, bytes],
        at_ms: int,
    ) -> Folded:
        """Fold plain states, and give what is to be written as it is to be written."""
        if self._vault is None:
            return await self._folded(partition, events, states)
        plain_states = await self._vault.opened_states(states)
        folded = await self._folded(partition, events, plain_states)
        return replace(
            folded,
            states=await self._vault.sealed_states(folded.states, at_ms),
            outputs=await self._vault.sealed([(message, at_ms) for message in folded.outputs]),
        )

    async def _written(
        self,
        partition: int,
        start: Position,
        next_offset: int,
        folded: Folded,
        outputs: Sequence[Message],
    ) -> bool:
        return await self._store.apply(
            partition,
            start=start,
            next_offset=next_offset,
            states=folded.states,
            due=folded.due,
            outbox=packed(outputs),
        )

    async def _deliver(
        self, partition: int, position: Position, outputs: Sequence[Message]
    ) -> bool:
        """Publish an outbox and clear it; False where another process had moved on meanwhile."""
        if not outputs:
            return True
        await self._log.publish(outputs)
        if await self._store.clear(partition, position):
            return True
        self._overtaken |= self._keys_of(outputs)
        await self._make_up()
        return False

    async def _deliver_left(self, partition: int, held: Held) -> None:
        """Publish what an owner left, who may be frozen while it does the same.

        When it wakes, it publishes outputs that are older by then; and where it ends before it has
        found that out, nobody says the newest again. So at every later taking over for a day, as
        when a process takes its place, the newest of these keys is asked for anew.
        """
        outputs = unpacked(held.outbox)
        if keys := self._keys_of(outputs):
            await self._store.suspect(partition, held.position.namespace, keys)
        await self._deliver(partition, held.position, outputs)

    def _keys_of(self, outputs: Iterable[Message]) -> set[str]:
        """Give the keys that outputs are of; a dead letter has whatever key it came with."""
        dead = dead_letters_of(self._topic).name
        return {message.key.decode() for message in outputs if message.topic.name != dead}

    async def _make_up(self) -> None:
        """Have the newest outputs of overtaken keys published again."""
        if self._overtaken:
            keys = sorted(self._overtaken)
            await self.tell(self._on_overtaken(keys))
            self._overtaken.difference_update(keys)


def _turns(events: Sequence[tuple[Record, E]]) -> list[list[tuple[Record, E]]]:
    """Give the first event of each key, then the second of each, and so on."""
    turns: list[list[tuple[Record, E]]] = []
    n_of: Counter[str] = Counter()
    for record, event in events:
        key = _key_of(record)
        if n_of[key] == len(turns):
            turns.append([])
        turns[n_of[key]].append((record, event))
        n_of[key] += 1
    return turns


def _key_of(record: Record) -> str:
    try:
        return (record.key or b"").decode()
    except UnicodeDecodeError:
        raise Rejected("its key is not UTF-8") from None


def _refuse_another_log(first: Record, start: int | None) -> None:
    if start is not None and first.offset < start:
        raise Misconfigured(
            f"{first.topic}/{first.partition} begins again at {first.offset}, but its state stands "
            f"at {start}: it is the state of another log; name another namespace"
        )
