"""The stateless step, on a log that is a list."""

import threading
from collections.abc import AsyncGenerator, Sequence

import pytest
from tests.vaults import NOW_MS, OWNER, mark, record_of, vault_on

from epione.errors import BrokerDown, GenomeStoreDown, MalformedEvent
from epione.messaging import (
    Again,
    Done,
    MemoryLog,
    Message,
    Patience,
    Record,
    Topic,
    answering,
    dead_letters_of,
)
from epione.messaging.dead_letter import ATTEMPTS, LOGGED_MS
from epione.messaging.log import Headers
from epione.messaging.topics import GENOME_SAMPLES, MAX_MESSAGE_BYTES, PATIENT_EVENTS

RAW, OUT = Topic("raw.v1"), Topic("out.v1")
QUICK = Patience(first_s=0.001, longest_s=0.002, within_s=5.0)


class ListLog:
    """Takes what is published, after failing as often as it is told."""

    def __init__(self, n_failures: int = 0) -> None:
        self.taken: list[Message] = []
        self._n_failures = n_failures

    async def publish(self, messages: Sequence[Message]) -> None:
        if self._n_failures:
            self._n_failures -= 1
            raise BrokerDown("away")
        self.taken += messages

    async def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        raise NotImplementedError
        yield


def records(*values: bytes, first: int = 10) -> list[Record]:
    return [Record(RAW.name, 1, first + i, b"k", value, (), 0) for i, value in enumerate(values)]


def shout(record: Record) -> list[Message]:
    if record.value == b"bad":
        raise MalformedEvent("not a word")
    return [Message(OUT, b"k", (record.value or b"").upper())]


async def test_answers_are_published_in_order_and_the_batch_is_done() -> None:
    log = ListLog()

    outcome = await answering(shout, log, RAW, stage="test")(records(b"a", b"b"))

    assert outcome == Done(12)
    assert [message.value for message in log.taken] == [b"A", b"B"]


async def test_a_rejected_record_leaves_the_others() -> None:
    log = ListLog()

    outcome = await answering(shout, log, RAW, stage="test")(records(b"a", b"bad", b"b"))

    assert outcome == Done(13)
    assert [(m.topic, m.value) for m in log.taken] == [
        (OUT, b"A"),
        (dead_letters_of(RAW), b"bad"),
        (OUT, b"B"),
    ]


async def test_a_record_rejected_half_way_publishes_no_half() -> None:
    log = ListLog()

    def half(record: Record) -> Sequence[Message]:
        return tuple(_half(record))

    def _half(record: Record) -> Sequence[Message]:
        return [Message(OUT, b"k", b"first"), *shout(record)]

    await answering(half, log, RAW, stage="test")(records(b"bad"))

    assert [message.topic for message in log.taken] == [dead_letters_of(RAW)]


async def test_a_broker_that_is_away_for_a_while_is_waited_for() -> None:
    log = ListLog(n_failures=2)

    outcome = await answering(shout, log, RAW, stage="test", patience=QUICK)(records(b"a", b"bad"))

    assert outcome == Done(12)
    assert dict(log.taken[1].headers)[ATTEMPTS] == b"1"


async def test_when_patience_ends_the_batch_is_to_come_again() -> None:
    log = ListLog(n_failures=100)
    hasty = Patience(first_s=0.001, within_s=0.01)

    outcome = await answering(shout, log, RAW, stage="test", patience=hasty)(records(b"a", b"b"))

    assert outcome == Again(10, later=True)
    assert log.taken == []


async def test_an_answer_that_cannot_be_given_now_is_asked_again() -> None:
    log, faults = ListLog(), [GenomeStoreDown("away")]

    def later(record: Record) -> list[Message]:
        if faults:
            raise faults.pop()
        return shout(record)

    outcome = await answering(later, log, RAW, stage="test", patience=QUICK)(records(b"a"))

    assert (outcome, len(log.taken)) == (Done(11), 1)


async def test_what_was_answered_before_a_fault_is_not_answered_again() -> None:
    log, faults, asked = ListLog(), [GenomeStoreDown("away")], []

    def later(record: Record) -> list[Message]:
        asked.append(record.value)
        if record.value == b"b" and faults:
            raise faults.pop()
        return shout(record)

    await answering(later, log, RAW, stage="test", patience=QUICK)(records(b"a", b"b", b"c"))

    assert asked == [b"a", b"b", b"b", b"c"]
    assert [message.value for message in log.taken] == [b"A", b"B", b"C"]


async def test_what_nobody_foresaw_is_raised() -> None:
    def broken(record: Record) -> list[Message]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await answering(broken, ListLog(), RAW, stage="test")(records(b"a"))


