"""Granting in Kafka what the table says, as a user who may. aiokafka has no such call of its own.

Source: Kafka's protocol guide, CreateAcls (API key 30, version 1), and of the client library
`ResourceType`, `PatternType`, `AclOperation` and `AclPermissionType` the codes.
"""

from collections.abc import Iterable

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Schema, String

from epione.errors import Misconfigured
from epione.messaging.access import Grant, Operation, Resource
from epione.messaging.client import Client
from epione.messaging.topic_setup import admin_of

RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3}
OPERATIONS = {Operation.READ: 3, Operation.WRITE: 4, Operation.CREATE: 5}
LITERAL, ALLOW, ANY_HOST = 3, 3, "*"


class CreateAclsResponse(Response):  # type: ignore[misc]  # aiokafka is not typed
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", Array(("error_code", Int16), ("error_message", String("utf-8")))),
    )


class CreateAclsStruct(RequestStruct):  # type: ignore[misc]
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = CreateAclsResponse
    SCHEMA = Schema(
        (
            "creations",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                ("resource_pattern_type", Int8),
                ("principal", String("utf-8")),
                ("host", String("utf-8")),
                ("operation", Int8),
                ("permission_type", Int8),
            ),
        )
    )


class CreateAcls(Request[CreateAclsStruct]):  # type: ignore[misc]
    API_KEY = 30

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._creations = [
            (
                RESOURCES[grant.resource],
                grant.name,
                LITERAL,
                f"User:{grant.user}",
                ANY_HOST,
                OPERATIONS[grant.operation],
                ALLOW,
            )
            for grant in grants
        ]

    def build(self, struct: type[CreateAclsStruct]) -> CreateAclsStruct:
        return struct(creations=self._creations)


async def grant(client: Client, grants: Iterable[Grant]) -> None:
    """Grant what is not granted yet; nothing is taken away.

    Raises:
        BrokerDown: No broker answers.
        Misconfigured: This user may not grant, or the brokers have no authorizer.
    """
    async with admin_of(client) as admin:
        response = await admin._send_request(CreateAcls(grants))
    for code, message in response.results:
        if code:
            raise Misconfigured(f"Kafka does not grant: {for_code(code).__name__}: {message}")
