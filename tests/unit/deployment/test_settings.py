"""What k8s/ and docker-compose.yml tell the services is what the services read."""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml
from tests.unit.deployment.kustomization import K8S, Object, containers_of, objects_of, template_of
from tests.unit.deployment.told import (
    OF_COMMANDS,
    SECRET,
    SETTINGS,
    environment_of,
    variables_of,
)

from epione.messaging.access import USERS
from epione.messaging.dead_letter import FLOOD
from epione.messaging.kafka import KafkaSettings
from epione.operations.door import app as ops_app
from epione.operations.health import Health
from epione.settings import PREFIX, ServiceSettings, settings_of

REPOSITORY = K8S.parent
OVERLAYS = ("cpu", "gpu")
PLACES = [*OVERLAYS, "compose"]
COMMANDS = {"console", "cli", "snapshot"}
HOW_TO_READ = [
    f"{PREFIX}{name}"
    for name in ("TENANT", "SOURCE", "ZONE", "ASSIGNERS", "MAPS", "GENOME_HOSTS", "GENOME_ROOTS")
]
MARGIN_S = 10  # for what follows a drain: commits, and connections that close


@cache
def compose() -> Mapping[str, Any]:
    """Give docker-compose.yml with a value for each variable that it asks for."""
    text = (REPOSITORY / "docker-compose.yml").read_text()
    asked = re.sub(r"\$\{\w+:\?[^}]*\}", SECRET, text)
    return dict(yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", asked)))


@cache
def told(place: str) -> Mapping[str, Mapping[str, str]]:
    """Give the environment of each container of Epione's own."""
    if place == "compose":
        found = {name: each.get("environment", {}) for name, each in compose()["services"].items()}
    else:
        objects = objects_of(K8S / place)
        found = {
            container["name"]: environment_of(container, objects)
            for each in objects
            for container in containers_of(each)
        }
    return {name: found[name] for name in found if name in SETTINGS or name in COMMANDS}


def told_to_all(place: str) -> set[str]:
    """Give the variables that every pod is told, whether it reads them or not."""
    if place == "compose":
        return set()
    (settings,) = (each for each in objects_of(K8S / place) if each["kind"] == "ConfigMap")
    return set(settings["data"])


def container(place: str, name: str) -> Object:
    (found,) = (
        each
        for made in objects_of(K8S / place)
        for each in containers_of(made)
        if each["name"] == name
    )
    return found


def as_told(monkeypatch: pytest.MonkeyPatch, place: str, service: str) -> ServiceSettings:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in told(place)[service].items():
        monkeypatch.setenv(name, value)
    settings = settings_of(SETTINGS[service])
    assert isinstance(settings, ServiceSettings)
    return settings


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("service", SETTINGS)
def test_a_service_reads_every_variable_that_it_is_told(place: str, service: str) -> None:
    named = {name for name in told(place)[service] if name.startswith(PREFIX)}

    assert named - variables_of(SETTINGS[service]) <= told_to_all(place)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_all_are_told_some_read(overlay: str) -> None:
    assert told_to_all(overlay) <= variables_of(*SETTINGS.values())


@pytest.mark.parametrize("place", PLACES)
def test_the_commands_read_every_variable_that_they_are_told(place: str) -> None:
    named = {
        name
        for command in told(place).keys() & COMMANDS
        for name in told(place)[command]
        if name.startswith(PREFIX)
    }

    assert named - variables_of(*OF_COMMANDS) == set()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("service", SETTINGS)
def test_a_service_is_told_all_that_it_needs(
    monkeypatch: pytest.MonkeyPatch, place: str, service: str
) -> None:
    assert as_told(monkeypatch, place, service).kafka


@pytest.mark.parametrize("place", PLACES)
def test_inference_is_not_told_the_secret_that_names_patients(place: str) -> None:
    assert "EPIONE_SECRET" not in told(place)["inference"]


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SETTINGS)
def test_health_is_asked_at_the_port_that_answers(
    monkeypatch: pytest.MonkeyPatch, overlay: str, service: str
) -> None:
    ports = {each["name"]: each["containerPort"] for each in container(overlay, service)["ports"]}

    settings = as_told(monkeypatch, overlay, service)

    assert (settings.ops_host, settings.ops_port) == ("0.0.0.0", ports["ops"])


