"""The clock of a consuming loop, by a clock that the test winds."""

import pytest

from epione.messaging.patience import MAX_POLL_INTERVAL_S
from epione.messaging.pulse import TURN_WITHIN_S, Pulse


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pulse(clock: Clock) -> Pulse:
    pulse = Pulse(clock)
    pulse.joined()
    return pulse


def test_a_loop_that_turns_lives(pulse: Pulse, clock: Clock) -> None:
    clock.now_s += 10_000
    pulse.turned()

    assert pulse.verdict() == (True, "turned 0 s ago")


@pytest.mark.parametrize(
    ("idle_s", "lives"),
    [
        pytest.param(TURN_WITHIN_S, True, id="an error of the client is slept over"),
        pytest.param(TURN_WITHIN_S + 1, False, id="nobody asks any more"),
    ],
)
def test_a_loop_without_a_batch_must_turn(
    pulse: Pulse, clock: Clock, idle_s: float, lives: bool
) -> None:
    clock.now_s += idle_s

    assert pulse.verdict().holds is lives


@pytest.mark.parametrize(
    ("took_s", "lives"),
    [
        pytest.param(MAX_POLL_INTERVAL_S, True, id="a long batch, or one that waits for Redis"),
        pytest.param(MAX_POLL_INTERVAL_S + 1, False, id="its partitions are others' by now"),
    ],
)
def test_a_batch_in_hand_may_take_as_long_as_its_partitions_are_kept(
    pulse: Pulse, clock: Clock, took_s: float, lives: bool
) -> None:
    with pulse.in_hand():
        clock.now_s += took_s
        verdict = pulse.verdict()

    assert verdict == (lives, f"a batch in hand for {took_s:.0f} s")


def test_a_batch_that_ends_is_a_turn(pulse: Pulse, clock: Clock) -> None:
    with pulse.in_hand():
        clock.now_s += 200

    assert pulse.verdict() == (True, "turned 0 s ago")


def test_a_member_that_waits_for_its_group_lives_however_long(pulse: Pulse, clock: Clock) -> None:
    pulse.left()
    clock.now_s += 10_000

    assert pulse.verdict() == (True, "joining its group")


def test_a_batch_that_hangs_while_its_partitions_are_taken_away_does_not_live(
    pulse: Pulse, clock: Clock
) -> None:
    with pulse.in_hand():
        pulse.left()
        clock.now_s += MAX_POLL_INTERVAL_S + 1
        verdict = pulse.verdict()

    assert not verdict.holds
