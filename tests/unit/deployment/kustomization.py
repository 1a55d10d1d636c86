"""What `kubectl kustomize` makes of k8s/, read here so that no kubectl is needed.

It knows what k8s/ uses and refuses the rest: resources, one namespace, images, and patches by file
that are merged by name. `test_kustomization.py` compares it with kubectl, where there is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

K8S = Path(__file__).parents[3] / "k8s"
KNOWN = {"apiVersion", "kind", "namespace", "resources", "images", "patches"}
CLUSTER_WIDE = {"Namespace"}

Object = dict[str, Any]  # as Kubernetes' own API is: open


def objects_of(folder: Path) -> list[Object]:
    """Give the objects that a kustomization stands for."""
    return deepcopy(_read(folder))


@cache
def _read(folder: Path) -> list[Object]:
    (told,) = documents(folder / "kustomization.yaml")
    if unknown := told.keys() - KNOWN:
        raise ValueError(f"{folder}: what {unknown} does is not known here")
    objects = [each for name in told["resources"] for each in _resource(folder / name)]
    for patch in told.get("patches", ()):
        for change in documents(folder / patch["path"]):
            (at,) = (i for i, each in enumerate(objects) if key_of(each) == key_of(change))
            objects[at] = merged(objects[at], change)
    for each in objects:
        if "namespace" in told and each["kind"] not in CLUSTER_WIDE:
            each["metadata"]["namespace"] = told["namespace"]
        for container in containers_of(each):
            container["image"] = _image(container["image"], told.get("images", ()))
    return objects


def documents(file: Path) -> list[Object]:
    return [each for each in yaml.safe_load_all(file.read_text()) if each is not None]


def key_of(each: Object) -> tuple[str, str]:
    return each["kind"], each["metadata"]["name"]


def containers_of(each: Object) -> Iterator[Object]:
    """Give the containers of an object that makes pods, and of any other none."""
    if (pod := pod_of(each)) is not None:
        yield from pod.get("initContainers", ())
        yield from pod["containers"]


def pod_of(each: Object) -> Object | None:
    """Give the pod that an object makes, or None."""
    template = template_of(each)
    return None if template is None else template["spec"]


def template_of(each: Object) -> Object | None:
    """Give the template of the pods that an object makes, or None."""
    spec = each.get("spec", {})
    template: Object | None = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    return template


def merged(whole: Any, change: Any) -> Any:
    """Merge a change into what is there: lists of what has a name by name, others replaced."""
    if isinstance(whole, Mapping) and isinstance(change, Mapping):
        both = {key: merged(whole.get(key), value) for key, value in change.items()}
        return {**whole, **both}
    if _is_named(whole) and _is_named(change):
        changes = {entry["name"]: entry for entry in change}
        kept = [merged(entry, changes.pop(entry["name"], {})) for entry in whole]
        return [*kept, *changes.values()]
    return change


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, Mapping) and "name" in entry for entry in value
    )


def _resource(path: Path) -> list[Object]:
    return objects_of(path) if path.is_dir() else documents(path)


def _image(image: str, told: Iterable[Mapping[str, str]]) -> str:
    name, _, tag = image.partition(":")
    for each in told:
        if each["name"] == name:
            return f"{each.get('newName', name)}:{each.get('newTag', tag)}"
    return image
