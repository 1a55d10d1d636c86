"""How many replicas of inference there may be, against its topic and group."""

from typing import Any

import pytest
from tests.unit.deployment.kustomization import K8S, Object, containers_of, objects_of
from tests.unit.deployment.told import environment_of

from epione.messaging import topics
from epione_inference.app import GROUP

OVERLAYS = ("cpu", "gpu")
FIVE_MINUTES = 300


def only(objects: list[Object], kind: str, name: str = "inference") -> dict[str, Any]:
    (found,) = (e for e in objects if (e["kind"], e["metadata"]["name"]) == (kind, name))
    return found


def partitions_of(objects: list[Object]) -> int:
    return int(only(objects, "ConfigMap", "epione")["data"]["EPIONE_PARTITIONS"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_lag_is_that_of_inference(overlay: str) -> None:
    objects = objects_of(K8S / overlay)
    spec = only(objects, "ScaledObject")["spec"]
    (trigger,) = spec["triggers"]

    assert spec["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": "inference",
    }
    assert trigger["metadata"]["topic"] == topics.PATIENT_EVENTS.name
    assert trigger["metadata"]["consumerGroup"] == GROUP


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_number_of_replicas_divides_the_partitions(overlay: str) -> None:
    objects = objects_of(K8S / overlay)
    spec = only(objects, "ScaledObject")["spec"]
    (trigger,) = spec["triggers"]

    assert trigger["metadata"]["ensureEvenDistributionOfPartitions"] == "true"
    assert spec["minReplicaCount"] == 1
    assert partitions_of(objects) % spec["maxReplicaCount"] == 0


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_it_goes_up_in_one_step_and_waits_five_minutes_to_come_down(overlay: str) -> None:
    spec = only(objects_of(K8S / overlay), "ScaledObject")["spec"]
    behaviour = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]

    (up,) = behaviour["scaleUp"]["policies"]

    assert up["value"] >= spec["maxReplicaCount"] - spec["minReplicaCount"]
    assert behaviour["scaleDown"]["stabilizationWindowSeconds"] == FIVE_MINUTES


def test_the_autoscaler_reaches_kafka_as_inference_does() -> None:
    objects = objects_of(K8S / "base")
    (container,) = containers_of(only(objects, "StatefulSet"))
    (trigger,) = only(objects, "ScaledObject")["spec"]["triggers"]
    access = only(objects, "TriggerAuthentication")["spec"]
    environment = environment_of(container, objects)

    (user,) = access["env"]
    keys = {(each["parameter"], each["key"]) for each in access["secretTargetRef"]}

    assert trigger["metadata"]["bootstrapServers"] == environment["EPIONE_KAFKA"]
    assert user["name"] in environment
    assert user["containerName"] == container["name"]
    assert keys == {("password", "kafka-inference"), ("ca", "kafka-ca.crt")}
    assert environment["EPIONE_KAFKA_CA"].endswith("/kafka-ca.crt")


def test_nobody_but_the_autoscaler_says_how_many_replicas_there_are() -> None:
    assert "replicas" not in only(objects_of(K8S / "base"), "StatefulSet")["spec"]
