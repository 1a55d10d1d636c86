"""What an operator sees of services that run: health, metrics, traces, log lines; no patient."""

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from tests.collector import Collector, Seen, collecting
from tests.end_to_end.command import EPIONE, environment
from tests.end_to_end.identifiers import leaks
from tests.real_parts import Broker

from epione.messaging import Layout, Topic, topics
from epione.messaging.kafka import KafkaLog, KafkaSettings
from epione.messaging.trace import parent_in
from epione_cli.native_kafka import free_port
from epione_cli.patients import Story, stories
from epione_cli.patients.fhir import ASSIGNER

pytestmark = pytest.mark.kafka

DEADLINE_S = 120
TYPES = {
    "fhir": "application/fhir+json",
    "hl7v2": "application/hl7-v2",
    "genome": "text/x-vcf",
}
PATHS = {"fhir": "fhir", "hl7v2": "hl7v2", "genome": "genomes"}
SERVICES = ("ingestion", "genomics", "inference")
HOSPITAL_SPAN = "00f067aa0ba902b7"


@dataclass(frozen=True, slots=True)
class Running:
    """The services, and where they are seen from."""

    settings: Mapping[str, str]
    ops_port: int
    collector: Collector
    lines: Path

    @property
    def ports(self) -> Mapping[str, int]:
        return {name: self.ops_port + n for n, name in enumerate(SERVICES)}

    def metrics(self) -> str:
        pages = (httpx.get(f"http://127.0.0.1:{port}/metrics") for port in self.ports.values())
        return "\n".join(page.text for page in pages)


@pytest.fixture
def services(own_kafka: Broker, tmp_path: Path) -> Iterator[Running]:
    """The services with everything of operation on, every message traced, once they are ready."""
    ops_port, lines = free_port(len(SERVICES)), tmp_path / "lines.log"
    settings = {
        "EPIONE_KAFKA": own_kafka.bootstrap,
        "EPIONE_SECRET": "0123456789abcdef" * 2,
        "EPIONE_VAULT": "fedcba9876543210" * 2,
        "EPIONE_REPLICATION": "1",
        "EPIONE_MIN_IN_SYNC": "1",
        "EPIONE_HTTP_PORT": str(free_port()),
        "EPIONE_LOG": "json",
        "EPIONE_TRACE_SAMPLE": "1",
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    with collecting() as collector, lines.open("wb") as said:
        settings["EPIONE_TRACES"] = collector.address
        started = subprocess.Popen(
            [*EPIONE, "up", "--ops-port", str(ops_port)],
            env=environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        with started as process:
            running = Running(settings, ops_port, collector, lines)
            try:
                for port in running.ports.values():
                    wait_until_ready(port)
                yield running
            finally:
                process.terminate()
                process.wait(DEADLINE_S)


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail(f"{port}: {httpx.get(f'http://127.0.0.1:{port}/health/ready').text}")


@pytest.fixture
def amara() -> Story:
    return stories(datetime.now(UTC))[0]


def post(services: Running, kind: str, content: bytes, trace_id: str, record: str) -> None:
    token = (Path(services.settings["XDG_DATA_HOME"]) / "epione" / "token").read_text()
    answer = httpx.post(
        f"http://127.0.0.1:{services.settings['EPIONE_HTTP_PORT']}/{PATHS[kind]}",
        content=content,
        headers={
            "authorization": f"Bearer {token}",
            "content-type": TYPES[kind],
            "traceparent": f"00-{trace_id}-{HOSPITAL_SPAN}-01",
            "ce-patientassigner": f"urn:oid:{ASSIGNER}",
            "ce-patientidentifier": record,
            "ce-sample": sample_of(content),
        },
        timeout=DEADLINE_S,
    )
    assert answer.status_code == 202


def sample_of(content: bytes) -> str:
    columns = [line for line in content.split(b"\n") if line.startswith(b"#CHROM")]
    return columns[0].split(b"\t")[-1].strip().decode() if columns else ""


async def traces_on(services: Running, topic: Topic) -> list[str]:
    """Give the trace of each record of a topic, "" where it has none."""
    settings = KafkaSettings(services.settings["EPIONE_KAFKA"], Layout(), create_topics=False)
    async with KafkaLog(settings) as log:
        parents = [parent_in(record.headers) async for record in log.read(topic)]
    return [parent.context.trace_id if parent else "" for parent in parents]


def trace_with(services: Running, told: Set[str], trace_id: str) -> list[Seen]:
    """Give a trace, once these services have told their parts, each in its own time."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        spans = services.collector.of(trace_id)
        if told <= {span.service for span in spans}:
            return spans
        time.sleep(0.1)
    return services.collector.of(trace_id)


def test_one_trace_goes_from_what_is_posted_to_what_is_advised_and_nothing_names_the_patient(
    services: Running, amara: Story
) -> None:
    traces = {str(sent.kind): f"{n:032x}" for n, sent in enumerate(amara.sent, start=1)}
    for sent in amara.sent:
        kind = str(sent.kind)
        post(services, kind, sent.content, traces[kind], sent.person.medical_record)
    chart = trace_with(services, {"ingestion", "inference"}, traces["fhir"])
    genome = trace_with(services, set(SERVICES), traces["genome"])
    metrics, lines = services.metrics(), services.lines.read_text()
    said = "\n".join([metrics, lines, *(span.said for span in services.collector.spans)])
    answered = {
        topic: asyncio.run(traces_on(services, topic))
        for topic in (topics.PATIENT_PLANS, topics.RECOMMENDATIONS)
    }

    assert {span.service for span in chart} == {"ingestion", "inference"}
    assert {span.service for span in genome} == set(SERVICES)
    assert chart[0].parent_id == genome[0].parent_id == HOSPITAL_SPAN
    assert {span.parent_id for span in genome[1:]} <= {span.span_id for span in genome}
    assert all(span.began_ns <= span.ended_ns for span in services.collector.spans)
    assert all(found and set(found) <= set(traces.values()) for found in answered.values())
    assert {json.loads(line)["service"] for line in lines.splitlines()} >= set(SERVICES)
    assert 'epione_reachable{part="state"} 1.0' in metrics
    assert 'epione_partitions_held{topic="patient.events.v1"} 6.0' in metrics
    assert "epione_answer_age_seconds_bucket" in metrics
    charts = [json.loads(sent.content) for sent in amara.sent if sent.kind == "fhir"]
    assert [leaks(each, said) for each in charts] == [[]] * len(charts)
