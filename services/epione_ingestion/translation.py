"""Raw records to messages: pure, so that a replay gives the same."""

from collections import Counter
from dataclasses import dataclass, replace

from epione.errors import MalformedEvent, Rejected
from epione.messaging import Message, Record, attributes_of, topics
from epione.patient_message import event_message, patient_message
from epione.timeline import Observation, PatientEvent, Quantity
from epione.wire import GenomeSample, sample_to_wire
from epione_ingestion.conversions import converted
from epione_ingestion.envelope import Envelope, envelope_of
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
        return _translated(record, envelope, rules)
    except UnicodeEncodeError as fault:
        raise MalformedEvent("a text holds half of a surrogate pair") from fault
    except RecursionError as fault:
        raise MalformedEvent("it is nested too deeply") from fault


def _translated(record: Record, envelope: Envelope, rules: Rules) -> Translation:
    findings = _findings_of(record, envelope, rules)
    facts = [_in_read_unit(fact, findings) for fact in findings.facts]
    refusal = _joined(findings.refusals)
    if refusal is not None and not (facts or findings.unused):
        raise refusal
    if not (facts or findings.samples or findings.unused):
        findings.unused["message without content"] += 1
    return Translation(
        messages=(
            *(
                event_message(_event(fact, index, envelope, rules.reading), SOURCE)
                for index, fact in enumerate(facts)
            ),
            *(
                _sample_message(replace(sample, reading=rules.reading))
                for sample in findings.samples
            ),
            *findings.links.values(),
        ),
        refusal=refusal,
        unused=findings.unused,
        unmapped=Counter(type(fact.body).__name__ for fact in facts if unmapped_code(fact.body)),
        unconverted=findings.unconverted,
    )


def _findings_of(record: Record, envelope: Envelope, rules: Rules) -> Findings:
    value = record.value or b""
    if record.topic == topics.HOSPITAL_FHIR.name:
        return read_fhir(value, envelope, rules)
    if record.topic == topics.HOSPITAL_HL7V2.name:
        return read_hl7v2(value, envelope, rules)
    return read_genome(value, attributes_of(record.headers), envelope, rules)


def _in_read_unit(fact: Fact, findings: Findings) -> Fact:
    """Give a measurement in the unit that is read; one that cannot be is kept, and counted."""
    body = fact.body
    if not (isinstance(body, Observation) and isinstance(body.value, Quantity)):
        return fact
    quantity = converted(body.code, body.value)
    if quantity is None:
        findings.unconverted += 1
        return fact
    return replace(fact, body=replace(body, value=quantity))


def _joined(refusals: list[Rejected]) -> Rejected | None:
    """Make one refusal of those of a message's parts, of the kind of the first."""
    if not refusals:
        return None
    reasons = [str(refusal) for refusal in refusals[:MOST_REASONS]]
    if len(refusals) > MOST_REASONS:
        reasons.append(f"and {len(refusals) - MOST_REASONS} more")
    return type(refusals[0])("; ".join(reasons))


def _event(fact: Fact, index: int, envelope: Envelope, reading: int) -> PatientEvent:
    return PatientEvent(
        tenant=envelope.tenant,
        patient=fact.patient,
        delivery_id=f"{envelope.delivery}/{index}",
        entity_id=fact.entity_id,
        version=fact.version,
        status=fact.status,
        recorded_at=envelope.recorded_at,
        body=fact.body,
        effective_at=fact.effective_at,
        reading=reading,
    )


def _sample_message(sample: GenomeSample) -> Message:
    return patient_message(
        topics.GENOME_SAMPLES,
        sample.tenant,
        sample.patient,
        sample_to_wire(sample),
        event_id=_named(sample),
        source=SOURCE,
        kind="GenomeSample",
        time=sample.recorded_at,
    )


def _named(sample: GenomeSample) -> str:
    return f"{sample.delivery_id}@{sample.reading}" if sample.reading else sample.delivery_id
