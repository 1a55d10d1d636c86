"""What is counted once a batch is done."""

import time

from tests.unit.counted import counted

from epione.errors import MalformedEvent, UnknownPatient
from epione.messaging import Message, Record, Topic, dead_letters_of
from epione.messaging.dead_letter import dead_letter
from epione.messaging.laps import Laps
from epione.messaging.measures import count_published, observe_ages
from epione.telemetry import Stage

TOPIC = Topic("measured.v1")
RECORD = Record(TOPIC.name, 0, 7, b"k", b"poison", (("ce_id", b"1"),), 0)


def letters(fault: str) -> float:
    labels = {"topic": TOPIC.name, "service": "test", "fault": fault}
    return counted("epione_dead_letters_total", **labels)


def test_dead_letters_are_counted_by_the_kind_of_fault_and_other_outputs_are_not() -> None:
    dead = dead_letters_of(TOPIC)
    outputs = [
        Message(Topic("out.v1"), b"k", b"v"),
        dead_letter(RECORD, MalformedEvent("it: is not"), topic=dead, stage="test", attempts=1),
        dead_letter(RECORD, MalformedEvent("nor this"), topic=dead, stage="test", attempts=1),
        dead_letter(RECORD, UnknownPatient("whose?"), topic=dead, stage="test", attempts=1),
    ]

    count_published({"out.v1": 1, dead.name: 3}, outputs)

    assert (letters("MalformedEvent"), letters("UnknownPatient")) == (2, 1)


def test_a_letter_that_failed_before_elsewhere_counts_for_where_it_fails_now() -> None:
    dead = dead_letters_of(TOPIC)
    elsewhere = (("epione_dead_reason", b"RefusedGenome: no"), ("epione_dead_stage", b"other"))
    record = RECORD._replace(headers=elsewhere)

    letter = dead_letter(record, UnknownPatient("?"), topic=dead, stage="again", attempts=1)
    count_published({dead.name: 1}, [letter])

    labels = {"topic": TOPIC.name, "service": "again", "fault": "UnknownPatient"}
    assert counted("epione_dead_letters_total", **labels) == 1


def test_the_age_of_an_answer_is_since_the_log_took_its_message() -> None:
    before = counted("epione_answer_age_seconds_sum")
    now_ms = time.time_ns() // 1_000_000

    observe_ages([now_ms - 2_000, now_ms - 8_000, now_ms + 5_000])

    assert 10 <= counted("epione_answer_age_seconds_sum") - before < 12


def test_each_stage_lasts_from_the_end_of_the_one_before() -> None:
    times = iter([100.0, 101.0, 104.0])
    laps = Laps(TOPIC.name, lambda: next(times))

    laps.done(Stage.ANSWERED)
    laps.done(Stage.PUBLISHED)

    took = {
        stage: counted("epione_stage_seconds_sum", topic=TOPIC.name, stage=stage)
        for stage in (Stage.ANSWERED, Stage.PUBLISHED)
    }
    assert took == {Stage.ANSWERED: 1.0, Stage.PUBLISHED: 3.0}
