"""`epione resolve`: the sender's own identifier of a plan's patient, asked of ingestion."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

ANSWERED_WITHIN_S = 60.0


def resolve(
    plan: Annotated[str, typer.Argument(help="The patient of a plan: its pseudonym")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit, so name no one")],
    address: Annotated[
        str, typer.Option(help="Of the ingestion service")
    ] = "http://127.0.0.1:8080",
    token: Annotated[
        str, typer.Option(envvar="EPIONE_TOKEN", help="One of the scope resolve")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say whose a plan is, to who may know; each try is audited."""
    import httpx

    from epione.errors import Forbidden, Unavailable

    try:
        answer = httpx.post(
            f"{address}/resolve",
            json={"patient": plan, "reason": reason},
            headers={"authorization": f"Bearer {token}"},
            timeout=ANSWERED_WITHIN_S,
        )
    except httpx.HTTPError as fault:
        raise Unavailable(f"{address} does not answer: {type(fault).__name__}") from None
    said = _said(answer)
    detail = str(said.get("detail", f"{address} answers with {answer.status_code}"))
    if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        raise Forbidden(detail)
    if answer.status_code != httpx.codes.OK or not said:
        raise Unavailable(detail)
    if as_json:
        print(json.dumps(said))
        return
    for name, value in said.items():
        print(f"{name:9} {value}")


def _said(answer: "httpx.Response") -> "Mapping[str, object]":
    """Read what ingestion says; what stands before it may say something else, which is nothing."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
