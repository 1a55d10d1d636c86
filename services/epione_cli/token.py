"""`epione token`: makes a token for who sends by HTTP."""

import sys
from typing import Annotated

import typer

from epione_ingestion.tokens import Scope


def token(
    name: Annotated[str, typer.Option(help="Of the sender; it stands on what it sends")],
    scope: Annotated[list[Scope], typer.Option(help="What it is good for; may be repeated")],
    tenant: Annotated[str, typer.Option(help="Whose patients it sends")] = "default",
) -> None:
    """Make a token: shown this once on standard error; its entry for EPIONE_TOKENS on output.

    `epione token --name laboratory --scope publish:hl7v2 >> tokens.toml`
    """
    from epione_ingestion.tokens import Token, entry_of, new_token, tokens_in

    made = new_token()
    entry = entry_of(made, Token(name, tenant, frozenset(scope)))
    tokens_in(entry)  # refuses a name that the file may not hold
    print(f"the token, shown this once: {made}", file=sys.stderr)
    print(entry)
