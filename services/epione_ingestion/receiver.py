"""HTTP: what a hospital posts is on the raw topic, and safe, before it is told so (202).

`POST /fhir`, `POST /hl7v2`, `POST /genomes`, each with `Authorization: Bearer` and a token that is
good for it (`epione_ingestion.tokens`), which says whose tenant the message is. The CloudEvents
attributes that a record may have (`epione_ingestion.envelope`, `epione_ingestion.genome`) are
headers `ce-<name>`. `ce-partitionkey` becomes the record's key: messages of one key stay in order,
so a sender gives one for each patient
where it can. Without it the key is a hash of the content; order then rests on the versions that the
messages state.
"""

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from epione.errors import BrokerDown, Rejected
from epione.messaging.log import Log, Message, Record
from epione.messaging.topics import (
    HOSPITAL_FHIR,
    HOSPITAL_GENOME,
    HOSPITAL_HL7V2,
    MAX_MESSAGE_BYTES,
    Topic,
)
from epione.messaging.trace import TRACEPARENT, parent_of
from epione_ingestion.admission import Admission
from epione_ingestion.envelope import envelope_of
from epione_ingestion.fhir import RESOURCE_TYPES
from epione_ingestion.genome import INLINE_LIMIT, MANIFEST_TYPES, OUTSIDE_TYPES, VCF_TYPES
from epione_ingestion.hl7v2 import parsed_er7
from epione_ingestion.node import parsed_json
from epione_ingestion.problems import later, problem
from epione_ingestion.rules import Rules
from epione_ingestion.tokens import Scope, Token
from epione_ingestion.translation import translate

RETRY_AFTER_S = 5
BODIES = 64  # in memory at a time; other requests wait, their bodies with the sender
BODY_WITHIN_S = 30.0
PARTITION_KEY = "ce-partitionkey"  # CloudEvents 1.0.2, Kafka protocol binding, section 3.1


@dataclass(frozen=True, slots=True)
class Door:
    """What one path takes."""

    topic: Topic
    content_types: frozenset[str]
    scope: Scope
    longest: int  # bytes
    check: Callable[[Record, Rules], object]  # raises Rejected for what is no such message at all


def receiver(
    log: Log,
    rules: Rules,
    admission: Admission,
    *,
    also: Sequence[Route] = (),
    body_within_s: float = BODY_WITHIN_S,
) -> Starlette:
    """Make the application; `also` are doors for who does not send."""
    stream, bodies = RawStream(log), asyncio.Semaphore(BODIES)
    return Starlette(
        routes=[
            *(
                _route(path, _Reception(door, stream, rules, admission, bodies, body_within_s))
                for path, door in DOORS.items()
            ),
            *also,
            Route("/health/live", _live),
            Route("/health/ready", stream.ready),
        ]
    )


class RawStream:
    """The raw topics, and whether they took messages lately."""

    def __init__(self, log: Log) -> None:
        self._log, self._failed_at_s = log, -math.inf

    async def take(self, message: Message) -> bool:
        """Publish a message; say whether every replica in sync has it."""
        try:
            await self._log.publish([message])
        except BrokerDown:
            self._failed_at_s = time.monotonic()
            return False
        return True

    async def ready(self, _: Request) -> Response:
        """Say no for as long as a sender was just asked to wait, so that others answer it."""
        if time.monotonic() - self._failed_at_s < RETRY_AFTER_S:
            return problem(503, "the broker did not take the last message")
        return PlainTextResponse("ok")


