"""The in-memory log: partitions, offsets and groups in one process, by the same port as Kafka."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from epione.messaging.ending import Ending
from epione.messaging.log import Message, Record, Subscription
from epione.messaging.memory_group import Group, Member
from epione.messaging.partition import partition_of
from epione.messaging.topics import Layout, Topic

_SETTLE_POLL_S = 0.002


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class MemoryLog:
    """Keeps every record for as long as it lives; there is nothing else to lose."""

    def __init__(
        self, layout: Layout | None = None, now_ms: Callable[[], int] = _wall_clock_ms
    ) -> None:
        self._n_partitions, self._now_ms = (layout or Layout()).partitions, now_ms
        self._records: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self._groups: dict[tuple[str, str], Group] = {}
        self._grown = asyncio.Event()

    async def publish(self, messages: Sequence[Message]) -> None:
        for topic, key, value, headers in messages:
            partition = partition_of(key, self._n_partitions)
            records = self._records[topic.name, partition]
            offset, now_ms = len(records), self._now_ms()
            taken = value or None  # as Kafka: a message without a value is a tombstone
            records.append(Record(topic.name, partition, offset, key, taken, headers, now_ms))
        self._wake()

    async def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        partitions = range(self._n_partitions) if key is None else (self._partition_of(key),)
        at = dict.fromkeys(partitions, 0)
        ends = {partition: self._end(topic.name, partition) for partition in partitions}
        while follow or at != ends:
            for partition in partitions:
                end = self._end(topic.name, partition) if follow else ends[partition]
                for record in self._records[topic.name, partition][at[partition] : end]:
                    if key is None or record.key == key:
                        yield record
                at[partition] = end
            if follow and all(at[p] == self._end(topic.name, p) for p in partitions):
                await self._grown.wait()

    async def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
        ends = {partition: self._end(topic.name, partition) for partition in start}
        for partition, at in start.items():
            for record in self._records[topic.name, partition][at : ends[partition]]:
                yield record

    async def offsets_at(self, topic: Topic, time_ms: int) -> Mapping[int, int]:
        return {
            partition: sum(
                record.timestamp_ms < time_ms for record in self._records[topic.name, partition]
            )
            for partition in range(self._n_partitions)
        }

    def tail(self, topic: Topic, *, from_end: bool = False) -> "MemoryTail":
        return MemoryTail(self.records_after, topic, self._n_partitions, from_end)

    def records_after(self, topic: Topic, partition: int, offset: int) -> Sequence[Record]:
        return self._records[topic.name, partition][offset:]

    async def consume(self, subscriptions: Sequence[Subscription], stop: asyncio.Event) -> None:
        ending = Ending(stop)
        members = [Member(subscription, ending, self._after) for subscription in subscriptions]
        try:
            for member in members:
                await self._group_of(member.subscription).join(member)
            await ending.wait()
        finally:
            for member in members:
                await self._group_of(member.subscription).leave(member)
        ending.raise_failure()

    async def settled(self, n_groups: int) -> None:
        """Return once that many groups have joined and are done with every record."""
        while not self._is_settled(n_groups):  # noqa: ASYNC110 - a group tells no one how far it is
            await asyncio.sleep(_SETTLE_POLL_S)

    def _is_settled(self, n_groups: int) -> bool:
        return len(self._groups) >= n_groups and all(
            group.committed.get(partition, 0) == self._end(topic, partition)
            for (topic, _), group in self._groups.items()
            for partition in range(self._n_partitions)
        )

    def _group_of(self, subscription: Subscription) -> Group:
        name = (subscription.topic.name, subscription.group)
        return self._groups.setdefault(name, Group(self._n_partitions))

    async def _after(self, topic: str, partition: int, offset: int, at_most: int) -> list[Record]:
        """Give records from `offset` on, once there is one."""
        while offset >= self._end(topic, partition):
            await self._grown.wait()
        return self._records[topic, partition][offset : offset + at_most]

    def _partition_of(self, key: bytes) -> int:
        return partition_of(key, self._n_partitions)

    def _end(self, topic: str, partition: int) -> int:
        return len(self._records[topic, partition])

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()


class MemoryTail:
    """Follows a topic of an in-memory log."""

    def __init__(
        self,
        records_after: Callable[[Topic, int, int], Sequence[Record]],
        topic: Topic,
        n_partitions: int,
        from_end: bool,
    ) -> None:
        self._records_after, self._topic, self._skip = records_after, topic, from_end
        self._at = dict.fromkeys(range(n_partitions), 0)

    async def news(self) -> AsyncGenerator[Record]:
        skip, self._skip = self._skip, False
        for partition, at in self._at.items():
            records = self._records_after(self._topic, partition, at)
            for record in () if skip else records:
                self._at[partition] = record.offset + 1
                yield record
            self._at[partition] = at + len(records)

    async def close(self) -> None: ...
