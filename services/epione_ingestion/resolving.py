"""`POST /resolve`: the sender's own identifier of a pseudonym, for who may have it, and audited.

The body is `{"patient": "<pseudonym>", "reason": "…"}`, the token one of the scope `resolve`; it
answers with `assigner` and `number`, or of an alias with `base` and `reference`. Each try is on the
audit before it is answered, the refused ones, too; the answer is nowhere but in the answer, and
what is asked and is no pseudonym is nowhere.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from epione.errors import BrokerDown, MalformedEvent, Unauthenticated
from epione.identity import Keys, patient_key, unseal
from epione.messaging import Log
from epione.messaging.sealing import Sealing
from epione.messaging.topics import IDENTITY_LINKS
from epione.privacy import Action, Entry, Outcome, audit_message, opened_records
from epione_ingestion.admission import Admission
from epione_ingestion.envelope import TENANT
from epione_ingestion.node import Node, parsed_json
from epione_ingestion.problems import later, problem
from epione_ingestion.rates import Rates
from epione_ingestion.receiver import BODY_WITHIN_S
from epione_ingestion.tokens import Scope, Token

SOURCE = "/epione/ingestion"
PATH = "/resolve"
LONGEST = 4_096  # bytes
PSEUDONYM = re.compile(rf"(?:{TENANT.pattern}/)?[0-9a-f]{{32}}")
READINGS = 8  # of a partition of links at a time; others wait
READ_WITHIN_S = 20.0  # the waiting, too
RETRY_AFTER_S = 5
NOBODY = "nobody known"
NOBODYS_ENTRIES_PER_S = 1.0  # on the audit: who has no token cannot fill it


def resolving(
    log: Log,
    vault: Sealing,
    keys: Keys,
    admission: Admission,
    *,
    body_within_s: float = BODY_WITHIN_S,
    read_within_s: float = READ_WITHIN_S,
) -> Route:
    """Make the door."""
    resolver = _Resolver(log, vault, keys, admission, body_within_s, read_within_s)

    async def resolve(request: Request) -> Response:  # starlette takes a callable object for ASGI
        try:
            return await resolver(request)
        except BrokerDown:
            return later(503, "nothing is resolved while Kafka does not answer", RETRY_AFTER_S)

    return Route(PATH, resolve, methods=["POST"])


class _Resolver:
    def __init__(
        self,
        log: Log,
        vault: Sealing,
        keys: Keys,
        admission: Admission,
        body_within_s: float,
        read_within_s: float,
    ) -> None:
        self._log, self._vault, self._keys, self._admission = log, vault, keys, admission
        self._body_within_s, self._read_within_s = body_within_s, read_within_s
        self._readings = asyncio.Semaphore(READINGS)
        self._nobodys = Rates(NOBODYS_ENTRIES_PER_S)

    async def __call__(self, request: Request) -> Response:
        token = self._admission.of(request, Scope.RESOLVE)
        if isinstance(token, Response):
            who = self._bearer(request)
            if who != NOBODY or not self._nobodys.wait_s(NOBODY):
                await self._note(who, "", "", f"refused with {token.status_code}")
            return token
        try:
            async with asyncio.timeout(self._body_within_s):
                body = await _body(request)
            patient, reason = _asked(parsed_json(body))
        except TimeoutError:
            await self._note(token.name, "", "", "refused with 408")
            return problem(408, f"a question is here within {self._body_within_s:g} s")
        except MalformedEvent as fault:
            await self._note(token.name, "", "", "refused with 400")
            return problem(400, str(fault))
        return await self._resolved(token, patient, reason)

    async def _resolved(self, token: Token, patient: str, reason: str) -> Response:
        tenant, bar, pseudonym = patient.rpartition("/")
        if bar and tenant != token.tenant:
            await self._note(token.name, patient, reason, "refused with 403")
            return problem(403, f"{token.name} may ask of the tenant {token.tenant} alone")
        key = patient_key(token.tenant, pseudonym)
        try:
            identifier = await self._identifier(key)
        except BrokerDown:
            await self._note(token.name, key, reason, "refused with 503")
            raise
        if identifier is None:
            await self._note(token.name, key, reason, "refused with 404")
            return problem(404, "nothing is known of such a patient, or any more")
        await self._note(token.name, key, reason)
        return JSONResponse({"patient": key, **identifier}, headers={"cache-control": "no-store"})

    async def _identifier(self, key: str) -> Mapping[str, str] | None:
        """Read the link of a pseudonym; None where there is none.

        Raises:
            BrokerDown: Kafka does not answer in time.
        """
        try:
            async with asyncio.timeout(self._read_within_s), self._readings:
                sealed = await self._link(key)
        except TimeoutError:
            raise BrokerDown(f"no link is read within {self._read_within_s:g} s") from None
        if sealed is None:
            return None
        identifier: Mapping[str, str] = json.loads(unseal(self._keys, sealed, key))
        return identifier

    async def _link(self, key: str) -> bytes | None:
        sealed: bytes | None = None
        links = opened_records(self._log, self._vault, IDENTITY_LINKS, key=key.encode())
        async for record in links:
            sealed = record.value
        return sealed

    async def _note(self, who: str, patient: str, why: str, refusal: str = "") -> None:
        """Put a try on the audit.

        Raises:
            BrokerDown: It is not there.
        """
        entry = Entry(
            id=uuid4().hex,
            at=datetime.now(UTC),
            who=who,
            action=Action.RESOLVE,
            patient=patient,
            why=why,
            outcome=Outcome.REFUSED if refusal else Outcome.DONE,
            details=refusal,
        )
        await self._log.publish([audit_message(entry, SOURCE)])

    def _bearer(self, request: Request) -> str:
        try:
            return self._admission.keeper.bearer(request.headers.get("authorization", "")).name
        except Unauthenticated:
            return NOBODY


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise MalformedEvent(f"it has {LONGEST} bytes at most")
    return bytes(body)


def _asked(asked: Node) -> tuple[str, str]:
    patient, reason = asked.text("patient"), asked.text("reason")
    if not (patient and reason):
        raise MalformedEvent("patient and reason are required")
    if not PSEUDONYM.fullmatch(patient):
        raise MalformedEvent("patient must be [tenant/] and 32 digits, 0 to 9 and a to f")
    return patient, reason