@pytest.mark.parametrize("place", PLACES)
def test_messages_are_taken_at_the_port_that_is_published(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "compose":
        published = int(compose()["services"]["ingestion"]["ports"][0].rpartition(":")[2])
    else:
        ports = container(place, "ingestion")["ports"]
        (published,) = (each["containerPort"] for each in ports if each["name"] == "http")

    settings = as_told(monkeypatch, place, "ingestion")

    assert (settings.model_dump()["http_host"], settings.model_dump()["http_port"]) == (
        "0.0.0.0",
        published,
    )


def asked_paths() -> list[str]:
    """Give every path that a probe asks."""
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    asked = {
        container(overlay, service)[probe]["httpGet"]["path"]
        for overlay in OVERLAYS
        for service in SETTINGS
        for probe in probes
    }
    test = compose()["services"]["ingestion"]["healthcheck"]["test"]
    return sorted(asked | set(re.findall(r"9464(/[a-z/]+)", " ".join(test))))


@pytest.mark.parametrize("path", asked_paths())
async def test_a_path_that_is_asked_is_answered(path: str) -> None:
    statuses: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        statuses.extend(value for key, value in message.items() if key == "status")

    async def receive() -> dict[str, Any]:
        return {}

    await ops_app(Health())({"path": path}, receive, send)

    assert statuses
    assert statuses != [404]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("service", SETTINGS)
def test_a_flood_is_as_many_as_the_code_says_until_an_operator_says_so(
    monkeypatch: pytest.MonkeyPatch, place: str, service: str
) -> None:
    assert as_told(monkeypatch, place, service).flood == FLOOD


def test_compose_tells_one_broker_and_redis_what_it_tells_the_services() -> None:
    services = compose()["services"]

    kafka = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]

    assert kafka == f"PLAINTEXT://{told('compose')['ingestion']['EPIONE_KAFKA']}"
    assert {services[name]["command"][-1] for name in ("state", "cache")} == {SECRET}
    assert f":{SECRET}@state:6379" in told("compose")["inference"]["EPIONE_STATE"]


def test_a_static_member_is_named_by_its_pod_and_outlives_a_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (inference,) = (
        each
        for each in objects_of(K8S / "base")
        if (each["kind"], each["metadata"]["name"]) == ("StatefulSet", "inference")
    )
    pod = inference["spec"]["template"]["spec"]
    (instance,) = (e for e in pod["containers"][0]["env"] if e["name"] == "EPIONE_INSTANCE")

    session_s = as_told(monkeypatch, "base", "inference").session_timeout_s

    assert instance["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert session_s > pod["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_console_is_told_how_ingestion_reads(overlay: str) -> None:
    ingestion, console = told(overlay)["ingestion"], told(overlay)["console"]

    assert {"EPIONE_ZONE", "EPIONE_ASSIGNERS", "EPIONE_MAPS"} <= told_to_all(overlay)
    assert {name: ingestion.get(name) for name in HOW_TO_READ} == {
        name: console.get(name) for name in HOW_TO_READ
    }


@pytest.mark.parametrize("service", [*SETTINGS, "cli"])
def test_compose_waits_for_a_drain(service: str) -> None:
    waits = str(compose()["services"][service].get("stop_grace_period", "10s"))

    assert float(waits.removesuffix("s")) > KafkaSettings("").drain_s + MARGIN_S


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_is_a_user_that_kafka_grants_something(overlay: str) -> None:
    users = {environment["EPIONE_KAFKA_USER"] for environment in told(overlay).values()}

    assert users <= {access.user for access in USERS}
    assert {told(overlay)[service]["EPIONE_KAFKA_USER"] for service in SETTINGS} == {
        f"epione-{service}" for service in SETTINGS
    }


@pytest.mark.parametrize("service", SETTINGS)
def test_metrics_are_read_at_the_port_that_answers(service: str) -> None:
    told_port = int(told("compose")[service]["EPIONE_OPS_PORT"])
    prometheus = yaml.safe_load((K8S / "observability" / "prometheus.yml").read_text())
    jobs = {each["job_name"]: each["dns_sd_configs"] for each in prometheus["scrape_configs"]}
    (made,) = (
        template
        for each in objects_of(K8S / "base")
        if (template := template_of(each)) and each["metadata"]["name"] == service
    )

    assert jobs[service] == [{"names": [service], "type": "A", "port": told_port}]
    assert made["metadata"]["annotations"]["prometheus.io/port"] == str(told_port)


def test_what_compose_mounts_is_there() -> None:
    mounts = [mount for each in compose()["services"].values() for mount in each.get("volumes", ())]

    mounted = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]

    assert mounted
    assert all((REPOSITORY / path).exists() for path in mounted)
