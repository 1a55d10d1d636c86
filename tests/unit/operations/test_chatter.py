"""What the Kafka client says in passing is held back; what lasts, or means something, is not."""

import logging

import pytest

from epione.operations.chatter import PASSING_S, QUIET_S, Chatter

COORDINATOR = "aiokafka.consumer.group_coordinator"
NO_COORDINATOR = "Group Coordinator Request failed: %s"
REBALANCING = "Heartbeat failed for group %s because it is rebalancing"
PUT_OUT = "Heartbeat failed: local member_id was not recognized; resetting and re-joining group"


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chatter(clock: Clock) -> Chatter:
    return Chatter(clock)


def line(message: str, logger: str = COORDINATOR) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.ERROR, "", 0, message, ("it",), None)


@pytest.mark.parametrize("message", [NO_COORDINATOR, REBALANCING])
def test_what_passes_at_a_start_or_a_rebalance_is_held_back(chatter: Chatter, message: str) -> None:
    assert not chatter.filter(line(message))


def test_a_coordinator_that_stays_away_is_shown(chatter: Chatter, clock: Clock) -> None:
    chatter.filter(line(NO_COORDINATOR))
    clock.now_s += PASSING_S + 1

    assert chatter.filter(line(NO_COORDINATOR))


def test_what_comes_after_a_quiet_time_begins_anew(chatter: Chatter, clock: Clock) -> None:
    chatter.filter(line(NO_COORDINATOR))
    clock.now_s += QUIET_S + 1

    assert not chatter.filter(line(NO_COORDINATOR))


def test_to_be_put_out_of_the_group_is_shown_at_once(chatter: Chatter) -> None:
    assert chatter.filter(line(PUT_OUT))


def test_the_same_words_of_another_logger_are_shown(chatter: Chatter) -> None:
    assert chatter.filter(line(REBALANCING, logger="epione.messaging.kafka"))


def test_the_client_says_it_in_these_words() -> None:
    from aiokafka.consumer import group_coordinator

    source = group_coordinator.__file__
    with open(source) as text:
        said = text.read().replace('"\n                " ', " ")

    assert NO_COORDINATOR in said
    assert REBALANCING in said
