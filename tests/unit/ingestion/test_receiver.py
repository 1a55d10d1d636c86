import json
from collections.abc import AsyncGenerator, Sequence

import httpx
import pytest
from tests.unit.ingestion.genome.test_message import VCF
from tests.unit.ingestion.given import MRN, RULES, patient

from epione.errors import BrokerDown
from epione.messaging import MemoryLog, Message, Record, Topic, topics
from epione_ingestion.receiver import receiver

FHIR = "application/fhir+json"
PATIENT = json.dumps(patient()).encode()
HL7 = b"MSH|^~\\&|LAB|HOSP|||20260301120000+0000||ORU^R01|1|P|2.5.1\rPID|1||12345^^^HOSP^MR"
NAMED = {"ce-patientassigner": MRN, "ce-patientidentifier": "12345", "ce-sample": "COLE_VITO"}


class SilentLog:
    """A broker that does not answer."""

    async def publish(self, messages: Sequence[Message]) -> None:
        raise BrokerDown("no answer")

    async def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        raise NotImplementedError
        yield


def client(log: MemoryLog | SilentLog) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(receiver(log, RULES))
    return httpx.AsyncClient(transport=transport, base_url="http://epione.example")


async def records(log: MemoryLog, topic: Topic) -> list[Record]:
    return [record async for record in log.read(topic)]


@pytest.mark.parametrize(
    ("path", "content_type", "body", "topic"),
    [
        pytest.param("/fhir", FHIR, PATIENT, topics.HOSPITAL_FHIR, id="FHIR"),
        pytest.param("/hl7v2", "application/hl7-v2", HL7, topics.HOSPITAL_HL7V2, id="HL7 v2"),
        pytest.param("/hl7v2", "text/plain", HL7, topics.HOSPITAL_HL7V2, id="HL7 v2 as text"),
        pytest.param("/genomes", "text/x-vcf", VCF, topics.HOSPITAL_GENOME, id="a VCF"),
    ],
)
async def test_what_is_accepted_is_on_the_raw_topic_as_it_came(
    path: str, content_type: str, body: bytes, topic: Topic
) -> None:
    log = MemoryLog()
    async with client(log) as http:
        answer = await http.post(
            path, content=body, headers={"content-type": content_type, **NAMED}
        )

    (record,) = await records(log, topic)
    assert answer.status_code == 202
    assert record.value == body
    assert dict(record.headers)["content-type"] == content_type.encode()
    assert dict(record.headers)["ce_sample"] == b"COLE_VITO"


async def test_the_sender_s_partition_key_becomes_the_record_s() -> None:
    log = MemoryLog()
    headers = {"content-type": FHIR, "ce-partitionkey": "p-7"}
    async with client(log) as http:
        await http.post("/fhir", content=PATIENT, headers=headers)

    assert [record.key for record in await records(log, topics.HOSPITAL_FHIR)] == [b"p-7"]


async def test_without_a_key_the_same_content_has_the_same_one() -> None:
    log = MemoryLog()
    async with client(log) as http:
        for _ in range(2):
            await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})

    first, second = await records(log, topics.HOSPITAL_FHIR)
    assert first.key == second.key


async def test_attributes_are_decoded_from_the_form_that_http_gives_them() -> None:
    log = MemoryLog()
    headers = {"content-type": FHIR, "ce-source": "https://h.example/%C3%A4"}
    async with client(log) as http:
        await http.post("/fhir", content=PATIENT, headers=headers)

    (record,) = await records(log, topics.HOSPITAL_FHIR)
    assert dict(record.headers)["ce_source"] == "https://h.example/ä".encode()


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "detail"),
    [
        pytest.param("/fhir", {"content-type": "text/xml"}, b"<x/>", 415, "fhir+json", id="XML"),
        pytest.param("/fhir", {}, PATIENT, 415, "content-type must be", id="no content type"),
        pytest.param("/fhir", {"content-type": FHIR}, b"Cole", 400, "not JSON", id="no JSON"),
        pytest.param(
            "/fhir", {"content-type": FHIR}, b'{"name": "Cole"}', 400, "resourceType", id="no FHIR"
        ),
        pytest.param(
            "/fhir",
            {"content-type": FHIR, "ce-tenant": "a/b"},
            PATIENT,
            400,
            "ce_tenant",
            id="a tenant that no key can hold",
        ),
        pytest.param(
            "/fhir", {"content-type": FHIR}, b" " * 1_000_001, 413, "1000000 bytes", id="too long"
        ),
        pytest.param(
            "/hl7v2", {"content-type": "text/plain"}, b"Cole", 400, "starts with MSH", id="no HL7"
        ),
        pytest.param(
            "/genomes", {"content-type": "text/x-vcf"}, VCF, 400, "must name", id="no one's genome"
        ),
        pytest.param(
            "/genomes",
            {"content-type": "text/x-vcf"},
            b" " * 262_145,
            413,
            "262144 bytes",
            id="a genome too long",
        ),
    ],
)
async def test_what_is_not_taken_is_said_by_the_rule_and_without_the_patient(
    path: str, headers: dict[str, str], body: bytes, status: int, detail: str
) -> None:
    log = MemoryLog()
    async with client(log) as http:
        answer = await http.post(path, content=body, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert "Cole" not in answer.text
    assert not [record for topic in topics.CONSUMED for record in await records(log, topic)]


async def test_a_sender_is_asked_to_wait_where_the_broker_does_not_answer() -> None:
    async with client(SilentLog()) as http:
        answer = await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})
        ready, live = await http.get("/health/ready"), await http.get("/health/live")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (ready.status_code, live.status_code) == (503, 200)


async def test_it_is_ready_until_the_broker_fails() -> None:
    async with client(MemoryLog()) as http:
        assert (await http.get("/health/ready")).status_code == 200


async def test_only_posts_are_taken() -> None:
    async with client(MemoryLog()) as http:
        assert (await http.get("/fhir")).status_code == 405
