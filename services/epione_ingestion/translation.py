"""Raw records to messages: pure, so that a replay gives the same."""

from collections import Counter
from dataclasses import dataclass, replace

from epione.errors import MalformedEvent, Rejected
from epione.identity import patient_key
from epione.messaging import topics
from epione.messaging.cloudevents import headers_of as event_headers
from epione.messaging.log import Message, Record
from epione.timeline import Observation, PatientEvent, Quantity
from epione.wire import event_to_wire, sample_to_wire
from epione_ingestion.conversions import converted
from epione_ingestion.envelope import Envelope, envelope_of, headers_of
from epione_ingestion.fhir import read_fhir
from epione_ingestion.findings import Fact, Findings
from epione_ingestion.genome import read_genome
from epione_ingestion.hl7v2 import read_hl7v2
from epione_ingestion.rules import Rules
from epione_ingestion.terminologies import unmapped_code

SOURCE = "/epione/ingestion"
MOST_REASONS = 20  # that a dead letter names


@dataclass(frozen=True, slots=True)
class Translation:
    """What becomes of one record."""

    messages: tuple[Message, ...]
    refusal: Rejected | None  # of parts of the record, where others were used
    unused: Counter[str]  # by name
    unmapped: Counter[str]  # facts whose code no map knows, by kind
    unconverted: int  # quantities kept in a unit that their consumers do not read


def translate(record: Record, rules: Rules) -> Translation:
    """Translate a record of a hospital topic.

    Raises:
        Rejected: Nothing of it can be used. Where something can, it is, and the rest is refused
            in the translation.
    """
    envelope = envelope_of(record, rules)
    try:
        findings = _findings_of(record, envelope, rules)
    except UnicodeEncodeError as fault:
        raise MalformedEvent("a text holds half of a surrogate pair") from fault
    refusal = _joined(findings.refusals)
    facts = [_in_read_units(fact, findings) for fact in findings.facts]
    messages = (
        *(_event_message(fact, index, envelope) for index, fact in enumerate(facts)),
        *(_sample_message(findings, envelope)),
        *findings.links.values(),
    )
    if refusal is not None and not (facts or findings.samples or findings.unused):
        raise refusal
    if not (messages or findings.unused or refusal):
        findings.unused["message without content"] += 1
    return Translation(
        messages=messages,
        refusal=refusal,
        unused=findings.unused,
        unmapped=Counter(
            type(fact.body).__name__ for fact in facts if unmapped_code(fact.body) is not None
        ),
        unconverted=findings.unconverted,
    )


def _findings_of(record: Record, envelope: Envelope, rules: Rules) -> Findings:
    value = record.value or b""
    if record.topic == topics.HOSPITAL_FHIR.name:
        return read_fhir(value, envelope, rules)
    if record.topic == topics.HOSPITAL_HL7V2.name:
        return read_hl7v2(value, envelope, rules)
    return read_genome(value, headers_of(record), envelope, rules)
