"""k8s/ by Kubernetes' own schemas, and what a pod of ours may be."""

from importlib.metadata import version

import jsonschema
import kubernetes_validate
import pytest
from tests.unit.deployment.keda import SCHEMAS
from tests.unit.deployment.kustomization import (
    K8S,
    Object,
    containers_of,
    key_of,
    objects_of,
    pod_of,
)

OVERLAYS = ("cpu", "gpu")
KUBERNETES = "1.34"
OBJECTS = [
    pytest.param(each, id=f"{overlay} {' '.join(key_of(each))}")
    for overlay in OVERLAYS
    for each in objects_of(K8S / overlay)
]
PODS = [
    pytest.param(pod, id=f"{overlay} {each['metadata']['name']}")
    for overlay in OVERLAYS
    for each in objects_of(K8S / overlay)
    if (pod := pod_of(each)) is not None
]
CONTAINERS = [
    pytest.param(container, id=f"{overlay} {container['name']}")
    for overlay in OVERLAYS
    for each in objects_of(K8S / overlay)
    for container in containers_of(each)
]


@pytest.mark.parametrize("each", OBJECTS)
def test_every_object_is_what_its_schema_says(each: Object) -> None:
    if each["kind"] in SCHEMAS:
        jsonschema.validate(each, SCHEMAS[each["kind"]])
    else:
        kubernetes_validate.validate(each, KUBERNETES, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_object_is_there_twice(overlay: str) -> None:
    keys = [key_of(each) for each in objects_of(K8S / overlay)]

    assert sorted(set(keys)) == sorted(keys)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_is_a_numbered_user_and_knows_nothing_of_the_cluster(pod: Object) -> None:
    security = pod["securityContext"]

    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == "epione"
    assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_may_change_nothing_of_itself(container: Object) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_says_what_it_needs(container: Object) -> None:
    resources = container["resources"]

    assert resources["requests"].keys() >= {"cpu", "memory"}
    assert "memory" in resources["limits"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_an_image_is_of_a_named_release_and_ours_of_this_one(container: Object) -> None:
    name, _, tag = container["image"].partition(":")

    assert tag not in ("", "latest")
    assert not name.startswith("epione/") or tag == version("epione")


@pytest.mark.parametrize("pod", PODS)
def test_what_is_mounted_is_there(pod: Object) -> None:
    mounted = {each["name"] for c in pod["containers"] for each in c.get("volumeMounts", ())}

    volumes = {each["name"] for each in pod.get("volumes", ())} | {"data"}  # of the claim

    assert mounted <= volumes


def test_a_gpu_is_asked_for_in_its_overlay_alone() -> None:
    asking = {
        overlay: [
            container["name"]
            for each in objects_of(K8S / overlay)
            for container in containers_of(each)
            if "nvidia.com/gpu" in container["resources"]["limits"]
        ]
        for overlay in OVERLAYS
    }

    assert asking == {"cpu": [], "gpu": ["inference"]}


@pytest.mark.parametrize(
    ("name", "policy", "kept"),
    [
        pytest.param("state", "noeviction", "yes", id="state is kept"),
        pytest.param("cache", "allkeys-lru", None, id="the cache evicts"),
    ],
)
def test_what_redis_keeps(name: str, policy: str, kept: str | None) -> None:
    (made,) = (e for e in objects_of(K8S / "base") if pod_of(e) and e["metadata"]["name"] == name)
    (container,) = containers_of(made)

    told = dict(zip(container["args"][::2], container["args"][1::2], strict=True))

    assert told["--maxmemory-policy"] == policy
    assert told.get("--appendonly") == kept
    assert ("volumeClaimTemplates" in made["spec"]) is (kept is not None)
