import json
from collections.abc import Sequence

import pytest

from epione.errors import MalformedEvent
from epione.messaging import Layout, MemoryLog, Message, Record, dead_letters_of, topics
from epione.messaging.dead_letter import LOGGED_MS, dead_letter
from epione_cli.operating.letters import (
    DONE,
    REQUEUES,
    Letter,
    UnknownLetter,
    again,
    dead_topics,
    letter_at,
    letter_of,
    letters,
    requeue,
    requeued,
)
from epione_cli.operating.places import Place

RAW = topics.HOSPITAL_FHIR
DEAD = dead_letters_of(RAW)
HEADERS = (("content-type", b"application/fhir+json"), ("ce_id", b"\xff"))


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(Layout(partitions=1), now_ms=lambda: 1_000)


def letter(value: bytes = b"name", headers: tuple[tuple[str, bytes], ...] = HEADERS) -> Message:
    original = Record(RAW.name, 2, 12, b"k", value, headers, 900)
    fault = MalformedEvent("$.entry must be a list")
    return dead_letter(original, fault, topic=DEAD, stage="ingestion", attempts=3)


async def all_of(log: MemoryLog) -> list[Letter]:
    return [each async for each in letters(log, dead_topics(""))]


async def sent(log: MemoryLog) -> list[Record]:
    return [record async for record in log.read(RAW)]


async def test_a_letter_says_what_it_is(log: MemoryLog) -> None:
    await log.publish([letter()])

    (found,) = await all_of(log)

    assert found.place == (DEAD.name, 0, 0)
    assert (found.kind, found.stage, found.attempts) == ("MalformedEvent", "ingestion", "3")
    assert found.origin == (RAW.name, 2, 12)
    assert found.reason == "MalformedEvent: $.entry must be a list"


async def test_a_line_says_all_but_what_it_holds(log: MemoryLog) -> None:
    await log.publish([letter()])
    (found,) = await all_of(log)

    line = json.loads(found.line(DONE))

    assert line == {
        "letter": f"{DEAD.name}/0/0",
        "kind": "MalformedEvent",
        "reason": "MalformedEvent: $.entry must be a list",
        "stage": "ingestion",
        "attempts": "3",
        "origin": f"{RAW.name}/2/12",
        "at": "1970-01-01T00:00:01+00:00",
        "requeues": 0,
        "requeued": "done",
    }


@pytest.mark.parametrize("name", ["ce_patientidentifier", "ce_subject", "x-mrn", "CE_PatientName"])
@pytest.mark.parametrize("whole", [False, True], ids=["unasked", "asked"])
def test_what_may_identify_a_patient_is_said_only_if_asked(name: str, whole: bool) -> None:
    written = letter(headers=((name, b"MRN-4711"), ("Content-Type", b"text/vcf")))
    record = Record(DEAD.name, 0, 0, b"k", b"x", written.headers, 0)

    lines = list(letter_of(record).headers(whole=whole))

    assert lines[:2] == [f"{name}: MRN-4711" if whole else name, "Content-Type: text/vcf"]
    assert "epione_dead_reason: MalformedEvent: $.entry must be a list" in lines


async def test_a_letter_of_another_hand_is_listed_all_the_same(log: MemoryLog) -> None:
    await log.publish([Message(DEAD, b"k", b"name")])

    (found,) = await all_of(log)

    assert (found.kind, found.origin.topic) == ("", "")
    with pytest.raises(UnknownLetter, match="which topic"):
        again(found)


async def test_letters_are_given_from_a_time_on(log: MemoryLog) -> None:
    await log.publish([letter()])

    assert [each async for each in letters(log, [DEAD], since_ms=1_001)] == []


@pytest.mark.parametrize("name", [RAW.name, DEAD.name])
def test_a_dead_letter_topic_is_found_by_either_name(name: str) -> None:
    assert dead_topics(name) == (DEAD,)


def test_a_topic_without_dead_letters_is_refused() -> None:
    with pytest.raises(UnknownLetter, match=r"patient\.plans\.v1 has no dead letters"):
        dead_topics("patient.plans.v1")


async def test_a_letter_is_found_at_its_place(log: MemoryLog) -> None:
    await log.publish([letter(b"one"), letter(b"two")])

    assert (await letter_at(log, Place(DEAD.name, 0, 1))).record.value == b"two"


async def test_where_there_is_none_it_is_said(log: MemoryLog) -> None:
    await log.publish([letter()])

    with pytest.raises(UnknownLetter, match="no dead letter"):
        await letter_at(log, Place(DEAD.name, 0, 1))


async def test_a_letter_is_sent_again_as_it_came_and_says_how_often(log: MemoryLog) -> None:
    await log.publish([letter()])

    await requeue(log, await all_of(log))

    (record,) = await sent(log)
    assert (record.key, record.value) == (b"k", b"name")
    assert record.headers == (*HEADERS, (REQUEUES, b"1"), (LOGGED_MS, b"900"))


async def test_what_dies_again_counts_on(log: MemoryLog) -> None:
    await log.publish([letter(headers=(*HEADERS, (REQUEUES, b"1")))])

    (found,) = await all_of(log)

    assert found.n_requeues == 1
    assert again(found).headers == (*HEADERS, (REQUEUES, b"2"), (LOGGED_MS, b"900"))


async def test_a_letter_that_does_not_say_when_its_message_came_came_after_it(
    log: MemoryLog,
) -> None:
    """As former releases wrote them."""
    written = letter()
    headers = tuple(each for each in written.headers if each[0] != LOGGED_MS)
    await log.publish([written._replace(headers=headers)])

    (found,) = await all_of(log)

    assert dict(again(found).headers)[LOGGED_MS] == b"1000"


@pytest.mark.parametrize("text", [b"x", b"", b"-1", b"\xff", b"9" * 5_000])
async def test_what_a_sender_wrote_of_it_that_is_no_count_is_none(
    log: MemoryLog, text: bytes
) -> None:
    await log.publish([letter(headers=(*HEADERS, (REQUEUES, text)))])

    (found,) = await all_of(log)

    assert found.n_requeues == 0


async def test_that_it_was_sent_again_is_written_down(log: MemoryLog) -> None:
    await log.publish([letter()])
    found = await all_of(log)

    await requeue(log, found)

    assert await requeued(log) == {str(found[0].place): DONE}


async def test_where_sending_was_killed_it_is_known_that_it_may_have_been_sent(
    log: MemoryLog,
) -> None:
    class Killed(MemoryLog):
        async def publish(self, messages: Sequence[Message]) -> None:
            if messages[0].topic == RAW:
                raise MemoryError
            await super().publish(messages)

    killed = Killed(Layout(partitions=1), now_ms=lambda: 1_000)
    await killed.publish([letter()])
    found = await all_of(killed)
    with pytest.raises(MemoryError):
        await requeue(killed, found)

    assert await requeued(killed) == {str(found[0].place): b"begun"}


async def test_a_tombstone_is_a_letter_too() -> None:
    record = Record(DEAD.name, 0, 0, b"k", None, letter().headers, 0)

    assert again(letter_of(record)).value == b""
