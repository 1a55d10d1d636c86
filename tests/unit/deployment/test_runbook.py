"""What k8s/README.md tells an operator to do can be done."""

import re
from collections.abc import Iterator

import pytest
import typer
from tests.unit.deployment.kustomization import (
    K8S,
    containers_of,
    key_of,
    objects_of,
    pod_of,
)
from tests.unit.deployment.told import secrets_of, variables_of

from epione_cli.app import command_line
from epione_inference.settings import InferenceSettings
from epione_ingestion.settings import IngestionSettings

RUNBOOK = (K8S / "README.md").read_text()
OBJECTS = objects_of(K8S / "base")
SAID = re.findall(r"`epione ([a-z][^`…]*)`", RUNBOOK)
SAID += re.findall(r"-- epione ([a-z].*)$", RUNBOOK, re.MULTILINE)


def commands(command: object, *names: str) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Give every command of the command line, with its options."""
    if isinstance(command, typer.core.TyperGroup):
        for name, each in command.commands.items():
            yield from commands(each, *names, name)
    elif isinstance(command, typer.core.TyperCommand):
        yield names, {option for each in command.params for option in each.opts}


COMMANDS = dict(commands(typer.main.get_command(command_line())))


@pytest.mark.parametrize("said", sorted(set(SAID)))
def test_a_command_is_there_with_its_options(said: str) -> None:
    words = said.split()
    (name,) = (each for each in COMMANDS if tuple(words[: len(each)]) == each)

    options = {word for word in words if word.startswith("--")}

    assert options <= COMMANDS[name]


@pytest.mark.parametrize(
    "named",
    sorted(set(re.findall(r"\b(deployment|statefulset|scaledobject)/([a-z]+)", RUNBOOK))),
)
def test_what_is_named_to_kubectl_is_there(named: tuple[str, str]) -> None:
    assert named in {(kind.lower(), name) for kind, name in map(key_of, OBJECTS)}


def test_the_secrets_that_are_made_are_those_that_are_taken() -> None:
    made = set(re.findall(r"\$\(word ([a-z-]+)\)", RUNBOOK))

    taken = {key for each in OBJECTS for of in containers_of(each) for key in secrets_of(of)}

    assert made == taken


def test_the_users_that_are_made_in_kafka_are_those_that_the_pods_are() -> None:
    (made,) = re.findall(r"for user in (.+); do", RUNBOOK)

    users = {
        each["value"]
        for made_object in OBJECTS
        for of in containers_of(made_object)
        for each in of.get("env", ())
        if each["name"] == "EPIONE_KAFKA_USER"
    }

    assert {f"epione-{user}" for user in made.split()} == users


def test_what_is_annotated_by_hand_is_taken_off_again() -> None:
    annotated = set(re.findall(r"annotate \S+ ([^ =`]+)=", RUNBOOK))

    assert annotated
    assert annotated == set(re.findall(r"annotate \S+ ([^ =`]+)-`", RUNBOOK))


def test_the_files_that_are_made_are_those_that_are_mounted() -> None:
    made = set(re.findall(r"--from-file=(\S+)", RUNBOOK))

    mounted = {
        item["key"]
        for each in OBJECTS
        for volume in (pod_of(each) or {}).get("volumes", ())
        for item in volume.get("secret", {}).get("items", ())
    }

    assert made == mounted


def test_a_variable_that_is_named_is_a_setting() -> None:
    named = set(re.findall(r"EPIONE_[A-Z_]+", RUNBOOK))

    assert named <= variables_of(IngestionSettings, InferenceSettings)


@pytest.mark.parametrize("topic", sorted(set(re.findall(r"--topic (\S+?)`? ", RUNBOOK))))
def test_a_topic_that_is_named_is_there(topic: str) -> None:
    from epione.messaging.topics import ALL

    assert topic.rstrip("`.") in {each.name for each in ALL}
