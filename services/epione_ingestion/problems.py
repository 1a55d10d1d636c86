"""What a caller is told is wrong, by RFC 9457; never what of a patient was in the message."""

import math

from starlette.responses import JSONResponse

from epione.errors import Denied, Forbidden
from epione_ingestion.tokens import Scope

REALM = "epione"
TITLES = {
    400: "The message cannot be read",
    401: "A token is needed",
    403: "The token is not good for this",
    404: "No such patient",
    408: "The message took too long",
    413: "The message is too long",
    415: "The content type is not taken here",
    429: "Too many messages",
    503: "The broker did not answer",
}


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    return JSONResponse(
        {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail},
        status_code=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        media_type="application/problem+json",
    )


def later(status: int, detail: str, wait_s: float) -> JSONResponse:
    """Ask to send again, after whole seconds."""
    return problem(status, detail, retry_after=str(math.ceil(wait_s)))


def denial(fault: Denied, authorization: str, scope: Scope) -> JSONResponse:
    """Say no, with the challenge of RFC 6750, section 3: no error code to who sent no token."""
    challenge = f'Bearer realm="{REALM}"'
    if isinstance(fault, Forbidden):
        challenge += f', error="insufficient_scope", scope="{scope}"'
    elif authorization.lower().startswith("bearer "):
        challenge += ', error="invalid_token"'
    status = 403 if isinstance(fault, Forbidden) else 401
    return problem(status, str(fault), www_authenticate=challenge)
