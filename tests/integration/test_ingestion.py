"""The ingestion service as it is run: a process beside a real Kafka."""

import json
import os
import signal
import sys
from asyncio import create_subprocess_exec, sleep, timeout, wait_for
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.real_parts import Broker
from tests.unit.ingestion.given import patient
from tests.vaults import KEYS

from epione.messaging import Layout, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.privacy import opened_records, opened_vault
from epione.timeline import Demographics, Gender
from epione.wire import event_from_wire
from epione_cli.native_kafka import free_port
from epione_ingestion.tokens import Scope, Token, entry_of

DEADLINE_S = 60.0
SECRET = "a secret of the tests, long enough"


@asynccontextmanager
async def service(**settings: str) -> AsyncIterator[Process]:
    environment = {**os.environ, **{f"EPIONE_{name}": text for name, text in settings.items()}}
    process = await create_subprocess_exec(
        sys.executable, "-m", "epione_ingestion.app", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ready(http: httpx.AsyncClient) -> None:
    async with timeout(DEADLINE_S):
        while True:
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await sleep(0.1)


@pytest.mark.kafka
async def test_a_posted_patient_stands_on_its_log_and_a_stop_is_graceful(
    kafka: Broker, tmp_path: Path
) -> None:
    clinic = Token("clinic", "integration", frozenset({Scope.PUBLISH_FHIR}))
    (tmp_path / "tokens.toml").write_text(entry_of("a token", clinic))
    port, layout = free_port(), Layout(replication=1, min_in_sync=1)
    settings = {
        "KAFKA": kafka.bootstrap,
        "SECRET": SECRET,
        "HTTP_PORT": str(port),
        "REPLICATION": "1",
        "MIN_IN_SYNC": "1",
        "TOKENS": str(tmp_path / "tokens.toml"),
    }
    body = json.dumps(patient(birthDate="1970-04-21", gender="male"))
    headers = {"content-type": "application/fhir+json", "authorization": "Bearer a token"}

    async with (
        service(**settings) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        await ready(http)
        answer = await http.post("/fhir", content=body, headers=headers)
        async with (
            KafkaLog(KafkaSettings(kafka.bootstrap, layout)) as log,
            opened_vault(log, KEYS) as vault,
            timeout(DEADLINE_S),
        ):
            async for record in opened_records(log, vault, topics.PATIENT_EVENTS, follow=True):
                if (record.key or b"").startswith(b"integration/"):
                    break
        process.send_signal(signal.SIGTERM)
        ended = await wait_for(process.wait(), DEADLINE_S)

    assert answer.status_code == 202
    assert event_from_wire(record.value).body == Demographics("1970-04-21", Gender.MALE)
    assert ended == 0
