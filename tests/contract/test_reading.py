"""Reading from outside any group."""

import asyncio

from tests.running import messages

from epione.messaging import Message, Stream, Topic


async def test_reading_ends_at_what_was_the_end(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 50))

    read = [record.value async for record in log.read(topic)]

    assert sorted(read, key=lambda value: int(value or b"")) == [b"%d" % i for i in range(50)]


async def test_reading_an_empty_topic_ends(log: Stream, topic: Topic) -> None:
    assert [record async for record in log.read(topic)] == []


async def test_reading_a_key_gives_its_records_alone(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 50))

    read = [record.value async for record in log.read(topic, key=b"key-2")]

    assert read == [b"%d" % i for i in range(2, 50, 7)]


async def test_reading_a_key_again_gives_the_same(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 50))

    once = [record async for record in log.read(topic, key=b"key-2")]
    again = [record async for record in log.read(topic, key=b"key-2")]

    assert once == again


async def test_reading_from_an_offset_gives_the_rest_of_that_partition(
    log: Stream, topic: Topic
) -> None:
    await log.publish(messages(topic, 20, b"a"))
    whole = [record async for record in log.read(topic)]
    partition = whole[0].partition

    read = [record async for record in log.read_from(topic, {partition: 15})]

    assert read == whole[15:]


async def test_reading_from_the_end_gives_nothing(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 20, b"a"))
    (partition,) = {record.partition async for record in log.read(topic)}

    assert [record async for record in log.read_from(topic, {partition: 20})] == []


async def test_a_time_is_found_by_its_first_offset(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 5, b"a"))
    await asyncio.sleep(0.01)
    await log.publish(messages(topic, 5, b"a"))
    records = [record async for record in log.read(topic, key=b"a")]
    partition = records[0].partition

    beginning = await log.offsets_at(topic, 0)
    second = await log.offsets_at(topic, records[5].timestamp_ms)
    end = await log.offsets_at(topic, records[-1].timestamp_ms + 1)

    assert (beginning[partition], second[partition], end[partition]) == (0, 5, 10)
    assert set(beginning) == {0, 1, 2}


async def test_following_gives_what_comes_later(log: Stream, topic: Topic) -> None:
    await log.publish([Message(topic, b"a", b"before")])
    reader = log.read(topic, follow=True)

    before = await anext(reader)
    after, _ = await asyncio.gather(anext(reader), log.publish([Message(topic, b"b", b"after")]))
    await reader.aclose()

    assert (before.value, after.value) == (b"before", b"after")
