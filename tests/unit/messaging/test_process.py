"""A service's process: whenever it is told to stop, and however it fails, it ends as it should."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.running import Seen, messages, until

from epione.errors import Misconfigured
from epione.messaging import MemoryLog, Subscription, Topic, process
from epione.operations import Claims, Verdict
from epione_cli.native_kafka import free_port

TOPIC = Topic("test.v1")
WITHIN_S = 10

PROGRAM = """
from contextlib import asynccontextmanager
from epione import errors
from epione.messaging import process
from epione.settings import ServiceSettings

@asynccontextmanager
async def opened(settings):
    raise {error}
    yield

process.main("test", ServiceSettings, opened)
"""


def is_taken(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def told_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def ended_with(error: str, **settings: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", PROGRAM.format(error=error)]
    environment = {**os.environ, "EPIONE_KAFKA": "127.0.0.1:1", **settings}
    return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)


async def test_a_start_that_waits_is_given_up_and_closed() -> None:
    begun, closed = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def opened() -> AsyncIterator[process.Service]:
        try:
            begun.set()
            await asyncio.Event().wait()  # a broker that never answers
            yield process.Service(MemoryLog(), [])
        finally:
            closed.set()

    running = asyncio.create_task(process.run(opened))
    await begun.wait()
    told_to_stop()
    await asyncio.wait_for(running, WITHIN_S)

    assert closed.is_set()


async def test_a_batch_in_hand_is_done_before_the_end() -> None:
    log, seen = MemoryLog(), Seen()
    await log.publish(messages(TOPIC, 3))

    @asynccontextmanager
    async def opened() -> AsyncIterator[process.Service]:
        yield process.Service(log, [Subscription(TOPIC, "g", seen)])

    running = asyncio.create_task(process.run(opened))
    await until(lambda: len(seen.records) == 3)
    told_to_stop()
    await asyncio.wait_for(running, WITHIN_S)

    assert len(seen.records) == 3


async def test_health_is_told_while_the_start_waits_and_until_the_end() -> None:
    go_on, port = asyncio.Event(), free_port()
    claims = Claims(ready={"state": lambda: Verdict(True, "it answers")})

    @asynccontextmanager
    async def opened() -> AsyncIterator[process.Service]:
        await go_on.wait()
        yield process.Service(MemoryLog(), [], claims=claims)

    async def ready() -> int:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{port}/health/ready")
        return answer.status_code

    running = asyncio.create_task(process.run(opened, process.Door(port=port)))
    await until(lambda: is_taken(port))
    while_opening = await ready()
    go_on.set()
    async with asyncio.timeout(WITHIN_S):
        while await ready() != 200:  # noqa: ASYNC110 - a door tells no one that it changed
            await asyncio.sleep(0.01)
    told_to_stop()
    await asyncio.wait_for(running, WITHIN_S)

    assert while_opening == 503
    assert not is_taken(port)


async def test_what_fails_at_the_start_is_raised() -> None:
    @asynccontextmanager
    async def opened() -> AsyncIterator[process.Service]:
        raise Misconfigured("two runtimes")
        yield

    with pytest.raises(Misconfigured, match="two runtimes"):
        await process.run(opened)


@pytest.mark.parametrize("kind", ["Misconfigured", "StateLost", "DeadLetterFlood", "StateDown"])
def test_an_error_of_ours_is_one_line_and_status_1(kind: str) -> None:
    ended = ended_with(f'errors.{kind}("for a reason")')

    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert line.endswith(f"CRITICAL epione.messaging.process: {kind}: for a reason")


def test_its_line_is_an_object_where_json_is_asked() -> None:
    ended = ended_with('errors.StateDown("for a reason")', EPIONE_LOG="json")

    (line,) = ended.stderr.splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["service"]) == ("CRITICAL", "test")
    assert entry["message"] == "StateDown: for a reason"


def test_a_mistake_of_ours_shows_where_it_was_made() -> None:
    ended = ended_with("ZeroDivisionError()")

    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
