import asyncio
import contextlib
import ssl
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.certificates import Authority, Pair
from tests.running import DEADLINE_S, running, until
from tests.unit.ingestion.given import RULES, coded, fhir, resource
from tests.unit.ingestion.hl7v2.messages import obx, oru
from tests.vaults import SECRET as VAULT
from tests.vaults import vault_on

from epione.errors import DeadLetterFlood
from epione.messaging import Done, MemoryLog, Message, Record, topics
from epione.messaging.dead_letter import FLOOD, NO_FLOOD
from epione.operations import Server, listen
from epione.privacy import Vault, opened_records
from epione.timeline import LOINC
from epione.wire import event_from_wire
from epione_ingestion.admission import Admission
from epione_ingestion.app import http_config, subscription, subscriptions
from epione_ingestion.rates import Rates
from epione_ingestion.receiver import receiver
from epione_ingestion.settings import IngestionSettings
from epione_ingestion.tokens import Doorkeeper

NOBODY = Admission(Doorkeeper(dict), Rates(1.0))


async def first(n: int, log: MemoryLog, vault: Vault, topic: topics.Topic) -> list[Record]:
    """Wait for the first records of a topic."""
    records: list[Record] = []
    async with (
        asyncio.timeout(DEADLINE_S),
        contextlib.aclosing(opened_records(log, vault, topic, follow=True)) as all_,
    ):
        async for record in all_:
            records.append(record)
            if len(records) == n:
                break
    return records


async def test_what_hospitals_publish_stands_on_patients_logs() -> None:
    log = MemoryLog()
    vault = vault_on(log)
    weight = resource("Observation", status="final", code=coded(LOINC, "29463-7"))
    raw = [
        Message(topics.HOSPITAL_FHIR, b"a", fhir(weight).value or b""),
        Message(topics.HOSPITAL_HL7V2, b"a", oru(obx()).value or b""),
        Message(topics.HOSPITAL_GENOME, b"a", b"no genome"),
    ]

    async with running(log, *subscriptions(log, vault, RULES)):
        await log.publish(raw)
        events = await first(2, log, vault, topics.PATIENT_EVENTS)
        (letter,) = await first(1, log, vault, topics.dead_letters_of(topics.HOSPITAL_GENOME))

    assert {event_from_wire(event.value).delivery_id.split("/")[0] for event in events} == {
        topics.HOSPITAL_FHIR.name,
        topics.HOSPITAL_HL7V2.name,
    }
    assert letter.value == b"no genome"


@pytest.mark.parametrize("flood", [pytest.param(3, id="a few"), pytest.param(FLOOD, id="said")])
async def test_a_flood_is_of_as_many_as_is_said(flood: int) -> None:
    log = MemoryLog()
    read = subscription(log, vault_on(log), RULES, topics.HOSPITAL_GENOME, flood)

    assert await read.step(rubbish(flood - 1)) == Done(flood - 1)
    with pytest.raises(DeadLetterFlood):
        await read.step(rubbish(1, first=flood))


async def test_where_no_number_is_a_flood_all_become_dead_letters() -> None:
    log = MemoryLog()
    read = subscription(log, vault_on(log), RULES, topics.HOSPITAL_GENOME, NO_FLOOD)

    assert await read.step(rubbish(3 * FLOOD)) == Done(3 * FLOOD)


def rubbish(n: int, first: int = 0) -> list[Record]:
    name = topics.HOSPITAL_GENOME.name
    return [Record(name, 0, first + i, b"a", b"no genome", (), 0) for i in range(n)]


async def test_with_a_certificate_the_door_speaks_tls_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("ingestion")
    server = Server(http_config(receiver(MemoryLog(), RULES, NOBODY), settings_with(pair)))
    listening = asyncio.create_task(listen(server))
    await until(lambda: server.started, "the server")
    door = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=authority.ca)) as http:
        answer = await http.get(f"https://{door}/health/live")
        with pytest.raises(httpx.TransportError):
            await http.get(f"http://{door}/health/live")
    async with httpx.AsyncClient() as stranger:
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            await stranger.get(f"https://{door}/health/live")
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening

    assert answer.status_code == 200


def settings_with(pair: Pair) -> IngestionSettings:
    told = {"kafka": "k:1", "secret": "a secret of the tests, long enough", "vault": VAULT}
    files = {"http_cert": str(pair.cert), "http_key": str(pair.key), "http_port": 0}
    return IngestionSettings.model_validate(told | files)


async def test_the_http_server_answers_until_it_is_stopped() -> None:
    config = uvicorn.Config(receiver(MemoryLog(), RULES, NOBODY), port=0, log_config=None)
    server = Server(config)
    listening = asyncio.create_task(listen(server))
    await until(lambda: server.started, "the server")
    port = server.servers[0].sockets[0].getsockname()[1]

    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/health/ready")
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening

    assert answer.status_code == 200
    assert server.should_exit
    assert not server.servers[0].is_serving()
