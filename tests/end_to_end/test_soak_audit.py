"""Who audits the auditor: in a sound stream it finds nothing, in another what is wrong."""

import asyncio
import copy
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable

import pytest
from tests.end_to_end.soak.audit import audited
from tests.end_to_end.soak.findings import Wrong
from tests.end_to_end.soak.hospital import Fate, Hospital, Outgoing
from tests.end_to_end.soak.ledger import Ledger
from tests.end_to_end.soak.reading import inflated

from epione.errors import Rejected
from epione.identity import keys_of
from epione.medicine.pharmacogenomics import Guidelines
from epione.messaging import Message, Record, Topic, topics
from epione.messaging.dead_letter import dead_letter
from epione.messaging.topics import dead_letters_of
from epione.v1.patient_event_pb2 import PatientEvent
from epione.v1.state_pb2 import PatientState
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference, decode
from epione_ingestion import Rules, translate

N_MESSAGES, BATCH = 600, 40
NOW_MS = 1_770_000_000_000
RULES = Rules(keys_of("a secret of the tests, long enough"))


class Stream:
    """A stream in lists, of one partition a topic, as one process makes it."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.topics: dict[str, list[Record]] = defaultdict(list)
        self.kept: dict[str, bytes] = {}

    async def records(self, topic: Topic) -> AsyncIterator[tuple[str, Record, bytes]]:
        for record in self.topics[topic.name]:
            yield (record.key or b"").decode(), record, record.value or b""

    async def states(self) -> AsyncIterator[tuple[str, PatientState]]:
        for key, state in self.kept.items():
            yield key, inflated(state)

    def put(self, message: Message) -> Record:
        topic, key, value, headers = message
        offset = len(self.topics[topic.name])
        record = Record(topic.name, 0, offset, key, value, headers, NOW_MS + offset)
        self.topics[topic.name].append(record)
        return record

    def ingest(self, sent: Outgoing) -> None:
        """Send a message, and translate it."""
        row = self.ledger.sent(sent)
        record = self.put(Message(sent.topic, sent.key, sent.value, sent.headers))
        row.places.append((record.topic, record.partition, record.offset))
        try:
            translation = translate(record, RULES)
            fault, messages = translation.refusal, translation.messages
        except Rejected as refusal:
            fault, messages = refusal, ()
        if fault is not None:
            dead = dead_letters_of(sent.topic)
            self.put(dead_letter(record, fault, topic=dead, stage="ingestion", attempts=1))
        for message in messages:
            self.put(message)

    async def infer(self) -> None:
        """Fold the log, batch by batch, and what merged records are told by it."""
        answers, at = PreventAnswers(None), 0
        inference = Inference(answers, Guidelines())
        events = self.topics[topics.PATIENT_EVENTS.name]
        while at < len(events):
            batch = [(record, decode(record)) for record in events[at : at + BATCH]]
            folded = await inference(batch, self.kept)
            self.kept |= folded.states
            at += len(batch)
            for message in folded.outputs:
                self.put(message)
        answers.close()


async def sound() -> Stream:
    stream = Stream()
    for message in Hospital(seed=3).messages(N_MESSAGES):
        if message.topic != topics.HOSPITAL_GENOME:
            stream.ingest(message)
    await stream.infer()
    return stream


@pytest.fixture(scope="module")
def made() -> Stream:
    return asyncio.run(sound())


@pytest.fixture
def stream(made: Stream) -> Stream:
    """A sound stream, to be spoilt."""
    return copy.deepcopy(made)


async def test_of_a_sound_stream_nothing_is_found_wrong(stream: Stream) -> None:
    found = await audited(stream.ledger, stream, n_folded=100)

    assert found.examples == []
    assert min(found.checked.values()) > 0


Tamper = Callable[[Stream], object]


def own_results(stream: Stream) -> list[Record]:
    """Give the entries of one log that came from one hospital topic, in order."""
    events = stream.topics[topics.PATIENT_EVENTS.name]
    by_key: dict[bytes, list[Record]] = defaultdict(list)
    for record in events:
        event = PatientEvent.FromString(record.value or b"")
        if event.WhichOneof("body") == "observation" and not event.origin:
            by_key[record.key or b""].append(record)
    return max(by_key.values(), key=len)


def lose_an_entry(stream: Stream) -> None:
    stream.topics[topics.PATIENT_EVENTS.name].remove(own_results(stream)[5])


def swap_two_entries(stream: Stream) -> None:
    events = stream.topics[topics.PATIENT_EVENTS.name]
    first, second = (events.index(record) for record in own_results(stream)[20:22])
    events[first], events[second] = events[second], events[first]


def say_something_else(stream: Stream) -> None:
    events = stream.topics[topics.PATIENT_EVENTS.name]
    record = own_results(stream)[5]
    event = PatientEvent.FromString(record.value or b"")
    event.observation.quantity.value += 1
    events[events.index(record)] = record._replace(value=event.SerializeToString())


def put_on_another_log(stream: Stream) -> None:
    events = stream.topics[topics.PATIENT_EVENTS.name]
    record = own_results(stream)[5]
    other = next(each for each in events if each.key != record.key)
    events[events.index(record)] = record._replace(key=other.key)


def invent_an_entry(stream: Stream) -> None:
    record = own_results(stream)[5]
    event = PatientEvent.FromString(record.value or b"")
    event.delivery_id = "hospital.hl7v2.v1/0/999999/0"
    stream.put(Message(topics.PATIENT_EVENTS, record.key or b"", event.SerializeToString()))


def lose_a_dead_letter(stream: Stream) -> None:
    stream.topics[dead_letters_of(topics.HOSPITAL_HL7V2).name].pop()


def dead_letter_a_good_message(stream: Stream) -> None:
    good = next(row for row in stream.ledger.rows.values() if row.facts and row.fate is Fate.USED)
    topic, _, offset = good.places[0]
    record = stream.topics[topic][offset]
    dead = dead_letters_of(Topic(topic))
    stream.put(dead_letter(record, Rejected("no"), topic=dead, stage="ingestion", attempts=1))


def deflated(state: PatientState) -> bytes:
    return PatientState(deflated=zlib.compress(state.SerializeToString())).SerializeToString()


def forget_a_fact_of_a_state(stream: Stream) -> None:
    key = (own_results(stream)[0].key or b"").decode()
    state = inflated(stream.kept[key])
    del state.events[3]
    stream.kept[key] = deflated(state)


def double_a_fact_of_a_state(stream: Stream) -> None:
    key = (own_results(stream)[0].key or b"").decode()
    state = inflated(stream.kept[key])
    state.events.append(state.events[3])
    stream.kept[key] = deflated(state)


def lose_the_last_plan(stream: Stream) -> None:
    plans = stream.topics[topics.PATIENT_PLANS.name]
    key = own_results(stream)[0].key
    plans.remove(next(plan for plan in reversed(plans) if plan.key == key))


def lose_a_recommendation(stream: Stream) -> None:
    changes = stream.topics[topics.RECOMMENDATIONS.name]
    key = own_results(stream)[0].key
    changes.remove(next(change for change in reversed(changes) if change.key == key))


@pytest.mark.parametrize(
    ("tamper", "kind", "what"),
    [
        pytest.param(lose_an_entry, Wrong.LOST, "not on its log", id="an entry is lost"),
        pytest.param(swap_two_entries, Wrong.OUT_OF_ORDER, "an entry", id="two entries swapped"),
        pytest.param(
            say_something_else, Wrong.LOST, "says something else", id="a value is another"
        ),
        pytest.param(
            put_on_another_log, Wrong.DOUBLE, "on another patient's log", id="another's log"
        ),
        pytest.param(
            invent_an_entry, Wrong.DOUBLE, "an entry that nobody sent", id="nobody sent it"
        ),
        pytest.param(lose_a_dead_letter, Wrong.LOST, "no dead letter", id="no dead letter"),
        pytest.param(
            dead_letter_a_good_message,
            Wrong.DOUBLE,
            "a good message is a dead letter",
            id="a good message refused",
        ),
        pytest.param(
            forget_a_fact_of_a_state, Wrong.LOST, "not in the state", id="a state forgets"
        ),
        pytest.param(
            double_a_fact_of_a_state, Wrong.DOUBLE, "twice in the state", id="a state counts twice"
        ),
        pytest.param(
            lose_the_last_plan,
            Wrong.DOUBLE,
            "a plan that is not the fold of its log",
            id="an older plan stands",
        ),
        pytest.param(
            lose_a_recommendation, Wrong.DOUBLE, "a downstream reader's set", id="an advice unsaid"
        ),
    ],
)
async def test_what_is_wrong_is_found_and_named(
    stream: Stream, tamper: Tamper, kind: Wrong, what: str
) -> None:
    tamper(stream)

    found = await audited(stream.ledger, stream, n_folded=100)

    assert found.wrong[kind][what] > 0
