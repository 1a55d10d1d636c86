"""Whose a pseudonym is: said to who may know, and never without an entry of the audit."""

import json
import logging
from collections.abc import Sequence

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
from tests.vaults import NOW_MS, vault_on

from epione.errors import BrokerDown
from epione.messaging import MemoryLog, Message, topics
from epione.privacy import Entry, Outcome, entry_of
from epione_ingestion import translate
from epione_ingestion.admission import Admission
from epione_ingestion.rates import Rates
from epione_ingestion.receiver import receiver
from epione_ingestion.resolving import resolving
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


def client(log: MemoryLog, token: str = "clerk") -> httpx.AsyncClient:
    admission = Admission(Doorkeeper(lambda: KNOWN), Rates(1000.0))
    door = resolving(log, vault_on(log), KEYS, admission)
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
