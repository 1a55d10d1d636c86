"""Consuming from Kafka: FastStream's batches into the step, then explicit offsets.

Never a bare `ack()`: it commits the position of every assigned partition, and so loses a batch that
failed before. FastStream swallows what a handler raises; here it ends the process.

A member with a static name (KIP-345) keeps its partitions while it is restarted. aiokafka 0.14
sends the name when it joins, but not with its heart-beats: the broker tells a member whose name
another took that it is unknown, the client would join again and take the name back, and so on by
turns. Here such a member ends.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from epione.errors import BrokerDown, Fenced
from epione.messaging.client import FORBIDDEN, fault_of
from epione.messaging.ending import Ending
from epione.messaging.laps import Laps
from epione.messaging.log import Again, Done, Record, Subscription
from epione.messaging.patience import MAX_POLL_INTERVAL_S, RESTS, Patience, patiently
from epione.messaging.pulse import Pulse
from epione.messaging.standing import Standing
from epione.operations import Verdict
from epione.telemetry import NOT_COMMITTED, Stage

RawBatch = tuple[ConsumerRecord, ...]

POLL_MS = 500  # at most: a poll ends when there is something
# A partition whose records are still unread when a fetch is sent waits for the end of that fetch:
# of aiokafka's default, 500 ms, when the other partitions are quiet.
FETCH_WAIT_MS = 100
HEARTBEAT_S = 3.0  # at most: the others learn by it that a member came or went
COMMIT_TIMEOUT_S = 10.0
UNKNOWN_MEMBER_ID = ""  # what aiokafka has after it was told that it is unknown

_log = logging.getLogger(__name__)


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """One subscription's member of its group."""

    def __init__(
        self,
        subscription: Subscription,
        ending: Ending,
        session_timeout_s: float,
        instance: str = "",
    ) -> None:
        self._subscription, self._ending = subscription, ending
        self._session_timeout_s = session_timeout_s
        # A process may read several topics for one group, and each reading is a member of it.
        self._static_name = f"{instance}.{subscription.topic.name}" if instance else None
        self._is_member = False
        self._in_hand = asyncio.Lock()
        self._committing: asyncio.Task[None] | None = None
        self._taking_over: dict[TopicPartition, asyncio.Task[None]] = {}
        self._resting: dict[TopicPartition, asyncio.TimerHandle] = {}
        self._n_rests: Counter[TopicPartition] = Counter()
        self._standing = Standing(subscription.topic.name)
        self._pulse = Pulse()

    def register(self, broker: KafkaBroker) -> None:
        """Become a batch subscriber of the broker."""
        self._subscriber = broker.subscriber(
            self._subscription.topic.name,
            group_id=self._subscription.group,
            group_instance_id=self._static_name,
            batch=True,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            max_poll_interval_ms=int(MAX_POLL_INTERVAL_S * 1000),
            rebalance_timeout_ms=int(MAX_POLL_INTERVAL_S * 1000),  # a batch in hand is waited for
            session_timeout_ms=int(self._session_timeout_s * 1000),
            heartbeat_interval_ms=int(min(self._session_timeout_s / 3, HEARTBEAT_S) * 1000),
            listener=self,
            parser=_parsed,
            decoder=_undecoded,
            no_reply=True,
        )
        self._subscriber(self._on_batch)
        self._subscriber.get_msg = self._poll  # type: ignore[method-assign]

    def watch(self) -> None:
        """End the process, too, where FastStream's own loop fails.

        It would begin again in silence.
        """
        for task in self._subscriber.tasks:
            task.add_done_callback(self._loop_ended)

    async def _poll(self, consumer: AIOKafkaConsumer) -> RawBatch:
        """Take what is there, or wait for it.

        FastStream's own sleeps after an empty poll, for as long again, and says nothing of one that
        failed; it tries again whatever Kafka says, and what we may not do stays so.
        """
        self._pulse.turned()
        try:
            found = await consumer.getmany(
                timeout_ms=POLL_MS, max_records=self._subscription.max_records
            )
        except FORBIDDEN as fault:
            raise fault_of(fault) from fault
        except KafkaError as fault:
            _log.error("reading %s: %s", self._subscription.topic.name, type(fault).__name__)
            raise
        return tuple(chain.from_iterable(found.values()))

    async def ask(self) -> None:
        """Ask Kafka how far the topic goes, and tell how far behind we are.

        Raises:
            BrokerDown: It does not say.
        """
        consumer, positions = self._subscriber.consumer, self._standing.positions
        if consumer is None:
            raise BrokerDown("not connected")
        held = [TopicPartition(self._subscription.topic.name, number) for number in positions]
        try:
            ends = await (consumer.end_offsets(held) if held else consumer.topics())
            for partition in held:
                position = positions[partition.partition]
                if position is None:
                    position = await consumer.position(partition)
                self._standing.ended_at(partition.partition, ends[partition], position)
        except IllegalStateError:
            return  # dealt anew meanwhile
        except KafkaError as fault:
            raise BrokerDown(type(fault).__name__) from fault

    def is_turning(self) -> Verdict:
        return self._pulse.verdict()

    def has_its_part(self) -> Verdict:
        """Say whether what the group dealt to this process is being read."""
        topic, n_held = self._subscription.topic.name, len(self._standing.positions)
        n_coming = sum(not task.done() for task in self._taking_over.values())
        if not self._pulse.has_joined:
            return Verdict(False, f"{topic}: joining its group")
        if n_coming:
            return Verdict(False, f"{topic}: taking over {n_coming} of {n_held} partitions")
        if not n_held:
            return Verdict(True, f"{topic}: standing by, others hold every partition")
        return Verdict(True, f"{topic}: {n_held} partitions")

    def _loop_ended(self, task: asyncio.Task[Any]) -> None:
        topic = self._subscription.topic.name
        if task.cancelled():
            if not self._ending.is_near:  # by a client that let a cancellation of its own out
                self._ending.fail(RuntimeError(f"the reading of {topic} was cancelled"))
        elif (error := task.exception()) is not None:
            error.add_note(f"while reading {topic}; nothing is committed")
            self._ending.fail(error)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._standing.dealt(partition.partition for partition in assigned)
        self._pulse.joined()
        self._is_member = True
        if self._subscription.take_over is None:
            return
        # The assignment is active already, but heart-beats begin when this returns: so the taking
        # over goes on beside it, with the partitions held back.
        consumer = self._consumer
        for partition in assigned:
            consumer.pause(partition)
            self._taking_over[partition] = asyncio.create_task(self._take_over(consumer, partition))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._pulse.left()
        async with self._in_hand:  # wait for the batch in hand
            await self._let_go(revoked)
            self._standing.let_go()
            await self.settled()
        if self._is_fenced:
            self._ending.fail(Fenced(f"{self._static_name} is no member of its group any more"))
            raise asyncio.CancelledError  # ends the client's coordination before it joins again

    @property
    def _is_fenced(self) -> bool:
        """Say whether a static member is here because the broker did not know it."""
        if self._static_name is None or not self._is_member:
            return False
        member: str = self._consumer._coordinator.member_id  # nothing public says it
        return member == UNKNOWN_MEMBER_ID

    async def close(self) -> None:
        """Let everything go; after the subscriber has stopped."""
        await self._let_go(tuple(self._taking_over))
        self._standing.let_go()

    async def _on_batch(self, batch: StreamMessage[RawBatch]) -> None:
        async with self._in_hand:
            if any(task.done() for task in self._subscriber.tasks):
                self.watch()  # this batch is of a loop that began again
                return
            if self._ending.failed:
                return
            try:
                with self._pulse.in_hand():
                    await self._process(batch.raw_message)
                if self._ending.is_near:
                    await self.settled()
            except Exception as error:  # noqa: BLE001 - FastStream would swallow it: end the process
                self._ending.fail(error)

    async def _process(self, records: RawBatch) -> None:
        topic = self._subscription.topic.name
        by_partition = [
            (TopicPartition(topic, partition), [record_of(each) for each in group])
            for partition, group in groupby(records, attrgetter("partition"))
        ]
        for _, batch in by_partition:
            self._standing.begun(batch)
        outcomes = await asyncio.gather(
            *(self._subscription.step(batch) for _, batch in by_partition), return_exceptions=True
        )
        done: dict[TopicPartition, int] = {}
        for (partition, batch), outcome in zip(by_partition, outcomes, strict=True):
            if isinstance(outcome, Done | Again):
                self._standing.ended(batch, outcome)
            if isinstance(outcome, Done):
                done[partition] = outcome.next_offset
                self._n_rests.pop(partition, None)
            elif isinstance(outcome, Again):
                self._seek(partition, outcome)
        await self.settled()
        if done:
            self._committing = asyncio.create_task(self._commit(done))
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def settled(self) -> None:
        """Wait until Kafka was told the offsets of every batch before this one.

        It is told while the next batch is read and in hand: its coordinator lets a commit wait for
        others, 5 ms by default, which is a third of what 500 records take in all.
        """
        if self._committing is not None:
            await asyncio.shield(self._committing)

    async def _commit(self, done: dict[TopicPartition, int]) -> None:
        """Tell Kafka a batch's offsets; where that fails, the batch may come again."""
        laps = Laps(self._subscription.topic.name)
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S):
                await self._consumer.commit(done)
            laps.done(Stage.COMMITTED)
        except (KafkaError, TimeoutError) as fault:
            NOT_COMMITTED.labels(self._subscription.topic.name).inc()
            _log.warning("offsets not committed: %s", type(fault).__name__)

    def _seek(self, partition: TopicPartition, again: Again) -> None:
        try:
            self._consumer.seek(partition, again.offset)
            if again.later:
                self._rest(self._consumer, partition)
        except IllegalStateError:
            _log.info("%s is read by another process now", partition)

    def _rest(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Hold a partition back for a while; longer, where it was held back before."""
        consumer.pause(partition)
        self._n_rests[partition] += 1
        wait_s = RESTS.wait_s(self._n_rests[partition])
        loop = asyncio.get_running_loop()
        self._resting[partition] = loop.call_later(wait_s, self._rested, consumer, partition)

    def _rested(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        with suppress(IllegalStateError):  # another process reads it now
            consumer.resume(partition)

    async def _take_over(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        ask = partial(_asked, self._subscription, consumer, partition)
        try:
            offset = await patiently(ask, Patience(within_s=float("inf")), "taking over")
            consumer.seek(partition, offset)
            consumer.resume(partition)
        except IllegalStateError:
            _log.info("%s is read by another process now", partition)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task: end the process
            self._ending.fail(error)

    async def _let_go(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            self._n_rests.pop(partition, None)
            if (rest := self._resting.pop(partition, None)) is not None:
                rest.cancel()
            if partition in self._taking_over:
                task = self._taking_over.pop(partition)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if self._subscription.let_go is not None:
                self._subscription.let_go(partition.partition)

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        return self._subscriber.consumer


async def _asked(
    subscription: Subscription, consumer: AIOKafkaConsumer, partition: TopicPartition, _attempt: int
) -> int:
    assert subscription.take_over is not None
    try:
        committed = await consumer.committed(partition)
    except FORBIDDEN as fault:
        raise fault_of(fault) from fault
    except KafkaError as fault:
        raise BrokerDown(f"no committed offset: {type(fault).__name__}") from fault
    return await subscription.take_over(partition.partition, committed or 0)


def record_of(raw: ConsumerRecord) -> Record:
    """Take over what the client read; a header without a value, which Kafka allows, is empty."""
    headers = raw.headers
    for _, value in headers:
        if value is None:
            headers = tuple((name, value or b"") for name, value in headers)
            break
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp)


async def _parsed(records: RawBatch) -> StreamMessage[RawBatch]:
    """Wrap a batch as it is. The default parser decodes headers, and loses a batch on one byte."""
    return StreamMessage(raw_message=records, body=b"")


async def _undecoded(message: StreamMessage[RawBatch]) -> Any:
    return message
