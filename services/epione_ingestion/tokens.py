"""Bearer tokens: who may do what at the HTTP doors, and for which tenant.

A token is 256 random bits that a sender keeps. The operator keeps a file of what each may do, in
TOML, which holds a token's SHA-256 and never the token: who reads the file can send nothing.

    [[token]]
    name = "laboratory"
    tenant = "north"
    scopes = ["publish:hl7v2"]
    sha256 = "…64 hexadecimal digits…"
"""

import hashlib
import hmac
import json
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from epione.errors import Forbidden, Misconfigured, Unauthenticated
from epione_ingestion.envelope import TENANT

PREFIX = "epione_"  # by it a scanner of secrets knows one
RANDOM_BYTES = 32


class Scope(StrEnum):
    """What a token may be good for."""

    PUBLISH_FHIR = "publish:fhir"
    PUBLISH_HL7V2 = "publish:hl7v2"
    PUBLISH_GENOME = "publish:genome"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class Token:
    """What the bearer of a token is and may do."""

    name: str
    tenant: str
    scopes: frozenset[Scope]


Tokens = Mapping[str, Token]  # by the SHA-256 of each, 64 lower-case hexadecimal digits

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets in who bears a token that is known now; nobody, where none is."""

    known: Callable[[], Tokens]

    def admit(self, authorization: str, scope: Scope) -> Token:
        """Give the token of an `Authorization` header.

        Raises:
            Unauthenticated: It holds no token, or one that is not known.
            Forbidden: The token is not good for `scope`.
        """
        token = self.bearer(authorization)
        if scope not in token.scopes:
            raise Forbidden(f"the token is not good for {scope}")
        return token

    def bearer(self, authorization: str) -> Token:
        """Give the token, whatever it is good for.

        Raises:
            Unauthenticated: There is none, or one that is not known.
        """
        scheme, _, credentials = authorization.strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("send Authorization: Bearer with a token")
        token = _found(self.known(), sha256_of(credentials.strip()))
        if token is None:
            raise Unauthenticated("the token is not known")
        return token


def new_token() -> str:
    """Make a token."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def entry_of(token: str, bearer: Token) -> str:
    """Write the entry of a token for the operator's file."""
    return (
        "[[token]]\n"
        f"name = {json.dumps(bearer.name)}\n"
        f"tenant = {json.dumps(bearer.tenant)}\n"
        f"scopes = {json.dumps(sorted(bearer.scopes))}\n"
        f'sha256 = "{sha256_of(token)}"\n'
    )


def tokens_in(text: str) -> Tokens:
    """Read the operator's file.

    Raises:
        Misconfigured: It is not what the head of this module shows; no hash is repeated.
    """
    try:
        entries = _File.model_validate(tomllib.loads(text)).token
    except tomllib.TOMLDecodeError as fault:
        raise Misconfigured(f"the file of tokens is not TOML: {fault}") from None
    except ValidationError as fault:
        raise Misconfigured("the file of tokens: " + "; ".join(_faults(fault))) from None
    known = {
        entry.sha256.lower(): Token(entry.name, entry.tenant, entry.scopes) for entry in entries
    }
    if len(known) != len(entries) or len({token.name for token in known.values()}) != len(entries):
        raise Misconfigured("the file of tokens: a name or a sha256 stands there twice")
    return known


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=f"^{NAME}$")
    tenant: str = Field(pattern=f"^{TENANT.pattern}$")
    scopes: frozenset[Scope] = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-fA-F]{64}$")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: list[_Entry] = []


def _faults(fault: ValidationError) -> list[str]:
    return [".".join(map(str, error["loc"])) + f": {error['msg']}" for error in fault.errors()]


def _found(known: Tokens, sha256: str) -> Token | None:
    """Compare with every hash, each in constant time: how long it takes says nothing of which."""
    found = None
    for each, token in known.items():
        if hmac.compare_digest(each, sha256):
            found = token
    return found
