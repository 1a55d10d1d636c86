"""How long each stage of a batch took."""

import time
from collections.abc import Callable
from functools import cache

from prometheus_client import Histogram

from epione.telemetry import STAGE_SECONDS, Stage


@cache
def _seconds(topic: str, stage: Stage) -> Histogram:
    return STAGE_SECONDS.labels(topic, stage)


class Laps:
    """A watch that is pressed at the end of each stage of one batch."""

    def __init__(self, topic: str, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._topic, self._now_s = topic, now_s
        self._at = now_s()

    def done(self, stage: Stage) -> None:
        now = self._now_s()
        _seconds(self._topic, stage).observe(now - self._at)
        self._at = now
