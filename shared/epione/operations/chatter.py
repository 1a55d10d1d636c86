"""What the Kafka client warns of in passing, kept out of the log unless it does not pass.

A group's coordinator is not there while a broker starts or the group's topic is made, and a
heart-beat "fails" whenever a member comes or goes. Each such line is held back for as long as its
kind has not gone on for `PASSING_S`; from then on every one is shown. To be put out of the group is
no chatter.
"""

import logging
import time
from collections.abc import Callable

PASSING_S = 30.0
QUIET_S = 60.0  # without one of its kind: what comes then begins anew

# What aiokafka 0.14 says (`consumer/group_coordinator.py`), with its logger.
_LOGGER = "aiokafka.consumer.group_coordinator"
_KINDS = (
    "Group Coordinator Request failed: %s",
    "Heartbeat failed for group %s because it is rebalancing",
    "Heartbeat failed for group %s: coordinator (node %s) is either not started or not valid",
    "Marking the coordinator dead (node %s)for group %s.",
)


class Chatter(logging.Filter):
    """Holds back what passes by itself."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._bursts: dict[str, tuple[float, float]] = {}  # by kind: its first and its last

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != _LOGGER or record.msg not in _KINDS:
            return True
        now = self._now_s()
        first, last = self._bursts.get(record.msg, (now, now))
        if now - last > QUIET_S:
            first = now
        self._bursts[record.msg] = (first, now)
        return now - first > PASSING_S