async def test_an_answer_too_large_for_its_topic_is_a_dead_letter() -> None:
    log = ListLog()

    def swell(record: Record) -> list[Message]:
        return [Message(OUT, b"k", b"x" * (MAX_MESSAGE_BYTES + 1))]

    await answering(swell, log, RAW, stage="test")(records(b"a"))

    assert [message.topic for message in log.taken] == [dead_letters_of(RAW)]


async def test_slow_answers_are_given_in_a_thread() -> None:
    threads: list[int] = []

    def note(record: Record) -> list[Message]:
        threads.append(threading.get_ident())
        return []

    await answering(note, ListLog(), RAW, stage="test", in_thread=True)(records(b"a"))

    assert threads != [threading.get_ident()]


async def test_answers_are_given_to_be_counted_once_however_often_the_batch_is_tried() -> None:
    log = ListLog(n_failures=2)
    given: list[list[Message]] = []

    await answering(shout, log, RAW, stage="test", patience=QUICK, on_done=given.extend)(
        records(b"a", b"bad")
    )

    assert given == [[Message(OUT, b"k", b"A")]]


async def test_of_a_batch_that_is_given_up_no_answer_is_counted() -> None:
    log = ListLog(n_failures=1)
    given: list[list[Message]] = []
    impatient = Patience(within_s=0.0)

    outcome = await answering(
        shout, log, RAW, stage="test", patience=impatient, on_done=given.extend
    )(records(b"a"))

    assert outcome == Again(10, later=True)
    assert given == []


# ── sealed ──


SEALED_RAW = GENOME_SAMPLES


async def sealed_records(log: MemoryLog, *values: bytes) -> list[Record]:
    dated = [(Message(SEALED_RAW, OWNER, value), 0) for value in values]
    messages = await vault_on(log).sealed(dated)
    return [record_of(each, offset) for offset, each in enumerate(messages)]


def shout_sealed(record: Record) -> list[Message]:
    return [each._replace(topic=PATIENT_EVENTS, key=OWNER) for each in shout(record)]


async def test_records_are_opened_before_they_are_answered_and_answers_are_sealed() -> None:
    log = MemoryLog()
    vault = vault_on(log)
    step = answering(shout_sealed, log, SEALED_RAW, stage="test", vault=vault)

    outcome = await step(await sealed_records(log, b"a", b"b"))

    published = [record async for record in log.read(PATIENT_EVENTS)]
    opened = await vault.opened(published)
    assert outcome == Done(2)
    assert [r.value for r in opened if isinstance(r, Record)] == [b"A", b"B"]
    assert all(record.value not in (b"A", b"B") for record in published)


async def test_a_dead_letter_is_kept_as_it_was_sealed() -> None:
    log = MemoryLog()
    (record,) = await sealed_records(log, b"bad")

    await answering(shout, log, SEALED_RAW, stage="test", vault=vault_on(log))([record])

    (letter,) = [each async for each in log.read(dead_letters_of(SEALED_RAW))]
    assert letter.value == record.value


async def test_a_value_that_does_not_open_is_a_dead_letter() -> None:
    log = MemoryLog()
    (record,) = await sealed_records(log, b"a")
    altered = record._replace(value=(record.value or b"")[:-1] + b"\0")

    await answering(shout, log, SEALED_RAW, stage="test", vault=vault_on(log))([altered])

    assert [each.value async for each in log.read(dead_letters_of(SEALED_RAW))] == [altered.value]


async def test_what_was_forgotten_is_passed_over_and_the_batch_is_done() -> None:
    log = MemoryLog(now_ms=lambda: NOW_MS)
    records = await sealed_records(log, b"a", b"b")
    await log.publish([mark()])
    answered: list[int] = []

    step = answering(
        shout,
        log,
        SEALED_RAW,
        stage="test",
        vault=vault_on(log),
        on_done=lambda answers: answered.append(len(answers)),
    )

    assert (await step(records), answered) == (Done(2), [0])
    assert [each async for each in log.read(OUT)] == []
    assert [each async for each in log.read(dead_letters_of(SEALED_RAW))] == []


@pytest.mark.parametrize(
    ("headers", "n_passed"),
    [
        pytest.param((), 1, id="recorded since"),
        pytest.param(((LOGGED_MS, b"%d" % NOW_MS),), 0, id="recorded before, and sent again"),
    ],
)
async def test_a_message_that_is_sent_again_brings_nobody_back(
    headers: Headers, n_passed: int
) -> None:
    log = MemoryLog(now_ms=lambda: NOW_MS)
    await log.publish([mark()])
    step = answering(shout_sealed, log, RAW, stage="test", vault=vault_on(log))

    await step([Record(RAW.name, 0, 0, b"k", b"a", headers, NOW_MS + 60_000)])

    assert len([record async for record in log.read(PATIENT_EVENTS)]) == n_passed
