import asyncio
from collections.abc import Sequence

from epione.errors import BrokerDown
from epione.messaging import Layout, MemoryLog, Message, topics
from epione.privacy import pulse
from epione.privacy.pulse import pulse_key


async def test_every_partition_of_the_keys_gets_a_message_from_time_to_time() -> None:
    log = MemoryLog(Layout(partitions=4))
    beating = asyncio.create_task(pulse(log, 4, every_s=0.01))

    async with asyncio.timeout(5):
        while len(found := [r async for r in log.read(topics.PATIENT_KEYS)]) < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    beating.cancel()

    assert {record.partition for record in found} == {0, 1, 2, 3}
    assert {record.value for record in found} == {None}


async def test_a_kafka_that_is_away_is_waited_for() -> None:
    log, taken = MemoryLog(), asyncio.Event()
    faults = [BrokerDown("away")]

    async def publish(messages: Sequence[Message]) -> None:
        if faults:
            raise faults.pop()
        taken.set()

    log.publish = publish  # type: ignore[method-assign]
    beating = asyncio.create_task(pulse(log, 1, every_s=0.01))

    async with asyncio.timeout(5):
        await taken.wait()
    beating.cancel()


def test_a_pulse_is_no_patients_and_no_key() -> None:
    assert all(b"/" not in pulse_key(n, 6) for n in range(6))
