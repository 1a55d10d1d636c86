"""The door of operation: what a prober and a scraper are told."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from epione import telemetry
from epione.errors import Misconfigured
from epione.operations import Claims, Health, Verdict, door


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def client(health: Health) -> AsyncIterator[httpx.AsyncClient]:
    async with door(health, "127.0.0.1", 0) as port:
        await connected(port)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client


async def connected(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_while_it_opens_a_service_is_alive_and_not_ready(client: httpx.AsyncClient) -> None:
    live = await client.get("/health/live")
    ready = await client.get("/health/ready")

    assert (live.status_code, live.json()["alive"]) == (200, True)
    assert ready.status_code == 503
    assert ready.json() == {
        "ready": False,
        "why_not": {"start": "it is still opening"},
        "holds": {},
    }


async def test_a_claim_that_does_not_hold_is_named_with_its_reason(
    client: httpx.AsyncClient, health: Health
) -> None:
    down, up = Verdict(False, "no answer for 0.8 s"), Verdict(True, "it answers")
    health.is_open(Claims(ready={"state": lambda: down, "kafka": lambda: up}))

    answer = await client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["why_not"] == {"state": "no answer for 0.8 s"}
    assert answer.json()["holds"] == {"kafka": "it answers"}


async def test_a_loop_that_does_not_turn_is_not_alive(
    client: httpx.AsyncClient, health: Health
) -> None:
    health.is_open(Claims(alive={"reading": lambda: Verdict(False, "no turn for 301 s")}))

    answer = await client.get("/health/live")

    assert (answer.status_code, answer.json()["alive"]) == (503, False)


async def test_metrics_are_in_the_format_of_prometheus(client: httpx.AsyncClient) -> None:
    telemetry.UNCONVERTED.inc(0)

    answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE epione_unconverted_total counter" in answer.text


async def test_no_other_path_is_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/fhir")).status_code == 404


async def test_an_address_that_is_taken_is_the_operators_fault(health: Health) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Misconfigured, match=f"cannot listen on 127.0.0.1:{port}"):
            async with door(health, "127.0.0.1", port):
                pass
