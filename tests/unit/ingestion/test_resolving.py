"""Whose a pseudonym is: said to who may know, and never without an entry of the audit."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Sequence

import httpx
import pytest
from tests.unit.ingestion.given import (
    ALIAS,
    BASE,
    KEYS,
    MRN,
    PATIENT,
    RULES,
    fhir,
    patient,
    resource,
)
from tests.vaults import NOW_MS, record_of, vault_on

from epione.errors import BrokerDown
from epione.messaging import MemoryLog, Message, Record, topics
from epione.privacy import Entry, Outcome, entry_of
from epione_ingestion import translate
from epione_ingestion.admission import Admission
from epione_ingestion.rates import Rates
from epione_ingestion.receiver import receiver
from epione_ingestion.resolving import READINGS, resolving
from epione_ingestion.tokens import Doorkeeper, Scope, Token, sha256_of

KNOWN = {
    sha256_of("clerk"): Token("clerk", "north", frozenset({Scope.RESOLVE})),
    sha256_of("south"): Token("southern", "south", frozenset({Scope.RESOLVE})),
    sha256_of("sender"): Token("sender", "north", frozenset({Scope.PUBLISH_FHIR})),
}
ASKED = {"patient": PATIENT, "reason": "to call her"}


@pytest.fixture
async def log() -> MemoryLog:
    """A log that has links of a Patient and of an alias, as ingestion seals them."""
    log = MemoryLog(now_ms=lambda: NOW_MS)
    sent = translate(fhir([patient(), resource("Observation", status="final")]), RULES)
    links = [each for each in sent.messages if each.topic == topics.IDENTITY_LINKS]
    await log.publish(await vault_on(log).sealed([(each, NOW_MS) for each in links]))
    return log


def client(log: MemoryLog, token: str = "clerk", **within_s: float) -> httpx.AsyncClient:
    admission = Admission(Doorkeeper(lambda: KNOWN), Rates(1000.0))
    door = resolving(log, vault_on(log), KEYS, admission, **within_s)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(receiver(log, RULES, admission, also=[door])),
        base_url="http://epione.example",
        headers={"authorization": f"Bearer {token}"} if token else {},
    )


async def asked(log: MemoryLog, body: object = ASKED, token: str = "clerk") -> httpx.Response:
    async with client(log, token) as http:
        return await http.post("/resolve", content=json.dumps(body))


async def entries(log: MemoryLog) -> list[Entry]:
    return [entry_of(record) async for record in log.read(topics.AUDIT)]


@pytest.mark.parametrize(
    ("named", "identifier"),
    [
        pytest.param(PATIENT, {"assigner": MRN, "number": "12345"}, id="a medical record"),
        pytest.param(f"north/{PATIENT}", {"assigner": MRN, "number": "12345"}, id="by its key"),
        pytest.param(ALIAS, {"base": BASE, "reference": "Patient/p1"}, id="an alias"),
    ],
)
async def test_who_may_know_is_told(log: MemoryLog, named: str, identifier: dict[str, str]) -> None:
    answer = await asked(log, {**ASKED, "patient": named})

    assert answer.status_code == 200
    assert answer.json() == {"patient": f"north/{named.removeprefix('north/')}", **identifier}
    assert answer.headers["cache-control"] == "no-store"


async def test_it_is_on_the_audit_with_who_and_why_and_without_the_answer(log: MemoryLog) -> None:
    await asked(log)

    (entry,) = await entries(log)
    assert (entry.who, entry.why, entry.outcome) == ("clerk", "to call her", Outcome.DONE)
    assert entry.patient == f"north/{PATIENT}"
    assert "12345" not in repr(entry)


@pytest.mark.parametrize(
    ("body", "token", "status", "who"),
    [
        pytest.param(ASKED, "", 401, "nobody known", id="without a token"),
        pytest.param(ASKED, "guessed", 401, "nobody known", id="with one that is not known"),
        pytest.param(ASKED, "sender", 403, "sender", id="with one of another scope"),
        pytest.param(
            {**ASKED, "patient": f"north/{PATIENT}"}, "south", 403, "southern", id="of others"
        ),
        pytest.param(ASKED, "south", 404, "southern", id="of nobody there"),
        pytest.param({"patient": PATIENT}, "clerk", 400, "clerk", id="without a reason"),
        pytest.param([1], "clerk", 400, "clerk", id="with what is no question"),
        pytest.param({**ASKED, "reason": "x" * 5_000}, "clerk", 400, "clerk", id="at length"),
    ],
)
async def test_who_may_not_know_is_told_nothing_and_it_is_on_the_audit(
    log: MemoryLog, body: object, token: str, status: int, who: str
) -> None:
    answer = await asked(log, body, token)

    (entry,) = await entries(log)
    assert answer.status_code == status
    assert "12345" not in answer.text
    assert (entry.who, entry.outcome) == (who, Outcome.REFUSED)
    assert str(status) in entry.details


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("urn:oid:1.2|MRN-4711", id="a record number with its assigner"),
        pytest.param("MRN-4711", id="a record number"),
        pytest.param(f"{PATIENT} MRN-4711", id="a record number after a pseudonym"),
        pytest.param(f"MRN/4711/{PATIENT}", id="before it"),
        pytest.param(f"north/{PATIENT}".upper(), id="upper case"),
    ],
)
async def test_what_is_no_pseudonym_is_refused_and_kept_nowhere(log: MemoryLog, typed: str) -> None:
    answer = await asked(log, {**ASKED, "patient": typed})

    (entry,) = await entries(log)
    assert answer.status_code == 400
    assert (entry.patient, entry.details) == ("", "refused with 400")
    assert not any("4711" in said for said in (repr(entry), answer.text))


async def test_a_kafka_that_does_not_answer_is_said_and_few_are_asked_at_once(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, most = 0, 0

    async def silent(*_: object, **__: object) -> AsyncGenerator[Record]:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        try:
            await asyncio.Event().wait()
            yield record_of(Message(topics.IDENTITY_LINKS, b"", b""))
        finally:
            reading -= 1

    with monkeypatch.context() as patched:
        patched.setattr(log, "read", silent)
        async with client(log, read_within_s=0.05) as http:
            questions = [http.post("/resolve", json=ASKED) for _ in range(READINGS + 1)]
            answers = await asyncio.gather(*questions)

    assert {answer.status_code for answer in answers} == {503}
    assert most == READINGS
    assert {entry.details for entry in await entries(log)} == {"refused with 503"}


async def test_a_question_that_does_not_come_is_not_waited_for(log: MemoryLog) -> None:
    async def stuck() -> AsyncGenerator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with client(log, body_within_s=0.05) as http:
        answer = await http.post("/resolve", content=stuck())

    (entry,) = await entries(log)
    assert (answer.status_code, entry.details) == (408, "refused with 408")


async def test_who_has_no_token_cannot_fill_the_audit(log: MemoryLog) -> None:
    async with client(log, "guessed") as http:
        for _ in range(20):
            await http.post("/resolve", content=b"{}")

    assert len(await entries(log)) <= 3


async def test_who_was_forgotten_is_known_no_more(log: MemoryLog) -> None:
    await log.publish([Message(topics.PATIENT_KEYS, f"north/{PATIENT}".encode(), b"{}")])

    assert (await asked(log)).status_code == 404


async def test_what_cannot_be_audited_is_not_answered(log: MemoryLog) -> None:
    async def publish(messages: Sequence[Message]) -> None:
        raise BrokerDown("away")

    log.publish = publish  # type: ignore[method-assign]

    answer = await asked(log)

    assert answer.status_code == 503
    assert "12345" not in answer.text


async def test_the_answer_is_in_no_log_line(
    log: MemoryLog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await asked(log)

    assert "12345" not in caplog.text
