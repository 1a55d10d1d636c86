"""What every log promises a consumer, in memory and on Kafka alike."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from tests.contract.conftest import Connect
from tests.running import Seen, messages, running, until

from epione.errors import DeadLetterFlood, MalformedEvent
from epione.messaging import (
    Again,
    Done,
    Message,
    Record,
    Stream,
    Subscription,
    Topic,
    answering,
    dead_letters_of,
    serve,
)
from epione.messaging.dead_letter import ORIGIN_OFFSET, ORIGIN_PARTITION, ORIGIN_TOPIC, REASON
from epione.messaging.partition import partition_of


async def test_records_of_one_key_come_in_the_order_they_were_published(
    log: Stream, topic: Topic
) -> None:
    seen = Seen()
    await log.publish(messages(topic, 200))

    async with running(log, Subscription(topic, "g", seen, max_records=50)):
        await until(lambda: len(seen.records) == 200)

    of_one_key = [int(r.value or b"") for r in seen.records if r.key == b"key-3"]
    assert of_one_key == list(range(3, 200, 7))


async def test_a_batch_is_of_one_partition_and_consecutive(log: Stream, topic: Topic) -> None:
    batches: list[Sequence[Record]] = []

    async def remember(records: Sequence[Record]) -> Done:
        batches.append(records)
        return Done(records[-1].offset + 1)

    await log.publish(messages(topic, 90))
    async with running(log, Subscription(topic, "g", remember, max_records=20)):
        await until(lambda: sum(map(len, batches)) == 90)

    for batch in batches:
        assert len(batch) <= 20
        assert [(r.partition, r.offset) for r in batch] == [
            (batch[0].partition, batch[0].offset + i) for i in range(len(batch))
        ]


async def test_what_raised_comes_again_and_what_was_done_beside_it_does_not(
    connect: Connect, topic: Topic
) -> None:
    """Batch 1 raises, another partition's batch succeeds: after a restart batch 1 comes again."""
    done, again = Seen(), Seen()
    broken = asyncio.Event()

    async def break_on_a(records: Sequence[Record]) -> Done:
        if records[0].key == b"a":
            await until(lambda: len(done.records) == 5)
            broken.set()
            raise ZeroDivisionError
        return await done(records)

    async with connect() as log:
        await log.publish(messages(topic, 5, b"a") + messages(topic, 5, b"b"))
        with pytest.raises(ZeroDivisionError):
            async with running(log, Subscription(topic, "g", break_on_a)):
                await broken.wait()
    async with connect() as log, running(log, Subscription(topic, "g", again)):
        await until(lambda: len(again.records) >= 5)

    assert {record.key for record in again.records} == {b"a"}
    assert again.values == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_later_batch_does_not_commit_for_one_that_raised(
    connect: Connect, topic: Topic
) -> None:
    first, again = Seen(), Seen()

    async def break_on_the_second_batch(records: Sequence[Record]) -> Done:
        if first.records:
            raise ZeroDivisionError
        return await first(records)

    async with connect() as log:
        await log.publish(messages(topic, 30, b"a"))
        with pytest.raises(ZeroDivisionError):
            await serve(
                log,
                [Subscription(topic, "g", break_on_the_second_batch, max_records=10)],
                stop=asyncio.Event(),
            )
    async with connect() as log, running(log, Subscription(topic, "g", again)):
        await until(lambda: len(again.records) >= 20)

    assert again.values == [b"%d" % i for i in range(10, 30)]


async def test_again_brings_the_same_records_and_commits_nothing(log: Stream, topic: Topic) -> None:
    batches: list[list[int]] = []

    async def twice_again(records: Sequence[Record]) -> Done | Again:
        batches.append([record.offset for record in records])
        first, last = records[0].offset, records[-1].offset
        return Done(last + 1) if len(batches) > 2 else Again(first)

    await log.publish(messages(topic, 4, b"a"))
    async with running(log, Subscription(topic, "g", twice_again)):
        await until(lambda: sum(len(batch) for batch in batches[2:]) == 4)

    assert batches[0] == batches[1] == batches[2]


async def test_while_a_partition_rests_the_others_go_on_and_then_it_does(
    log: Stream, topic: Topic
) -> None:
    seen, is_away = Seen(), True

    async def without_the_first(records: Sequence[Record]) -> Done | Again:
        if is_away and records[0].key == b"key-0":
            return Again(records[0].offset, later=True)
        return await seen(records)

    one, other = b"key-0", b"key-1"
    assert partition_of(one, 3) != partition_of(other, 3)
    await log.publish([*messages(topic, 1, one), *messages(topic, 5, other)])
    async with running(log, Subscription(topic, "g", without_the_first)):
        await until(lambda: len(seen.records) == 5)
        is_away = False
        await until(lambda: len(seen.records) == 6)

    assert [record.key for record in seen.records] == [other] * 5 + [one]


