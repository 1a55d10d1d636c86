"""What containers are told by their environment, and the settings of the code that reads it."""

import re
from collections.abc import Iterable, Mapping

from pydantic_settings import BaseSettings
from tests.unit.deployment.kustomization import Object

from epione.settings import PREFIX
from epione_cli.settings import StreamSettings
from epione_genomics.settings import GenomicsSettings
from epione_inference.settings import InferenceSettings
from epione_ingestion.settings import IngestionSettings

SECRET = "0123456789abcdef" * 4  # for each that comes from outside
SETTINGS: Mapping[str, type[BaseSettings]] = {
    "ingestion": IngestionSettings,
    "genomics": GenomicsSettings,
    "inference": InferenceSettings,
}
OF_COMMANDS = (StreamSettings, IngestionSettings, InferenceSettings)  # the command line's own


def variables_of(*kinds: type[BaseSettings]) -> set[str]:
    """Give the variables that settings are read from."""
    return {f"{PREFIX}{field}".upper() for kind in kinds for field in kind.model_fields}


def environment_of(container: Object, objects: Iterable[Object]) -> dict[str, str]:
    """Give a container's environment as Kubernetes makes it, each secret being `SECRET`."""
    maps = {each["metadata"]["name"]: each for each in objects if each["kind"] == "ConfigMap"}
    environment: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        environment |= maps[source["configMapRef"]["name"]]["data"]
    for entry in container.get("env", ()):
        environment[entry["name"]] = _value(entry, environment)
    return environment


def secrets_of(container: Object) -> set[str]:
    """Give the keys of the Secret that a container's environment takes, without optional ones."""
    references = (
        entry.get("valueFrom", {}).get("secretKeyRef", {}) for entry in container.get("env", ())
    )
    return {each["key"] for each in references if each and not each.get("optional")}


def _value(entry: Object, before: Mapping[str, str]) -> str:
    if "valueFrom" in entry:
        return SECRET if "secretKeyRef" in entry["valueFrom"] else "the-pod-0"
    return re.sub(r"\$\((\w+)\)", lambda match: before[match[1]], entry["value"])
