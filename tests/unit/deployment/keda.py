"""The part of KEDA's resources that k8s/ uses, as a JSON schema.

Source: KEDA's definitions of `keda.sh/v1alpha1` (ScaledObject, TriggerAuthentication) and the
parameters of its Apache Kafka scaler, as documented for KEDA 2.19.
"""

from typing import Any

Schema = dict[str, Any]


def closed(required: str, **properties: Schema) -> Schema:
    """Describe an object that has these properties and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def listed(entry: Schema) -> Schema:
    return {"type": "array", "items": entry, "minItems": 1}


TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"enum": ["true", "false"]}
NUMBER: Schema = {"type": "string", "pattern": "^[1-9][0-9]*$"}

RULES = closed(
    "",
    stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600},
    selectPolicy={"enum": ["Max", "Min", "Disabled"]},
    policies=listed(
        closed(
            "type value periodSeconds",
            type={"enum": ["Pods", "Percent"]},
            value={"type": "integer", "minimum": 1},
            periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800},
        )
    ),
)
KAFKA = closed(
    "bootstrapServers consumerGroup topic",
    bootstrapServers=TEXT,
    consumerGroup=TEXT,
    topic=TEXT,
    lagThreshold=NUMBER,
    activationLagThreshold=NUMBER,
    offsetResetPolicy={"enum": ["latest", "earliest"]},
    allowIdleConsumers=TRUTH,
    limitToPartitionsWithLag=TRUTH,
    ensureEvenDistributionOfPartitions=TRUTH,
    sasl={"enum": ["none", "plaintext", "scram_sha256", "scram_sha512"]},
    tls={"enum": ["enable", "disable"]},
)
SCALED_OBJECT = closed(
    "scaleTargetRef triggers",
    scaleTargetRef=closed("name", apiVersion=TEXT, kind=TEXT, name=TEXT),
    pollingInterval=COUNT,
    minReplicaCount=COUNT,
    maxReplicaCount=COUNT,
    advanced=closed(
        "",
        horizontalPodAutoscalerConfig=closed(
            "", behavior=closed("", scaleUp=RULES, scaleDown=RULES)
        ),
    ),
    triggers=listed(
        closed(
            "type metadata",
            type={"const": "kafka"},
            metadata=KAFKA,
            authenticationRef=closed("name", name=TEXT),
        )
    ),
)
TRIGGER_AUTHENTICATION = closed(
    "",
    env=listed(closed("parameter name", parameter=TEXT, name=TEXT, containerName=TEXT)),
    secretTargetRef=listed(closed("parameter name key", parameter=TEXT, name=TEXT, key=TEXT)),
)

SCHEMAS = {
    kind: closed(
        "apiVersion kind metadata spec",
        apiVersion={"const": "keda.sh/v1alpha1"},
        kind={"const": kind},
        metadata={"type": "object"},
        spec=spec,
    )
    for kind, spec in {
        "ScaledObject": SCALED_OBJECT,
        "TriggerAuthentication": TRIGGER_AUTHENTICATION,
    }.items()
}
