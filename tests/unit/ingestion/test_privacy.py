"""Nothing that tells who someone is leaves ingestion, but for the raw class of topics."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.protobuf.message import Message as Protobuf
from tests.unit.ingestion import identifiers
from tests.unit.ingestion.given import RULES
from tests.unit.ingestion.test_reference import examples, hl7, hl7_index, synthea

from epione.errors import Rejected
from epione.messaging import Message, Record, topics
from epione.messaging.dead_letter import REASON
from epione.telemetry import UNCONVERTED, UNMAPPED, UNUSED
from epione.v1 import genome_sample_pb2, patient_event_pb2
from epione_ingestion import answer_by

pytestmark = pytest.mark.reference

MESSAGE_OF: dict[str, type[Protobuf]] = {
    topics.PATIENT_EVENTS.name: patient_event_pb2.PatientEvent,
    topics.GENOME_SAMPLES.name: genome_sample_pb2.GenomeSample,
}


def texts_of(message: Protobuf) -> Iterator[str]:
    """Give every text in a message, at any depth."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, Protobuf):
                yield from texts_of(each)
            elif isinstance(each, str):
                yield each


def derived_texts(message: Message) -> Iterator[str]:
    """Give what a derived topic says; of a dead letter only what was not in the raw record."""
    headers = {name: value.decode() for name, value in message.headers}
    if message.topic.name.endswith(".dead.v1"):
        yield headers[REASON]
        return
    yield message.key.decode()
    yield from headers.values()
    if message.topic.name in MESSAGE_OF:
        kind = MESSAGE_OF[message.topic.name]
        yield from texts_of(kind.FromString(message.value))
    else:
        yield message.value.decode("latin-1")  # sealed


def said_of(sent: Record) -> list[str]:
    """Give every text that ingestion derives from a record."""
    topic = next(topic for topic in topics.CONSUMED if topic.name == sent.topic)
    try:
        messages = answer_by(RULES, topic)(sent)
    except Rejected as refusal:
        return [str(refusal)]
    return [text for message in messages for text in derived_texts(message)]


def words(text: str) -> str:
    """Give a text so that a phrase is in it exactly where its words stand together."""
    found = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {found} "


def leaks(sent: Record, found_in: Callable[[bytes], set[str]]) -> set[str]:
    said = words("\n".join(said_of(sent)))
    searched = {words(each) for each in found_in(sent.value or b"")} - {"  ", " "}
    return {each for each in searched if each in said}


def test_no_synthea_patient_is_named(reference_data: Path) -> None:
    found = {leak for sent in synthea(reference_data) for leak in leaks(sent, identifiers.of_fhir)}

    assert found == set()


def test_no_example_of_the_specification_is_named(reference_data: Path) -> None:
    found = {leak for sent in examples(reference_data) for leak in leaks(sent, identifiers.of_fhir)}

    assert found == set()


def test_no_hl7_patient_is_named(reference_data: Path) -> None:
    found = {
        leak
        for row in hl7_index(reference_data)
        for leak in leaks(hl7(reference_data, row), identifiers.of_hl7)
    }

    assert found == set()


def test_the_search_finds_what_there_is_to_be_found(reference_data: Path) -> None:
    (sent,) = [each for each in synthea(reference_data) if b'"Vito"' in (each.value or b"")]

    searched = identifiers.of_fhir(sent.value or b"")

    wanted = {"Vito", "Cole", "999-36-7968", "555-504-6858", "f3cd81f7-b3a3-4665-9875-73a845bc0ac4"}
    assert wanted <= searched
    assert len(searched) > 400


def test_neither_logs_nor_metrics_name_a_patient(
    reference_data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    searched: set[str] = set()
    with caplog.at_level(logging.DEBUG):
        for row in hl7_index(reference_data):
            sent = hl7(reference_data, row)
            said_of(sent)
            searched |= {words(each) for each in identifiers.of_hl7(sent.value or b"")}

    told = words(caplog.text + " ".join(labels_told()))
    assert {each for each in searched - {" ", "  "} if each in told} == set()


def labels_told() -> Iterator[str]:
    """Give the labels of ingestion's metrics."""
    for counter in (UNUSED, UNMAPPED, UNCONVERTED):
        for metric in counter.collect():
            for sample in metric.samples:
                yield from sample.labels.values()
