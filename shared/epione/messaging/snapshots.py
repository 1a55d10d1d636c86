"""States on a compacted topic: a state that is lost is made again from these and the log after.

A snapshot of a partition is one record of each key, its state as Redis holds it, and at last a
record that says complete, and up to which offset of the log: the one at which the scan began. What
was folded meanwhile may be in it or not: to fold it again changes nothing. Newer states, of a
snapshot that is not complete, do no harm either. A record without a value takes a state back.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count

from epione.errors import StateDown
from epione.messaging.log import Archive, Headers, Message, Record
from epione.messaging.partition import partition_of
from epione.messaging.state import Held, Position, StateStore
from epione.messaging.topics import Topic

POSITION = "epione_position"  # of the partition, when the scan began that this record is of
EPOCH = "epione_epoch"  # the generation of the log that the state was made from
DUE = "epione_due"  # when the key is due, ms since 1970 UTC; absent where it is not

AT_ONCE = 500  # states
PUBLISHED_WITHIN_S = 30.0
POLL_S = 0.05

_log = logging.getLogger(__name__)

OnProgress = Callable[[int], None]  # how many more states were written


@dataclass(frozen=True, slots=True)
class Complete:
    """The last record of a snapshot: the log's generation, and up to where it is applied."""

    epoch: int
    applied: int
    release: str

    def to_bytes(self) -> bytes:
        named = {"epoch": self.epoch, "applied": self.applied, "release": self.release}
        return json.dumps(named).encode()

    @classmethod
    def from_bytes(cls, value: bytes) -> "Complete":
        return cls(**json.loads(value))


class Snapshots:
    """Takes and loads snapshots of the live states of a store."""

    def __init__(self, store: StateStore, log: Archive, topic: Topic, epoch: int = 0) -> None:
        self._store, self._log, self._topic, self._epoch = store, log, topic, epoch

    async def take(
        self, partition: int, n_partitions: int, *, per_s: float, on_progress: OnProgress
    ) -> None:
        """Write a snapshot of a partition, no faster than so many states a second.

        Raises:
            StateDown: The state was moved, lost or not published meanwhile; it is not complete.
            BrokerDown: Kafka does not take it; it is not complete.
        """
        began = await self._store.held(partition)
        if began.applied is None:
            return
        clock = asyncio.get_running_loop()
        async for states in self._store.scan(partition, began.position.namespace, AT_ONCE):
            ends_at = clock.time() + len(states) / per_s
            await self._see_it_published(partition, began)
            await self._log.publish(await self._messages(partition, began.position, states))
            on_progress(len(states))
            await asyncio.sleep(max(0.0, ends_at - clock.time()))
        await self._see_it_published(partition, began)
        complete = Complete(self._epoch, began.applied, version("epione"))
        marker = marker_key(partition, n_partitions)
        await self._log.publish([Message(self._topic, marker, complete.to_bytes())])

    async def _messages(
        self, partition: int, position: Position, states: Mapping[str, bytes]
    ) -> list[Message]:
        due = await self._store.due_of(partition, position.namespace, tuple(states))
        said: Headers = (
            (POSITION, str(position.applied).encode()),
            (EPOCH, str(self._epoch).encode()),
        )
        return [
            Message(
                self._topic,
                key.encode(),
                state,
                (*said, (DUE, str(due[key]).encode())) if key in due else said,
            )
            for key, state in states.items()
        ]

    async def _see_it_published(self, partition: int, began: Held) -> None:
        """Wait until all that the states say was published has been.

        A state may be of a batch whose outputs stand in the outbox alone, and are lost with it.
        """
        clock = asyncio.get_running_loop()
        ends_at = clock.time() + PUBLISHED_WITHIN_S
        at_end = held = await self._store.held(partition)
        while held.outbox and held.position == at_end.position and clock.time() < ends_at:
            await asyncio.sleep(POLL_S)
            held = await self._store.held(partition)
        if held.outbox and held.position == at_end.position:
            raise StateDown(f"partition {partition}: its last batch is not published yet")
        if held.position.namespace != began.position.namespace or (held.applied or 0) < (
            began.applied or 0
        ):
            raise StateDown(f"partition {partition}: its state moved, or was lost, meanwhile")

    async def load(self, partition: int) -> None:
        """Put the last complete snapshot in the place of a state that is lost, if there is one.

        Killed in the midst, it may be done again; done by two, or late, it does no harm.

        Raises:
            Unavailable: Kafka or Redis does not answer.
        """
        position = (await self._store.held(partition)).position
        found = _Found()
        async for record in self._log.read_from(self._topic, {partition: 0}):
            self._note(record, found)
            if len(found.states) >= AT_ONCE and not await self._put(partition, position, found):
                return
        if not await self._put(partition, position, found) or found.complete is None:
            return
        await self._store.apply(
            partition,
            start=position,
            next_offset=found.complete.applied,
            states={},
            due={},
            outbox=b"",
        )
        _log.info(
            "partition %d is restored up to %d, by a snapshot of release %s",
            partition,
            found.complete.applied,
            found.complete.release,
        )

    def _note(self, record: Record, found: "_Found") -> None:
        key, headers = (record.key or b"").decode(), dict(record.headers)
        if key.startswith(MARKER):
            complete = Complete.from_bytes(record.value) if record.value else None
            if complete is not None and complete.epoch == self._epoch:
                found.complete = complete
        elif record.value is None or headers.get(EPOCH) == str(self._epoch).encode():
            found.states[key] = record.value or b""
            found.due[key] = int(headers.get(DUE, b"0"))

    async def _put(self, partition: int, position: Position, found: "_Found") -> bool:
        """Write what was found so far; False where another has gone on from here meanwhile."""
        if position.applied is not None:
            return False
        written = await self._store.apply(
            partition,
            start=position,
            next_offset=None,
            states=found.states,
            due=found.due,
            outbox=b"",
        )
        found.states, found.due = {}, {}
        return written


class _Found:
    def __init__(self) -> None:
        self.states: dict[str, bytes] = {}
        self.due: dict[str, int] = {}
        self.complete: Complete | None = None


MARKER = "/complete/"  # no key of a patient: a tenant has a name


def marker_key(partition: int, n_partitions: int) -> bytes:
    """Give the key of a partition's last record, one that belongs to the partition.

    >>> partition_of(marker_key(3, 6), 6)
    3
    """
    keys = (f"{MARKER}{partition}/{n}".encode() for n in count())
    return next(key for key in keys if partition_of(key, n_partitions) == partition)
