"""A raw topic read again, on a log in memory."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import pytest
from tests.vaults import SECRET, vault_on

from epione.errors import BrokerDown
from epione.messaging import (
    Again,
    Done,
    Layout,
    MemoryLog,
    Message,
    Record,
    Subscription,
    Topic,
    topics,
)
from epione.messaging.dead_letter import FLOOD
from epione_cli.operating.rereading import RAW, Living, read_again, subscription_of


@pytest.mark.parametrize("name", RAW)
async def test_any_number_that_cannot_be_read_is_no_flood(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for setting in ("SECRET", "VAULT"):
        monkeypatch.setenv(f"EPIONE_{setting}", SECRET)
    monkeypatch.setenv("EPIONE_KAFKA", "nowhere:1")
    log = MemoryLog()
    living = Living(log)
    reading = subscription_of(RAW[name], living, vault_on(log), reading=1)

    outcome = await reading.step([Record(name, 0, n, b"a", b"\xff", (), 0) for n in range(FLOOD)])

    assert outcome == Done(FLOOD)
    assert living.n_dead == FLOOD
    assert topics.PATIENT_EVENTS.name not in living.published


TOPIC = Topic("raw.v1")
START = {0: 0, 1: 0, 2: 0}


async def filled(log: MemoryLog) -> Mapping[int, int]:
    """Put records into every partition; give how many each has."""
    await log.publish([Message(TOPIC, b"%d" % n, b"") for n in range(100)])
    return await log.offsets_at(TOPIC, 1 << 62)


async def test_every_partition_is_read_to_its_end() -> None:
    log = MemoryLog(Layout(partitions=3))
    ends = await filled(log)
    read: dict[int, int] = {}

    async def step(records: Sequence[Record]) -> Done:
        read[records[0].partition] = records[-1].offset + 1
        return Done(records[-1].offset + 1)

    await read_again(log, Subscription(TOPIC, "g", step, 7), START, lambda n: None)

    assert read == ends


async def test_where_a_batch_is_given_up_all_that_is_left_is_named() -> None:
    log = MemoryLog(Layout(partitions=3))
    ends = await filled(log)

    async def step(records: Sequence[Record]) -> Done | Again:
        first, last = records[0], records[-1]
        return Again(7) if (first.partition, first.offset) == (1, 7) else Done(last.offset + 1)

    with pytest.raises(BrokerDown, match=r"go on with --from 1:7,2:0$"):
        await read_again(log, Subscription(TOPIC, "g", step, 7), START, lambda n: None)
    assert min(ends.values()) > 7


async def test_where_the_log_cannot_be_read_all_that_is_left_is_named() -> None:
    class Away(MemoryLog):
        async def read_from(self, topic: Topic, start: Mapping[int, int]) -> AsyncGenerator[Record]:
            raise BrokerDown("away")
            yield

    async def step(records: Sequence[Record]) -> Done:
        return Done(records[-1].offset + 1)

    with pytest.raises(BrokerDown, match=r"^away; go on with --from 0:0,2:4$"):
        await read_again(Away(), Subscription(TOPIC, "g", step), {2: 4, 0: 0}, lambda n: None)
