import pytest

from epione_ingestion.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(rates: Rates, name: str, asked: int) -> int:
    """Count how many of so many messages are let through at once."""
    return sum(rates.wait_s(name) == 0.0 for _ in range(asked))


def test_who_was_silent_may_send_a_burst(clock: Clock) -> None:
    assert taken(Rates(10.0, clock), "clinic", 100) == 20


def test_after_the_burst_as_many_are_let_through_as_the_rate_says(clock: Clock) -> None:
    rates = Rates(10.0, clock)
    taken(rates, "clinic", 100)

    clock.now_s += 0.5

    assert taken(rates, "clinic", 100) == 5


def test_who_must_wait_is_told_how_long(clock: Clock) -> None:
    rates = Rates(8.0, clock)
    taken(rates, "clinic", 16)

    wait_s = rates.wait_s("clinic")
    clock.now_s += wait_s

    assert wait_s == pytest.approx(0.125)
    assert taken(rates, "clinic", 2) == 1


def test_silence_is_not_saved_up_past_the_burst(clock: Clock) -> None:
    rates = Rates(10.0, clock)
    taken(rates, "clinic", 1)

    clock.now_s += 3600.0

    assert taken(rates, "clinic", 100) == 20


def test_one_sender_does_not_take_what_is_another_s(clock: Clock) -> None:
    rates = Rates(10.0, clock)
    taken(rates, "clinic", 100)

    assert taken(rates, "laboratory", 100) == 20


def test_a_rate_below_one_still_lets_one_through(clock: Clock) -> None:
    rates = Rates(0.1, clock)

    assert taken(rates, "clinic", 2) == 1
    assert rates.wait_s("clinic") == pytest.approx(10.0)
