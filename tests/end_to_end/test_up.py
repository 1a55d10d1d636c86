"""`epione up` and the commands around it, from the outside, on a real Kafka."""

import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.end_to_end.command import EPIONE, Ran, environment, epione
from tests.real_parts import Broker

from epione_cli.native_kafka import free_port
from epione_cli.patients import Story, stories
from epione_cli.patients.fhir import ASSIGNER

pytestmark = pytest.mark.kafka

DEADLINE_S = 60
ADVICE = '"action": "acute coronary syndrome or PCI: Avoid clopidogrel'  # ordered, gene known
SECRET = "0123456789abcdef" * 2
TYPES = {"fhir": "application/fhir+json", "hl7v2": "application/hl7-v2"}


@pytest.fixture
def amara() -> Story:
    return stories(datetime.now(UTC))[0]


@pytest.fixture
def record(amara: Story) -> str:
    return f"urn:oid:{ASSIGNER}|{amara.sent[0].person.medical_record}"


@pytest.fixture
def settings(own_kafka: Broker, tmp_path: Path) -> dict[str, str]:
    return {
        "EPIONE_KAFKA": own_kafka.bootstrap,
        "EPIONE_SECRET": SECRET,
        "EPIONE_VAULT": SECRET[::-1],
        "EPIONE_REPLICATION": "1",
        "EPIONE_MIN_IN_SYNC": "1",
        "EPIONE_HTTP_PORT": str(free_port()),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


def token_of(settings: dict[str, str]) -> str:
    """Give the token that `epione up` made."""
    return (Path(settings["XDG_DATA_HOME"]) / "epione" / "token").read_text()


@pytest.fixture
def services(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The services, once they take messages."""
    started = subprocess.Popen(
        [*EPIONE, "up"], env=environment(settings), stdout=subprocess.PIPE, text=True
    )
    with started as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("POST to http://")
        assert process.stdout.readline() == f"export EPIONE_TOKEN={token_of(settings)}\n"
        yield process
        process.terminate()


def asked_until(holds: str, *arguments: str, **settings: str) -> Ran:
    """Ask a command until its answer holds a text."""
    deadline = time.monotonic() + DEADLINE_S
    ran = epione(*arguments, **settings)
    while holds not in ran.out and time.monotonic() < deadline:
        ran = epione(*arguments, **settings)
    return ran


def test_what_is_posted_and_published_becomes_a_plan(
    services: subprocess.Popen[str],
    settings: dict[str, str],
    amara: Story,
    record: str,
    tmp_path: Path,
) -> None:
    address = f"http://127.0.0.1:{settings['EPIONE_HTTP_PORT']}"
    bearer = {"authorization": f"Bearer {token_of(settings)}"}
    for sent in amara.sent:
        if sent.kind in TYPES:
            headers = {"content-type": TYPES[sent.kind], **bearer}
            answer = httpx.post(
                f"{address}/{sent.kind}", content=sent.content, headers=headers, timeout=DEADLINE_S
            )
            assert answer.status_code == 202
    (genome,) = (sent.content for sent in amara.sent if sent.kind == "genome")
    (tmp_path / "genome.vcf").write_bytes(genome)

    published = epione("publish", str(tmp_path / "genome.vcf"), "--patient", record, **settings)
    plan = asked_until(ADVICE, "plan", record, "--json", **settings)
    why_not = epione("why-not", record, "--drug", "warfarin", **settings)
    never = epione("plan", record, "--as-of", "2020-01-01", **settings)

    assert published.out == "1 to hospital.genome.v1\n"
    assert ADVICE in plan.out
    assert why_not.lines[-1].startswith("✗ ")
    assert (never.status, never.err) == (2, "epione: the stream knows no such patient then\n")


def test_an_interrupt_stops_everything(services: subprocess.Popen[str]) -> None:
    services.send_signal(signal.SIGINT)

    assert services.wait(DEADLINE_S) == 0


def test_without_a_secret_it_does_not_start(settings: dict[str, str]) -> None:
    del settings["EPIONE_SECRET"]

    ran = epione("up", **settings)

    assert (ran.status, ran.err) == (1, "epione: EPIONE_SECRET: Field required\n")
