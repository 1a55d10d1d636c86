"""Services as processes: one that exits is started again, and all are stopped together."""

import asyncio
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine

from epione.errors import Misconfigured
from epione.messaging import stop_on_signals

SERVICES = ("epione_ingestion.app", "epione_genomics.app", "epione_inference.app")
RESTART_AFTER_S = 1.0
SHORT_LIFE_S = 10.0  # to exit sooner is to fail at the start
FAILED_STARTS = 3
READY_POLL_S = 0.2
DRAIN_S = 30.0  # for batches in hand; past it a process is killed, and they come again


async def supervise(address: str, said: str, ops_port: int = 0) -> None:
    """Run the services until a signal says stop.

    Args:
        address: Where ingestion takes messages; shown once it answers.
        said: Shown after it; "" for nothing.
        ops_port: Of the first service's health and metrics, the others' after it; 0 for none.

    Raises:
        Misconfigured: One of them does not stay up.
    """
    with stop_on_signals() as stop:
        running = [
            asyncio.create_task(_keep(module, stop, ops_port and ops_port + n))
            for n, module in enumerate(SERVICES)
        ]
        ready = asyncio.create_task(_say_when_ready(address, said))
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            stop.set()
            ready.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _keep(module: str, stop: asyncio.Event, ops_port: int) -> None:
    """Run a module, again whenever it exits, until told to stop."""
    failed_starts = 0
    while not stop.is_set():
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            env={**os.environ, "EPIONE_OPS_PORT": str(ops_port)},
            start_new_session=True,  # an interrupt of the terminal comes to us alone
        )
        await _either(process.wait(), stop.wait())
        if stop.is_set():
            await _end(process)
            return
        failed_starts = failed_starts + 1 if time.monotonic() - started < SHORT_LIFE_S else 0
        if failed_starts == FAILED_STARTS:
            raise Misconfigured(f"{module} does not stay up; its reason is above")
        print(f"epione: {module} ended; it is started again", file=sys.stderr)
        await _either(asyncio.sleep(RESTART_AFTER_S), stop.wait())


async def _either(*waits: Coroutine[None, None, object]) -> None:
    """Return once one of them has."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a process to stop; kill it where it does not."""
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), DRAIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _say_when_ready(address: str, said: str) -> None:
    while not await asyncio.to_thread(_is_live, address):  # noqa: ASYNC110 - nobody else says so
        await asyncio.sleep(READY_POLL_S)
    print(f"POST to {address}/fhir, /hl7v2 or /genomes; Ctrl-C stops", flush=True)
    if said:
        print(said, flush=True)


def _is_live(address: str) -> bool:
    anyone = ssl.create_default_context()  # it is our own child, and is told nothing
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{address}/health/live", timeout=1, context=anyone) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
