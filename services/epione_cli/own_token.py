"""A token of one's own for `epione up`: good for every door, and kept for the next time."""

from pathlib import Path

from epione_cli.own_kafka import kept_secret
from epione_ingestion.tokens import Scope, Token, entry_of, new_token

NAME = "up"


def own_token(home: Path, tenant: str) -> tuple[str, Path]:
    """Give the token of a home, and the file by which ingestion knows it."""
    home.mkdir(parents=True, exist_ok=True)
    token, file = kept_secret(home / "token", new_token), home / "tokens.toml"
    file.write_text(entry_of(token, Token(NAME, tenant, frozenset(Scope))))
    return token, file