@dataclass(frozen=True, slots=True)
class _Reception:
    """One door, open."""

    door: Door
    stream: RawStream
    rules: Rules
    admission: Admission
    bodies: asyncio.Semaphore  # as many are in memory at a time
    body_within_s: float

    async def __call__(self, request: Request) -> Response:
        """Refuse, or take the message, before anything of the body is read."""
        token = self.admission.of(request, self.door.scope)
        if isinstance(token, Response):
            return token
        if not _speaks_for(token, request):
            return problem(403, f"{token.name} may send for the tenant {token.tenant} alone")
        if _content_type(request) not in self.door.content_types:
            accepted = ", ".join(sorted(self.door.content_types))
            return problem(415, f"content-type must be one of {accepted}")
        async with self.bodies:
            return await self._taken(request, token)

    async def _taken(self, request: Request, token: Token) -> Response:
        door = self.door
        try:
            async with asyncio.timeout(self.body_within_s):
                body = await _body(request, door.longest)
        except TimeoutError:
            return problem(408, f"a message is here within {self.body_within_s:g} s")
        if body is None:
            return problem(413, f"a message has {door.longest} bytes at most")
        headers = _headers(request, token)
        try:
            door.check(Record(door.topic.name, 0, 0, None, body, headers, 0), self.rules)
        except Rejected as fault:
            return problem(400, str(fault))
        key = request.headers.get(PARTITION_KEY) or hashlib.sha256(body).hexdigest()
        if not await self.stream.take(Message(door.topic, key.encode(), body, headers)):
            return later(503, "the message was not taken; send it again", RETRY_AFTER_S)
        return JSONResponse({"status": "accepted"}, status_code=202)


def _route(path: str, reception: _Reception) -> Route:
    async def receive(request: Request) -> Response:  # starlette takes a callable object for ASGI
        return await reception(request)

    return Route(path, receive, methods=["POST"])


def _speaks_for(token: Token, request: Request) -> bool:
    """Say whether a tenant that the request names is the token's."""
    named = request.headers.getlist("ce-tenant")
    return all(unquote(tenant) == token.tenant for tenant in named)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _body(request: Request, longest: int) -> bytes | None:
    """Read the body; None where it is too long, without reading on."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            return None
    return bytes(body)


def _headers(request: Request, token: Token) -> tuple[tuple[str, bytes], ...]:
    """Give the record's headers: the content type and the CloudEvents attributes.

    Their values are percent-encoded over HTTP (CloudEvents 1.0.2, HTTP binding, section 3.1.3.2).
    The tenant and the sender are the token's. A traceparent that is one is passed on.
    """
    attributes = (
        (f"ce_{name.removeprefix('ce-')}", unquote(value).encode())
        for name, value in request.headers.items()
        if name.startswith("ce-") and name not in ("ce-tenant", "ce-sender")
    )
    return (
        *attributes,
        ("ce_tenant", token.tenant.encode()),
        ("ce_sender", token.name.encode()),
        ("content-type", request.headers["content-type"].encode()),
        *_trace(request),
    )


def _trace(request: Request) -> tuple[tuple[str, bytes], ...]:
    value = request.headers.get(TRACEPARENT, "").encode()
    return ((TRACEPARENT, value),) if parent_of(value) else ()


def _check_fhir(record: Record, rules: Rules) -> None:
    envelope_of(record, rules)
    resource = parsed_json(record.value or b"")
    if resource.text("resourceType") not in RESOURCE_TYPES:
        raise resource.refusal("resourceType", "must be one of FHIR R4")


def _check_hl7v2(record: Record, rules: Rules) -> None:
    envelope_of(record, rules)
    parsed_er7(record.value or b"")


async def _live(_: Request) -> Response:
    return PlainTextResponse("ok")


DOORS = {
    "/fhir": Door(
        HOSPITAL_FHIR,
        frozenset({"application/fhir+json", "application/json"}),
        Scope.PUBLISH_FHIR,
        MAX_MESSAGE_BYTES,
        _check_fhir,
    ),
    "/hl7v2": Door(
        HOSPITAL_HL7V2,
        frozenset({"application/hl7-v2", "x-application/hl7-v2+er7", "text/plain"}),
        Scope.PUBLISH_HL7V2,
        MAX_MESSAGE_BYTES,
        _check_hl7v2,
    ),
    "/genomes": Door(
        HOSPITAL_GENOME,
        (MANIFEST_TYPES | VCF_TYPES | OUTSIDE_TYPES) - {""},
        Scope.PUBLISH_GENOME,
        INLINE_LIMIT,
        translate,
    ),
}
