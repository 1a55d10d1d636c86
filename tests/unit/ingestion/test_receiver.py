import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

import httpx
import pytest
from tests.running import until
from tests.unit.ingestion.genome.test_message import VCF
from tests.unit.ingestion.given import MRN, RULES, patient

from epione.errors import BrokerDown
from epione.messaging import MemoryLog, Message, Record, Topic, topics
from epione_ingestion.admission import Admission
from epione_ingestion.rates import Rates
from epione_ingestion.receiver import BODIES, receiver
from epione_ingestion.tokens import Doorkeeper, Scope, Token, Tokens, sha256_of

FHIR = "application/fhir+json"
PATIENT = json.dumps(patient()).encode()
HL7 = b"MSH|^~\\&|LAB|HOSP|||20260301120000+0000||ORU^R01|1|P|2.5.1\rPID|1||12345^^^HOSP^MR"
NAMED = {"ce-patientassigner": MRN, "ce-patientidentifier": "12345", "ce-sample": "COLE_VITO"}


WHOLE = Token("clinic", "north", frozenset(Scope))
LABORATORY = Token("laboratory", "north", frozenset({Scope.PUBLISH_HL7V2}))
KNOWN = {sha256_of("whole"): WHOLE, sha256_of("hl7"): LABORATORY}


class SilentLog:
    """A broker that does not answer."""

    async def publish(self, messages: Sequence[Message]) -> None:
        raise BrokerDown("no answer")

    async def read(
        self, topic: Topic, *, key: bytes | None = None, follow: bool = False
    ) -> AsyncGenerator[Record]:
        raise NotImplementedError
        yield


def client(
    log: MemoryLog | SilentLog,
    *,
    authorization: str = "Bearer whole",
    known: Tokens = KNOWN,
    per_s: float = 1000.0,
    body_within_s: float = 30.0,
) -> httpx.AsyncClient:
    admission = Admission(Doorkeeper(lambda: known), Rates(per_s))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(receiver(log, RULES, admission, body_within_s=body_within_s)),
        base_url="http://epione.example",
        headers={"authorization": authorization} if authorization else {},
    )


async def records(log: MemoryLog, topic: Topic) -> list[Record]:
    return [record async for record in log.read(topic)]


@pytest.mark.parametrize(
    ("path", "content_type", "body", "topic"),
    [
        pytest.param("/fhir", FHIR, PATIENT, topics.HOSPITAL_FHIR, id="FHIR"),
        pytest.param("/hl7v2", "application/hl7-v2", HL7, topics.HOSPITAL_HL7V2, id="HL7 v2"),
        pytest.param("/hl7v2", "text/plain", HL7, topics.HOSPITAL_HL7V2, id="HL7 v2 as text"),
        pytest.param("/genomes", "text/x-vcf", VCF, topics.HOSPITAL_GENOME, id="a VCF"),
        pytest.param(
            "/genomes",
            "text/tab-separated-values",
            b"# caller: Aldy\nCYP2D6\t*1/*4\n",
            topics.HOSPITAL_GENOME,
            id="calls of another caller",
        ),
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
            {"content-type": FHIR, "ce-tenant": "south"},
            PATIENT,
            403,
            "the tenant north alone",
            id="another tenant",
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


@pytest.mark.parametrize("path", ["/fhir", "/hl7v2", "/genomes"])
@pytest.mark.parametrize(
    ("authorization", "status", "challenge"),
    [
        pytest.param("", 401, 'Bearer realm="epione"', id="no token"),
        pytest.param(
            "Bearer guessed", 401, 'Bearer realm="epione", error="invalid_token"', id="a wrong one"
        ),
        pytest.param("Basic d2hvbGU=", 401, 'Bearer realm="epione"', id="another scheme"),
    ],
)
async def test_who_bears_no_token_gets_nothing_in(
    path: str, authorization: str, status: int, challenge: str
) -> None:
    log = MemoryLog()
    async with client(log, authorization=authorization) as http:
        answer = await http.post(path, content=PATIENT, headers={"content-type": FHIR})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (status, challenge)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [record for topic in topics.CONSUMED for record in await records(log, topic)]


async def test_where_no_token_is_known_nobody_gets_anything_in() -> None:
    async with client(MemoryLog(), known={}) as http:
        answer = await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})

    assert answer.status_code == 401


