"""The images and docker-compose.yml, from the outside: built, brought up, used, and hurt."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.conftest import skip_unless_required
from tests.end_to_end.compose import (
    IMAGES,
    SERVICES,
    Stack,
    build,
    docker,
    running,
    wait_until,
    why_no_compose,
)

from epione.identity import MedicalRecord
from epione_cli.hospital import Owner, message_of
from epione_cli.patients import Kind, Story, stories
from epione_cli.patients.fhir import ASSIGNER
from epione_cli.patients.stories import Sent
from epione_cli.patients.vcf import SAMPLE
from epione_ingestion.tokens import PREFIX

pytestmark = pytest.mark.containers

DEADLINE_S = 60
ADVICE = "acute coronary syndrome or PCI: Avoid clopidogrel"  # ordered, gene known
DOORS = {Kind.FHIR: "fhir", Kind.HL7V2: "hl7v2", Kind.GENOME: "genomes"}
SCOPES = ("publish:fhir", "publish:hl7v2", "publish:genome")
TOOLS = ("gcc", "cc", "ld", "make", "pip", "pip3", "uv", "uvx", "git", "curl", "wget")
PACKAGES = "find / -xdev -name 'pip-*' -o -xdev -name ensurepip"
USER = "10001:10001"


@pytest.fixture(scope="session")
def images() -> None:
    """The images, built from what lies here."""
    if reason := why_no_compose():
        skip_unless_required("containers", reason)
    build()


@pytest.fixture(scope="module")
def stack(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    yield from running(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def bearer(stack: Stack) -> dict[str, str]:
    """A token, made as an operator makes it."""
    scopes = [argument for scope in SCOPES for argument in ("--scope", scope)]
    made = stack.epione("token", "--name", "test", *scopes)
    stack.tokens.write_text(made.out)
    shown = made.err[made.err.index(PREFIX) :].split()[0]
    return {"authorization": f"Bearer {shown}"}


@pytest.fixture(scope="module")
def people() -> tuple[Story, ...]:
    return stories(datetime.now(UTC))


def record_of(story: Story) -> str:
    return f"urn:oid:{ASSIGNER}|{story.sent[0].person.medical_record}"


def post(stack: Stack, bearer: dict[str, str], sent: Sent) -> None:
    """Post a message as a hospital does, a genome with whose it is."""
    owner = Owner(MedicalRecord(f"urn:oid:{ASSIGNER}", sent.person.medical_record), SAMPLE)
    message = message_of(sent.kind, sent.content, owner if sent.kind is Kind.GENOME else None)
    headers = {
        name.replace("ce_", "ce-"): quote(value.decode(), safe="/;=+ ")
        for name, value in message.headers
    }
    answer = httpx.post(
        f"http://127.0.0.1:{stack.port}/{DOORS[sent.kind]}",
        content=sent.content,
        headers={**headers, **bearer},
        timeout=DEADLINE_S,
    )
    assert answer.status_code == 202, answer.text


def plan_of(stack: Stack, story: Story) -> list[Any]:
    """Ask for the plan; it is empty where there is none yet."""
    lines = stack.epione("plan", record_of(story), "--json").lines
    return [json.loads(line) for line in lines]


def is_advised(stack: Stack, story: Story) -> bool:
    return any(each["action"].startswith(ADVICE) for each in plan_of(stack, story))


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_runs_as_a_numbered_user_and_holds_nothing_to_install_with(
    images: None, name: str
) -> None:
    image = f"epione/{name}"
    look = f"for tool in {' '.join(TOOLS)}; do command -v $tool; done; {PACKAGES}; true"

    found = docker("run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", look)

    assert found == ""
    assert docker("inspect", "-f", "{{.Config.User}}", image) == USER


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_on_a_root_that_it_cannot_write(stack: Stack, service: str) -> None:
    told = docker(
        "inspect",
        "-f",
        "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}",
        stack.container(service),
    )

    assert told == "true [ALL] [no-new-privileges:true]"


def test_a_patient_that_is_posted_gets_a_plan(
    stack: Stack, bearer: dict[str, str], people: tuple[Story, ...]
) -> None:
    first, *_ = people

    for sent in first.sent:
        post(stack, bearer, sent)

    wait_until(lambda: is_advised(stack, first), "advised")


@pytest.mark.parametrize(
    ("killed", "nth"),
    [
        pytest.param("inference", 1, id="a service"),
        pytest.param("state", 2, id="the state"),
    ],
)
def test_what_is_killed_comes_back_and_nothing_is_lost(
    stack: Stack, bearer: dict[str, str], people: tuple[Story, ...], killed: str, nth: int
) -> None:
    before, another = people[0], people[nth]
    plan = plan_of(stack, before)
    restarts = stack.restarts(killed)

    stack.kill(killed)
    for sent in another.sent:
        post(stack, bearer, sent)

    wait_until(lambda: stack.restarts(killed) > restarts, "restarted")
    wait_until(lambda: stack.is_healthy("inference"), "healthy")
    wait_until(lambda: plan_of(stack, another) != [], "planned")
    assert plan_of(stack, before) == plan
