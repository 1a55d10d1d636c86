"""Giving a producer up: what it still had fails, and the log is not full of it."""

import asyncio
import gc

from aiokafka import TopicPartition
from aiokafka.errors import ProducerClosed
from aiokafka.producer.message_accumulator import MessageAccumulator

from epione.messaging.publishing import _fail_all

AGAIN, SENT, WAITING = (TopicPartition("test.events.v1", number) for number in range(3))


async def a_batch(accumulator: MessageAccumulator, place: TopicPartition) -> asyncio.Future[object]:
    builder = accumulator.create_builder()
    builder.append(timestamp=None, key=b"a", value=b"1")
    waiting: asyncio.Future[object] = await accumulator.add_batch(builder, place, 1)
    return waiting


async def test_what_waits_is_sent_or_is_to_be_sent_again_fails_without_a_complaint() -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said))
    accumulator = MessageAccumulator(None, 1_000, 0, 1)
    futures = [await a_batch(accumulator, place) for place in (AGAIN, SENT, WAITING)]
    accumulator.reenqueue(accumulator._pop_batch(AGAIN))
    accumulator._pop_batch(SENT)

    _fail_all(accumulator)
    await asyncio.sleep(0)
    failed = [type(future.exception()) for future in futures]
    del futures, accumulator
    gc.collect()

    assert failed == [ProducerClosed] * 3
    assert complaints == []
