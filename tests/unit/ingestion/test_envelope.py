from dataclasses import replace

import pytest
from tests.unit.ingestion.given import BASE, RECEIVED, RULES, record

from epione.errors import MalformedEvent
from epione.messaging import Record, topics
from epione.timeline import SourceVersion
from epione_ingestion.envelope import envelope_of


def sent(**headers: str) -> Record:
    return record(topics.HOSPITAL_FHIR.name, b"", 7, headers)


def test_without_headers_the_operator_s_tenant_and_source_count() -> None:
    envelope = envelope_of(sent(), RULES)

    assert (envelope.tenant, envelope.source) == ("north", BASE)


def test_headers_name_tenant_and_source() -> None:
    envelope = envelope_of(sent(ce_tenant="south", CE_Source="https://a.example/"), RULES)

    assert (envelope.tenant, envelope.source) == ("south", "https://a.example")


def test_the_content_type_is_read_without_its_parameters() -> None:
    headers = {"Content-Type": "Application/FHIR+json; charset=utf-8"}
    envelope = envelope_of(record(topics.HOSPITAL_FHIR.name, b"", 0, headers), RULES)

    assert envelope.content_type == "application/fhir+json"


def test_the_delivery_is_named_by_topic_partition_and_offset() -> None:
    envelope = envelope_of(sent(), RULES)

    assert envelope.delivery == "hospital.fhir.v1/0/7"
    assert envelope.receipt == SourceVersion(int(RECEIVED.timestamp()) * 1_000_000 + 7_000, 7)


@pytest.mark.parametrize("tenant", ["", "a/b", "-a", "a b", "a" * 64, "ä"])
def test_a_tenant_that_cannot_be_part_of_a_key_is_refused(tenant: str) -> None:
    with pytest.raises(MalformedEvent, match="ce_tenant"):
        envelope_of(sent(), replace(RULES, tenant=tenant))


def test_a_header_that_is_no_text_does_not_stop_the_others() -> None:
    broken = Record("hospital.fhir.v1", 0, 0, None, b"", (("x", b"\xff"), ("ce_tenant", b"s")), 0)

    assert envelope_of(broken, RULES).tenant == "s"
