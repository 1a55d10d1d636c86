"""The clock of a consuming loop: that the broker answers says nothing of whether we still ask."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from epione.messaging.patience import MAX_POLL_INTERVAL_S
from epione.operations import Verdict

TURN_WITHIN_S = 60.0  # FastStream sleeps 5 s after an error of the client; a poll takes 0.5 s


class Pulse:
    """When a loop last turned, since when it has a batch in hand, and whether it may turn at all.

    A member that is not in its group has nothing to read: for how long, others decide.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._turned_at_s = now_s()
        self._in_hand_since_s: float | None = None
        self._has_joined = False

    @property
    def has_joined(self) -> bool:
        return self._has_joined

    def joined(self) -> None:
        self._has_joined = True
        self.turned()

    def left(self) -> None:
        self._has_joined = False

    def turned(self) -> None:
        self._turned_at_s = self._now_s()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Have a batch in hand for as long as the block lasts."""
        self._in_hand_since_s = self._now_s()
        try:
            yield
        finally:
            self._in_hand_since_s = None
            self.turned()

    def verdict(self) -> Verdict:
        """Say whether the loop still turns: a longer batch than this loses its partitions anyway.

        >>> Pulse().verdict()
        Verdict(holds=True, said='joining its group')
        """
        now = self._now_s()
        if self._in_hand_since_s is not None:
            took = now - self._in_hand_since_s
            return Verdict(took <= MAX_POLL_INTERVAL_S, f"a batch in hand for {took:.0f} s")
        if not self._has_joined:
            return Verdict(True, "joining its group")
        idle = now - self._turned_at_s
        return Verdict(idle <= TURN_WITHIN_S, f"turned {idle:.0f} s ago")
