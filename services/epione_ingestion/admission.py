"""The threshold of every door: who is let in, for what, and how fast."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse

from epione.errors import Denied
from epione_ingestion.problems import denial, later
from epione_ingestion.rates import Rates
from epione_ingestion.tokens import Doorkeeper, Scope, Token


@dataclass(frozen=True, slots=True)
class Admission:
    """Asks for a token before anything of a request is read."""

    keeper: Doorkeeper
    rates: Rates

    def of(self, request: Request, scope: Scope) -> Token | JSONResponse:
        """Let the caller in as who it is, or give the answer that refuses it."""
        authorization = request.headers.get("authorization", "")
        try:
            token = self.keeper.admit(authorization, scope)
        except Denied as fault:
            return denial(fault, authorization, scope)
        if wait_s := self.rates.wait_s(token.name):
            return later(429, f"{token.name} sends too fast", wait_s)
        return token
