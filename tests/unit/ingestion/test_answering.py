from tests.unit.counted import counted
from tests.unit.ingestion.given import RULES, Json, coded, fhir, on_topic, resource

from epione.messaging.dead_letter import REASON
from epione.messaging.topics import HOSPITAL_FHIR, dead_letters_of
from epione.timeline import LOINC
from epione_ingestion import answer_by
from epione_ingestion.answering import count

ANSWER = answer_by(RULES, HOSPITAL_FHIR)


def weight(**elements: object) -> Json:
    defaults = {"status": "final", "code": coded(LOINC, "29463-7"), "valueInteger": 70}
    return resource("Observation", **(defaults | elements))


def test_a_record_is_answered_by_its_messages() -> None:
    assert len(ANSWER(fhir(weight())).messages) == 1


def test_a_part_at_fault_goes_to_the_dead_letters_with_the_whole_record() -> None:
    record = fhir([weight(), weight(status="done")])

    event, letter = ANSWER(record)

    (reason,) = [value for name, value in letter.headers if name == REASON]
    assert letter.topic == dead_letters_of(HOSPITAL_FHIR)
    assert letter.value == record.value
    assert reason.startswith(b"MalformedEvent: entry 1: Observation.status must be one of")
    assert event.topic != letter.topic


def test_what_is_not_used_is_counted_by_its_name() -> None:
    labels = {"topic": HOSPITAL_FHIR.name, "name": "Claim"}
    before = counted("epione_unused_total", **labels)

    count([ANSWER(fhir([{"resourceType": "Claim"}, {"resourceType": "Claim"}]))])

    assert counted("epione_unused_total", **labels) == before + 2


def test_an_answer_alone_counts_nothing_for_its_batch_may_be_tried_again() -> None:
    labels = {"topic": HOSPITAL_FHIR.name, "name": "Coverage"}

    ANSWER(fhir([{"resourceType": "Coverage"}, weight()]))

    assert counted("epione_unused_total", **labels) == 0


def test_unmapped_codes_and_unconverted_units_are_counted() -> None:
    unmapped = counted("epione_unmapped_codes_total", fact="Observation")
    unconverted = counted("epione_unconverted_total")

    count([ANSWER(fhir(weight(code=coded("urn:lab", "WT")))), ANSWER(fhir(weight()))])

    assert counted("epione_unmapped_codes_total", fact="Observation") == unmapped + 1
    assert counted("epione_unconverted_total") == unconverted + 1


def test_a_replayed_record_is_answered_alike() -> None:
    record = fhir([weight(), weight(status="done")])

    assert ANSWER(record).messages == ANSWER(record).messages
    assert on_topic(ANSWER(record).messages, dead_letters_of(HOSPITAL_FHIR))
