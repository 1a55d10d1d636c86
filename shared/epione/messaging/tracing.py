"""A step whose traced messages tell a span each; of the others nothing is made.

One trace follows one hospital's message, so every message of a batch has a span of its own. A span
lasts from when the log took its message until what came of it is safe.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from epione.messaging.log import Again, Done, Record, Subscription
from epione.messaging.topics import HOSPITAL_FHIR, HOSPITAL_GENOME, HOSPITAL_HL7V2
from epione.messaging.trace import Context, Marked, begins, own_context, parent_in, traced_of
from epione.operations import Span, Spans

BEGINNINGS = frozenset({HOSPITAL_FHIR.name, HOSPITAL_HL7V2.name, HOSPITAL_GENOME.name})


@dataclass(frozen=True, slots=True)
class Tracing:
    """How a service traces: where its spans go, and what share of hospitals' messages begin one."""

    service: str
    spans: Spans
    ratio: float

    def of(self, subscription: Subscription) -> Subscription:
        """Give the subscription with its step traced."""
        return replace(subscription, step=_Traced(self, subscription))


@dataclass(frozen=True, slots=True)
class _Work:
    """A record that is traced."""

    index: int  # in its batch
    record: Record
    context: Context
    parent: Context | None


class _Traced:
    def __init__(self, tracing: Tracing, subscription: Subscription) -> None:
        self._tracing, self._step = tracing, subscription.step
        self._group, self._is_fold = subscription.group, subscription.take_over is not None

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        works = self._works(records)
        if not works:
            return await self._step(records)
        read_ns = time.time_ns()
        batch = Marked(records)
        for work in works:
            batch.mark(work.index, work.context)
        outcome = await self._step(batch)
        if isinstance(outcome, Done):
            self._tell(works, len(records), read_ns, time.time_ns())
        return outcome

    def _works(self, records: Sequence[Record]) -> list[_Work]:
        """Give what is traced of a batch: what was sent so, and where a trace begins."""
        service, ratio = self._tracing.service, self._tracing.ratio
        may_begin = records[0].topic in BEGINNINGS
        works: list[_Work] = []
        for index in range(len(records)) if may_begin else traced_of(records):
            record = records[index]
            parent = parent_in(record.headers)
            if parent is None:
                if may_begin and begins(record, ratio):
                    works.append(_Work(index, record, own_context(record, service, None), None))
            elif parent.is_sampled:
                context = own_context(record, service, parent.context)
                works.append(_Work(index, record, context, parent.context))
        return works

    def _tell(self, works: Sequence[_Work], n_records: int, read_ns: int, ended_ns: int) -> None:
        # What a fold gives of a key carries on the trace of that key's last message.
        last = {work.record.key: work.context for work in works} if self._is_fold else {}
        for work in works:
            went_on = last.get(work.record.key, work.context)
            self._tracing.spans.tell(
                Span(
                    name=f"process {work.record.topic}",
                    trace_id=work.context.trace_id,
                    span_id=work.context.span_id,
                    parent_id=work.parent.span_id if work.parent else "",
                    began_ns=min(work.record.timestamp_ms * 1_000_000, read_ns),
                    read_ns=read_ns,
                    ended_ns=ended_ns,
                    said=self._said(work.record, n_records),
                    see=went_on if went_on != work.context else None,
                )
            )

    def _said(self, record: Record, n_records: int) -> dict[str, str | int]:
        """Say which message, by OpenTelemetry's semantic conventions 1.37 for messaging."""
        return {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": record.topic,
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "messaging.consumer.group.name": self._group,
            "messaging.batch.message_count": n_records,
        }
