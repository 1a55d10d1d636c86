"""Who may talk to whom in the cluster."""

from collections.abc import Iterator

from tests.unit.deployment.kustomization import K8S, Object, containers_of, objects_of, template_of

OBJECTS = objects_of(K8S / "base")
POLICIES = [each for each in OBJECTS if each["kind"] == "NetworkPolicy"]
NAME = "app.kubernetes.io/name"
OUTSIDE = {53, 4318}  # names and traces; Kafka's port is told
PODS = {
    template["metadata"]["labels"][NAME]: each
    for each in OBJECTS
    if (template := template_of(each)) is not None
}


def chosen(selector: Object) -> set[str]:
    """Give the pods of ours that a selector means."""
    if not selector:
        return set(PODS)
    if "matchLabels" in selector:
        return {selector["matchLabels"][NAME]}
    (expression,) = selector["matchExpressions"]
    assert (expression["key"], expression["operator"]) == (NAME, "In")
    return set(expression["values"])


def opened(policy: Object, way: str) -> Iterator[int]:
    for rule in policy["spec"].get(way, ()):
        yield from (each["port"] for each in rule["ports"])


def listening() -> dict[str, set[int]]:
    return {
        name: {
            port["containerPort"]
            for container in containers_of(made)
            for port in container.get("ports", ())
        }
        for name, made in PODS.items()
    }


def kafka_port() -> int:
    (settings,) = (each for each in OBJECTS if each["kind"] == "ConfigMap")
    return int(settings["data"]["EPIONE_KAFKA"].rpartition(":")[2])


def test_nothing_may_talk_unless_it_is_named() -> None:
    (default,) = (each for each in POLICIES if each["metadata"]["name"] == "default-deny")

    assert default["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_a_policy_speaks_of_pods_that_there_are() -> None:
    spoken_of = {name for policy in POLICIES for name in chosen(policy["spec"]["podSelector"])}

    assert spoken_of <= PODS.keys()


def test_what_listens_is_let_in_and_nothing_else() -> None:
    let_in: dict[str, set[int]] = {name: set() for name in PODS}
    for policy in POLICIES:
        for name in chosen(policy["spec"]["podSelector"]):
            let_in[name] |= set(opened(policy, "ingress"))

    assert let_in == listening()


def test_who_comes_in_is_always_named() -> None:
    rules = [rule for policy in POLICIES for rule in policy["spec"].get("ingress", ())]

    assert all(rule["from"] for rule in rules)


def test_the_ways_out_lead_to_names_kafka_redis_and_traces() -> None:
    ways_out = {port for policy in POLICIES for port in opened(policy, "egress")}

    assert ways_out == {*OUTSIDE, kafka_port(), *listening()["state"]}


def test_a_service_sends_to_the_port_that_its_pods_listen_at() -> None:
    named = {
        name: {p["name"] for c in containers_of(made) for p in c.get("ports", ())}
        for name, made in PODS.items()
    }

    services = [each for each in OBJECTS if each["kind"] == "Service"]

    assert services
    for service in services:
        targets = {each.get("targetPort", each["name"]) for each in service["spec"]["ports"]}
        assert targets <= named[service["spec"]["selector"][NAME]]


def test_one_pod_at_a_time_is_disturbed() -> None:
    budgets = {
        each["metadata"]["name"]: each["spec"]["maxUnavailable"]
        for each in OBJECTS
        if each["kind"] == "PodDisruptionBudget"
    }

    assert budgets == {"ingestion": 1, "genomics": 1, "inference": 1}
