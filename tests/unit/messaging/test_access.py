"""The table of who may do what: complete, and no more than is needed."""

import pytest

from epione.messaging import topics
from epione.messaging.access import (
    GENOMICS,
    HOSPITAL,
    INFERENCE,
    INGESTION,
    READER,
    USERS,
    Access,
    Operation,
    Resource,
)

SERVICES = (INGESTION, GENOMICS, INFERENCE)


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.name)
def test_somebody_writes_every_topic(topic: topics.Topic) -> None:
    assert [access.user for access in USERS if topic in access.writes]


@pytest.mark.parametrize("topic", topics.CONSUMED, ids=lambda topic: topic.name)
def test_one_service_reads_a_topic_and_keeps_its_dead_letters(topic: topics.Topic) -> None:
    (reader,) = [service for service in SERVICES if topic in service.reads]

    assert topics.dead_letters_of(topic) in reader.writes


def test_no_user_and_no_group_is_named_twice() -> None:
    assert len({access.user for access in USERS}) == len(USERS)
    assert len({service.group for service in SERVICES}) == len(SERVICES)


@pytest.mark.parametrize("access", USERS, ids=lambda access: access.user)
def test_who_is_who_is_for_ingestion_alone_to_read(access: Access) -> None:
    assert (topics.IDENTITY_LINKS in access.reads) == (access is INGESTION)


@pytest.mark.parametrize("access", USERS, ids=lambda access: access.user)
def test_who_reads_what_is_sealed_reads_the_keys_too(access: Access) -> None:
    sealed = any(topic.sealed for topic in access.reads)

    assert (topics.PATIENT_KEYS in access.reads) or not sealed


@pytest.mark.parametrize("access", [GENOMICS, INFERENCE, READER], ids=lambda access: access.user)
def test_identified_data_is_for_ingestion_alone(access: Access) -> None:
    raw = {topics.HOSPITAL_FHIR, topics.HOSPITAL_HL7V2, topics.HOSPITAL_GENOME}

    assert not raw & (access.reads | access.writes)


@pytest.mark.parametrize("access", [HOSPITAL, READER], ids=lambda access: access.user)
def test_who_is_outside_creates_nothing_and_has_no_group(access: Access) -> None:
    granted = list(access.grants())

    assert granted
    assert not [grant for grant in granted if grant.operation is Operation.CREATE]
    assert not [grant for grant in granted if grant.resource is Resource.GROUP]
