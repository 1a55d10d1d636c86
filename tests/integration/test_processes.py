"""Each service as it is run: a process that waits for what is not there yet, until it is told."""

import os
import signal
import sys
from asyncio import StreamReader, create_subprocess_exec, subprocess, timeout, wait_for

import pytest

DEADLINE_S = 60.0
NOBODY = "127.0.0.1:1"
ENVIRONMENT = {
    **{name: text for name, text in os.environ.items() if not name.startswith("EPIONE_")},
    "EPIONE_KAFKA": NOBODY,
    "EPIONE_STATE": f"redis://{NOBODY}",
    "EPIONE_SECRET": "a secret of the tests, long enough",
    "EPIONE_VAULT": "a vault of the tests that is long enough",
}


async def line_with(text: str, lines: StreamReader) -> str:
    async with timeout(DEADLINE_S):
        while text not in (line := (await lines.readline()).decode()):
            assert line, f"ended without saying {text!r}"
    return line


@pytest.mark.parametrize(
    ("module", "waits_for"),
    [
        pytest.param("epione_ingestion", "waiting for Kafka", id="ingestion"),
        pytest.param("epione_genomics.app", "waiting for Kafka", id="genomics, by its app"),
        pytest.param("epione_inference", "waiting for Redis", id="inference"),
    ],
)
async def test_a_service_told_to_stop_while_it_waits_ends_well(module: str, waits_for: str) -> None:
    process = await create_subprocess_exec(
        sys.executable, "-m", module, env=ENVIRONMENT, stderr=subprocess.PIPE
    )
    assert process.stderr is not None

    await line_with(waits_for, process.stderr)
    process.send_signal(signal.SIGTERM)

    assert await wait_for(process.wait(), DEADLINE_S) == 0


@pytest.mark.parametrize("module", ["epione_ingestion", "epione_genomics", "epione_inference"])
async def test_a_setting_that_is_absent_is_said_in_one_line(module: str) -> None:
    environment = {**ENVIRONMENT}
    del environment["EPIONE_KAFKA"]
    process = await create_subprocess_exec(
        sys.executable, "-m", module, env=environment, stderr=subprocess.PIPE
    )

    _, said = await wait_for(process.communicate(), DEADLINE_S)

    (line,) = said.decode().splitlines()
    assert process.returncode == 1
    assert "Misconfigured: EPIONE_KAFKA: Field required" in line
    assert ENVIRONMENT["EPIONE_SECRET"] not in line