async def test_a_token_of_another_scope_is_told_the_one_that_is_needed() -> None:
    async with client(MemoryLog(), authorization="Bearer hl7") as http:
        answer = await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})

    assert answer.status_code == 403
    assert 'error="insufficient_scope", scope="publish:fhir"' in answer.headers["www-authenticate"]


async def test_a_body_without_a_token_is_not_read() -> None:
    async def unread() -> AsyncGenerator[bytes]:
        pytest.fail("the body was asked for")
        yield b""

    async with client(MemoryLog(), authorization="") as http:
        answer = await http.post("/fhir", content=unread(), headers={"content-type": FHIR})

    assert answer.status_code == 401


async def test_the_tenant_and_the_sender_are_the_token_s_whatever_is_said() -> None:
    log = MemoryLog()
    said = {"content-type": FHIR, "ce-tenant": "north", "ce-sender": "someone"}
    async with client(log) as http:
        await http.post("/fhir", content=PATIENT, headers=said)
        await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})

    for record in await records(log, topics.HOSPITAL_FHIR):
        named = [header for header in record.headers if header[0] in ("ce_tenant", "ce_sender")]
        assert named == [("ce_tenant", b"north"), ("ce_sender", b"clinic")]


async def test_a_tenant_contradicted_in_a_second_header_is_refused() -> None:
    headers = [("content-type", FHIR), ("ce-tenant", "north"), ("ce-tenant", "sou%74h")]
    async with client(MemoryLog()) as http:
        answer = await http.post("/fhir", content=PATIENT, headers=headers)

    assert answer.status_code == 403


async def test_who_sends_too_fast_is_told_when_to_send_again() -> None:
    async with client(MemoryLog(), per_s=0.5) as http:
        first, second = [
            await http.post("/fhir", content=PATIENT, headers={"content-type": FHIR})
            for _ in range(2)
        ]

    assert (first.status_code, second.status_code) == (202, 429)
    assert second.headers["retry-after"] == "2"


async def test_no_more_bodies_are_in_memory_than_there_is_room_for() -> None:
    reading, go_on = 0, asyncio.Event()

    async def slow() -> AsyncGenerator[bytes]:
        nonlocal reading
        reading += 1
        await go_on.wait()
        yield PATIENT

    async with client(MemoryLog()) as http:
        posts = [
            asyncio.create_task(http.post("/fhir", content=slow(), headers={"content-type": FHIR}))
            for _ in range(BODIES + 1)
        ]
        await until(lambda: reading == BODIES, "as many bodies as there is room for")
        await asyncio.sleep(0)
        in_memory = reading
        go_on.set()
        answers = await asyncio.gather(*posts)

    assert in_memory == BODIES
    assert {answer.status_code for answer in answers} == {202}


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def stuck() -> AsyncGenerator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with client(MemoryLog(), body_within_s=0.05) as http:
        answer = await http.post("/fhir", content=stuck(), headers={"content-type": FHIR})

    assert (answer.status_code, answer.json()["detail"]) == (408, "a message is here within 0.05 s")


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("sent", "passed_on"),
    [
        pytest.param(TRACE, [TRACE.encode()], id="a trace goes on"),
        pytest.param("Jane Doe", [], id="what is no traceparent does not"),
    ],
)
async def test_a_trace_of_the_sender_s_goes_on(sent: str, passed_on: list[bytes]) -> None:
    log = MemoryLog()
    async with client(log) as http:
        await http.post(
            "/fhir", content=PATIENT, headers={"content-type": FHIR, "traceparent": sent}
        )

    (record,) = await records(log, topics.HOSPITAL_FHIR)
    assert [value for name, value in record.headers if name == "traceparent"] == passed_on
