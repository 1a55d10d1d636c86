"""The topics, in their one place."""

import pytest

from epione.messaging import topics


def test_names_are_subject_plural_and_version() -> None:
    assert {topic.name.rpartition(".v")[2] for topic in topics.ALL} == {"1"}


def test_no_topic_is_named_twice() -> None:
    assert len({topic.name for topic in topics.ALL}) == len(topics.ALL)


@pytest.mark.parametrize("topic", topics.CONSUMED, ids=lambda topic: topic.name)
def test_every_topic_that_is_consumed_has_its_dead_letters(topic: topics.Topic) -> None:
    assert topics.dead_letters_of(topic) in topics.ALL


def test_dead_letters_of_identified_data_are_kept_no_longer_than_it() -> None:
    dead = topics.dead_letters_of(topics.HOSPITAL_HL7V2)

    assert dead.retention_ms == topics.HOSPITAL_HL7V2.retention_ms


def test_what_stands_by_key_is_compacted_and_logs_are_kept() -> None:
    compacted = {topic for topic in topics.ALL if topic.compacted}

    assert compacted == {
        topics.PATIENT_PLANS,
        topics.PATIENT_STATES,
        topics.DEAD_REQUEUES,
        topics.IDENTITY_LINKS,
        topics.PATIENT_KEYS,
    }
    assert topics.PATIENT_EVENTS.retention_ms == topics.FOREVER


def test_everything_said_of_patients_is_sealed() -> None:
    dead = {topics.dead_letters_of(topic) for topic in topics.CONSUMED}
    plain = {topic.name for topic in topics.ALL if not topic.sealed and topic not in dead}

    assert plain == {
        *(f"hospital.{kind}.v1" for kind in ("fhir", "hl7v2", "genome")),
        "patient.states.v1",  # sealed as Redis has them
        "dead.requeues.v1",
        "patient.keys.v1",
        "audit.v1",
    }


def test_dead_letters_stay_as_they_came() -> None:
    assert not any(topics.dead_letters_of(topic).sealed for topic in topics.CONSUMED)