async def test_a_group_goes_on_where_it_stopped(connect: Connect, topic: Topic) -> None:
    before, after = Seen(), Seen()

    async with connect() as log:
        await log.publish(messages(topic, 20))
        async with running(log, Subscription(topic, "g", before)):
            await until(lambda: len(before.records) == 20)
    async with connect() as log:
        await log.publish([Message(topic, b"key-1", b"new")])
        async with running(log, Subscription(topic, "g", after)):
            await until(lambda: bool(after.records))

    assert after.values == [b"new"]


async def test_another_group_reads_for_itself(log: Stream, topic: Topic) -> None:
    one, other = Seen(), Seen()
    await log.publish(messages(topic, 20))

    async with running(log, Subscription(topic, "one", one), Subscription(topic, "other", other)):
        await until(lambda: len(one.records) == len(other.records) == 20)

    assert sorted(one.values) == sorted(other.values)


async def test_stopping_waits_for_the_batch_in_hand_and_commits_it(
    connect: Connect, topic: Topic
) -> None:
    after, finish, begun = Seen(), asyncio.Event(), asyncio.Event()
    stop = asyncio.Event()

    async def slow(records: Sequence[Record]) -> Done:
        begun.set()
        await finish.wait()
        return Done(records[-1].offset + 1)

    async with connect() as log:
        await log.publish(messages(topic, 5, b"a"))
        service = asyncio.create_task(
            serve(log, [Subscription(topic, "g", slow, max_records=5)], stop=stop)
        )
        await begun.wait()
        stop.set()
        _, unfinished = await asyncio.wait([service], timeout=0.3)
        finish.set()
        await service
    async with connect() as log:
        await log.publish([Message(topic, b"a", b"new")])
        async with running(log, Subscription(topic, "g", after)):
            await until(lambda: bool(after.records))

    assert unfinished == {service}
    assert after.values == [b"new"]


async def test_a_partition_that_moves_is_handed_over_after_its_batch_without_loss_or_double(
    connect: Connect, topic: Topic
) -> None:
    one, other, sent = Seen(), Seen(), messages(topic, 5_000)

    async def slowly(records: Sequence[Record]) -> Done:
        await asyncio.sleep(0.05)
        return await one(records)

    async with (
        connect() as log,
        connect() as another,
        running(log, Subscription(topic, "g", slowly, max_records=10)),
    ):
        n = await publish_until(log, sent, lambda: len(one.records) > 30)
        async with running(another, Subscription(topic, "g", other, max_records=10)):
            n += await publish_until(log, sent[n:], lambda: bool(other.records))
            await until(lambda: len(one.records) + len(other.records) >= n)

    assert sorted(one.values + other.values) == sorted(message.value for message in sent[:n])


async def publish_until(
    log: Stream, sent: Sequence[Message], holds: Callable[[], bool], at_once: int = 20
) -> int:
    """Publish little by little until the condition holds; say how many."""
    for start in range(0, len(sent), at_once):
        if holds():
            return start
        await log.publish(sent[start : start + at_once])
        await asyncio.sleep(0.05)
    raise AssertionError("it never held")


async def test_a_partition_left_behind_is_read_by_who_stays(connect: Connect, topic: Topic) -> None:
    one, other = Seen(), Seen()

    async with (
        connect() as log,
        connect() as another,
        running(log, Subscription(topic, "g", one)),
    ):
        async with running(another, Subscription(topic, "g", other)):
            await log.publish(messages(topic, 70))
            await until(lambda: len(one.records) + len(other.records) == 70)
        n_before = len(one.records)
        await log.publish(messages(topic, 70))
        await until(lambda: len(one.records) + len(other.records) == 140)

    assert len(one.records) == n_before + 70


async def test_who_takes_a_partition_over_says_where_reading_begins(
    log: Stream, topic: Topic
) -> None:
    seen = Seen()

    async def from_the_fourth(partition: int, committed: int) -> int:
        return 3

    await log.publish(messages(topic, 10, b"a"))
    async with running(log, Subscription(topic, "g", seen, take_over=from_the_fourth)):
        await until(lambda: len(seen.records) >= 7)

    assert seen.values == [b"%d" % i for i in range(3, 10)]


