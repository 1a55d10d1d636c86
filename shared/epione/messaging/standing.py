"""How one subscription stands: the partitions it holds, how far each is, what was done."""

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence

from epione.messaging.log import Again, Done, Record
from epione.telemetry import (
    AGAIN,
    BATCH,
    HELD,
    LAG,
    MESSAGES_IN,
    REBALANCES,
    STAGE_SECONDS,
    Stage,
)


class Standing:
    """Tells the metrics of one topic, by batch and not by message."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._positions: dict[int, int | None] = {}  # None: as its group left it
        self._batch, self._n_done = BATCH.labels(topic), MESSAGES_IN.labels(topic)
        self._waited_s = STAGE_SECONDS.labels(topic, Stage.WAITED)
        self._held = HELD.labels(topic)
        self._held.set(0)

    @property
    def positions(self) -> Mapping[int, int | None]:
        """By partition that is held, the offset up to which it is done with here."""
        return self._positions

    def dealt(self, partitions: Iterable[int]) -> None:
        self._positions = dict.fromkeys(partitions)
        self._held.set(len(self._positions))
        REBALANCES.labels(self._topic).inc()

    def let_go(self) -> None:
        """Say nothing more of the partitions: others hold them now."""
        for partition in self._positions:
            with contextlib.suppress(KeyError):  # its lag may not have been asked yet
                LAG.remove(self._topic, partition)
        self._positions = {}
        self._held.set(0)

    def ended_at(self, partition: int, end: int, position: int) -> None:
        LAG.labels(self._topic, partition).set(max(0, end - position))

    def begun(self, records: Sequence[Record]) -> None:
        """Take note of a batch that is now in hand."""
        self._batch.observe(len(records))
        waited_s = time.time() - records[0].timestamp_ms / 1000
        self._waited_s.observe(max(0.0, waited_s))

    def ended(self, records: Sequence[Record], outcome: Done | Again) -> None:
        if isinstance(outcome, Again):
            AGAIN.labels(self._topic).inc()
            return
        self._n_done.inc(len(records))
        if records[0].partition in self._positions:
            self._positions[records[0].partition] = outcome.next_offset
