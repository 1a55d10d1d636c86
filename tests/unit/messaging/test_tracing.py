"""A traced step: one span for each message that is traced, none for the others."""

from collections.abc import Sequence

import pytest
from tests.unit.messaging.test_step import ListLog

from epione.errors import BrokerDown
from epione.messaging import Again, Done, Record, Subscription, Topic, answering
from epione.messaging.log import Message
from epione.messaging.topics import HOSPITAL_FHIR, PATIENT_EVENTS
from epione.messaging.trace import TRACEPARENT, mark_of, parent_in
from epione.messaging.tracing import Tracing
from epione.operations import Span

OTHER = ("ce_id", b"7")
LOGGED_MS = 1_700_000_000_000
TRACES = ["1" * 32, "2" * 32, "3" * 32]


class Told:
    """Remembers spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def tell(self, span: Span) -> None:
        self.spans.append(span)


class Step:
    """Remembers what it was given, and ends as it is told."""

    def __init__(self, outcome: Done | Again | None = None) -> None:
        self.given: Sequence[Record] = ()
        self._outcome = outcome

    async def __call__(self, records: Sequence[Record]) -> Done | Again:
        self.given = records
        return self._outcome or Done(records[-1].offset + 1)


@pytest.fixture
def told() -> Told:
    return Told()


async def take_over(_: int, _committed: int) -> int:
    return 0


def subscription(step: Step, topic: Topic = PATIENT_EVENTS, folds: bool = False) -> Subscription:
    return Subscription(topic, "g", step, take_over=take_over if folds else None)


def sent_by(trace_id: str, flags: str = "01") -> tuple[tuple[str, bytes], ...]:
    return OTHER, (TRACEPARENT, f"00-{trace_id}-{'a' * 16}-{flags}".encode())


def record(
    offset: int,
    headers: tuple[tuple[str, bytes], ...] = (),
    key: bytes = b"north/1",
    topic: Topic = PATIENT_EVENTS,
) -> Record:
    return Record(topic.name, 2, offset, key, b"v", headers, LOGGED_MS)


async def test_a_batch_without_a_trace_is_given_as_it_is(told: Told) -> None:
    step, batch = Step(), [record(0), record(1, sent_by(TRACES[0], flags="00"))]

    await Tracing("inference", told, 1.0).of(subscription(step)).step(batch)

    assert step.given is batch
    assert told.spans == []


async def test_a_traced_message_has_a_span_from_the_log_to_the_end(told: Told) -> None:
    step = Step()
    batch = [record(0), record(1, sent_by(TRACES[0]))]

    await Tracing("inference", told, 0.0).of(subscription(step)).step(batch)

    (span,) = told.spans
    assert (span.name, span.trace_id) == ("process patient.events.v1", TRACES[0])
    assert span.parent_id == "a" * 16
    assert span.began_ns == LOGGED_MS * 1_000_000 < span.read_ns <= span.ended_ns
    assert span.said["messaging.kafka.offset"] == 1
    assert span.said["messaging.batch.message_count"] == 2


async def test_the_step_is_given_the_service_s_own_span_to_pass_on(told: Told) -> None:
    step = Step()

    await (
        Tracing("inference", told, 0.0)
        .of(subscription(step))
        .step([record(0), record(1, sent_by(TRACES[0]))])
    )

    parent = parent_in(mark_of(step.given[1]))
    assert parent is not None
    assert parent.context == (TRACES[0], told.spans[0].span_id)
    assert step.given[0] == record(0)


async def test_a_hospital_s_message_begins_a_trace(told: Told) -> None:
    raw = record(5, topic=HOSPITAL_FHIR)

    await Tracing("ingestion", told, 1.0).of(subscription(Step(), HOSPITAL_FHIR)).step([raw])

    (span,) = told.spans
    assert span.parent_id == ""
    assert len(span.trace_id) == 32


@pytest.mark.parametrize(
    ("topic", "headers"),
    [
        pytest.param(PATIENT_EVENTS, (), id="not on a topic that is none of a hospital's"),
        pytest.param(HOSPITAL_FHIR, sent_by(TRACES[0], "00"), id="its sender chose not to"),
    ],
)
async def test_no_trace_begins(
    told: Told, topic: Topic, headers: tuple[tuple[str, bytes], ...]
) -> None:
    step = subscription(Step(), topic)

    await Tracing("ingestion", told, 1.0).of(step).step([record(0, headers, topic=topic)])

    assert told.spans == []


async def test_a_batch_that_comes_again_tells_its_spans_once_it_is_done(told: Told) -> None:
    batch = [record(1, sent_by(TRACES[0]))]

    await Tracing("inference", told, 0.0).of(subscription(Step(Again(1)))).step(batch)
    assert told.spans == []
    await Tracing("inference", told, 0.0).of(subscription(Step())).step(batch)

    assert len(told.spans) == 1


async def test_of_one_patient_s_messages_the_last_carries_the_trace_on(told: Told) -> None:
    batch = [
        record(0, sent_by(TRACES[0])),
        record(1, sent_by(TRACES[1])),
        record(2, sent_by(TRACES[2]), key=b"north/2"),
    ]

    await Tracing("inference", told, 0.0).of(subscription(Step(), folds=True)).step(batch)

    first, last, other = told.spans
    assert first.see == (last.trace_id, last.span_id)
    assert (last.see, other.see) == (None, None)


async def test_an_answer_carries_the_trace_of_its_record_and_no_other(told: Told) -> None:
    log, out = ListLog(), Topic("out.v1")

    def answer(record: Record) -> list[Message]:
        return [Message(out, b"k", b"%d" % record.offset)]

    step = answering(answer, log, PATIENT_EVENTS, stage="test")
    traced = Tracing("test", told, 0.0).of(Subscription(PATIENT_EVENTS, "g", step))
    await traced.step([record(0), record(1, sent_by(TRACES[0]))])

    (span,) = told.spans
    plain, marked = log.taken
    assert plain.headers == ()
    assert marked.headers == ((TRACEPARENT, f"00-{TRACES[0]}-{span.span_id}-01".encode()),)


async def test_what_a_step_raises_is_raised(told: Told) -> None:
    async def fails(_: Sequence[Record]) -> Done:
        raise BrokerDown("away")

    traced = Tracing("test", told, 1.0).of(Subscription(PATIENT_EVENTS, "g", fails))

    with pytest.raises(BrokerDown):
        await traced.step([record(0, sent_by(TRACES[0]))])
    assert told.spans == []