async def test_who_takes_a_partition_over_is_told_what_is_committed(
    log: Stream, topic: Topic
) -> None:
    told: list[int] = []
    seen = Seen()

    async def remember(partition: int, committed: int) -> int:
        told.append(committed)
        return committed

    subscription = Subscription(topic, "g", seen, take_over=remember)
    await log.publish(messages(topic, 10, b"a"))
    async with running(log, subscription):
        await until(lambda: len(seen.records) == 10)
    async with running(log, subscription):
        await until(lambda: len(told) == 6)

    assert sorted(told) == [0, 0, 0, 0, 0, 10]


async def test_every_partition_taken_over_is_let_go(log: Stream, topic: Topic) -> None:
    held: set[int] = set()
    most: set[int] = set()

    async def take(partition: int, committed: int) -> int:
        held.add(partition)
        most.add(partition)
        return 0

    async with running(log, Subscription(topic, "g", Seen(), take_over=take, let_go=held.discard)):
        await until(lambda: len(most) == 3)

    assert held == set()


async def test_a_step_may_publish_to_the_topic_it_reads(log: Stream, topic: Topic) -> None:
    seen = Seen()

    async def count_down(records: Sequence[Record]) -> Done:
        counts = [int(record.value or b"") for record in records]
        await log.publish([Message(topic, b"a", b"%d" % (n - 1)) for n in counts if n > 0])
        return await seen(records)

    await log.publish([Message(topic, b"a", b"25")])
    async with running(log, Subscription(topic, "g", count_down)):
        await until(lambda: len(seen.records) == 26)

    assert seen.values[-1] == b"0"


async def test_a_header_that_is_not_utf8_loses_nothing(log: Stream, topic: Topic) -> None:
    seen = Seen()
    sent = messages(topic, 30, b"a")
    sent[7] = sent[7]._replace(headers=(("ce_id", b"\xff\xfe"), ("content-type", b"\xc3")))

    await log.publish(sent)
    async with running(log, Subscription(topic, "g", seen, max_records=5)):
        await until(lambda: len(seen.records) >= 30)

    assert seen.values == [b"%d" % i for i in range(30)]
    assert tuple(seen.records[7].headers) == (("ce_id", b"\xff\xfe"), ("content-type", b"\xc3"))


async def test_a_record_says_when_the_log_took_it(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 1))

    (record,) = [record async for record in log.read(topic)]

    assert 1_700_000_000_000 < record.timestamp_ms < 4_000_000_000_000


async def test_what_can_never_succeed_is_a_dead_letter_with_its_origin(
    log: Stream, topic: Topic
) -> None:
    def refuse_the_third(record: Record) -> list[Message]:
        if record.offset == 2:
            raise MalformedEvent("not readable")
        return []

    sent = [m._replace(headers=(("ce_id", b"\xff"),)) for m in messages(topic, 5, b"a")]
    await log.publish(sent)
    step = answering(refuse_the_third, log, topic, stage="test")
    seen = Seen()
    async with running(
        log, Subscription(topic, "g", step), Subscription(dead_letters_of(topic), "dead", seen)
    ):
        await until(lambda: bool(seen.records))

    (dead,) = seen.records
    headers = dict(dead.headers)
    assert (dead.key, dead.value, headers["ce_id"]) == (b"a", b"2", b"\xff")
    assert headers[REASON] == b"MalformedEvent: not readable"
    assert headers[ORIGIN_TOPIC] == topic.name.encode()
    assert headers[ORIGIN_OFFSET] == b"2"
    assert headers[ORIGIN_PARTITION].isdigit()


async def test_a_flood_of_dead_letters_stops_the_service_and_is_not_committed(
    connect: Connect, topic: Topic
) -> None:
    again = Seen()

    def refuse(record: Record) -> list[Message]:
        raise MalformedEvent("not readable")

    async with connect() as log:
        await log.publish(messages(topic, 20, b"a"))
        step = answering(refuse, log, topic, stage="test", flood=10)
        with pytest.raises(DeadLetterFlood, match="10 messages in a row"):
            await serve(log, [Subscription(topic, "g", step)], stop=asyncio.Event())
        dead = [record async for record in log.read(dead_letters_of(topic))]
    async with connect() as log, running(log, Subscription(topic, "g", again)):
        await until(lambda: len(again.records) >= 20)

    assert dead == []
    assert len(again.records) == 20
