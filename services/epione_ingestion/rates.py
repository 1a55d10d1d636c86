"""How fast each token may send: a bucket that fills steadily, and from which a message takes one.

Each replica counts for itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

BURST_S = 2.0  # of its rate a token may send at once, after it was silent


@dataclass(slots=True)
class _Bucket:
    holds: float  # messages
    at_s: float


class Rates:
    """The buckets, by the name of the token."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets; `per_s` is messages a second, above 0."""
        self._per_s, self._clock = per_s, clock
        self._full = max(1.0, per_s * BURST_S)
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, name: str) -> float:
        """Take a message out and give 0; where none is in, give how long until one is."""
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(self._full, now))
        bucket.holds = min(self._full, bucket.holds + (now - bucket.at_s) * self._per_s)
        bucket.at_s = now
        if bucket.holds < 1.0:
            return (1.0 - bucket.holds) / self._per_s
        bucket.holds -= 1.0
        return 0.0
