"""Following a whole topic: by both logs, from where it stood."""

import pytest
from tests.contract.conftest import Connect
from tests.running import messages

from epione.messaging import Message, Stream, Topic
from epione.messaging.log import Tail


async def news(tail: Tail) -> list[bytes]:
    return sorted([record.value or b"" async for record in tail.news()])


@pytest.fixture
def sent() -> list[bytes]:
    return sorted(b"%d" % n for n in range(20))


async def test_a_tail_begins_at_the_beginning_and_goes_on_where_it_stood(
    log: Stream, topic: Topic, sent: list[bytes]
) -> None:
    await log.publish(messages(topic, 20))
    tail = log.tail(topic)

    first, none = await news(tail), await news(tail)
    await log.publish([Message(topic, b"k", b"later")])
    later = await news(tail)
    await tail.close()

    assert (first, none, later) == (sent, [], [b"later"])


async def test_a_tail_from_the_end_has_only_what_comes(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 20))
    tail = log.tail(topic, from_end=True)

    first = await news(tail)
    await log.publish([Message(topic, b"k", b"later")])
    later = await news(tail)
    await tail.close()

    assert (first, later) == ([], [b"later"])


async def test_a_tail_that_was_closed_goes_on_all_the_same(log: Stream, topic: Topic) -> None:
    await log.publish(messages(topic, 5))
    tail = log.tail(topic)
    await news(tail)
    await tail.close()
    await log.publish([Message(topic, b"k", b"later")])

    later = await news(tail)
    await tail.close()

    assert later == [b"later"]


async def test_tails_do_not_see_each_other(connect: Connect, topic: Topic) -> None:
    async with connect() as one, connect() as other:
        await one.publish(messages(topic, 3))
        tails = [one.tail(topic), other.tail(topic)]
        read = [await news(tail) for tail in tails]
        for tail in tails:
            await tail.close()

    assert read[0] == read[1] == [b"0", b"1", b"2"]


async def test_a_message_without_a_value_is_a_tombstone(log: Stream, topic: Topic) -> None:
    await log.publish([Message(topic, b"k", b"")])

    (record,) = [record async for record in log.read(topic)]

    assert (record.key, record.value) == (b"k", None)
