from pathlib import Path

from epione_cli.own_token import own_token
from epione_ingestion.token_file import TokenFile
from epione_ingestion.tokens import Doorkeeper, Scope


def test_a_token_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first, again = (own_token(tmp_path / "home", "north") for _ in range(2))

    assert first == again
    assert (tmp_path / "home" / "token").stat().st_mode & 0o077 == 0


def test_it_is_good_for_every_door_of_the_tenant(tmp_path: Path) -> None:
    token, file = own_token(tmp_path, "north")

    bearers = [
        Doorkeeper(TokenFile(file).tokens).admit(f"Bearer {token}", scope) for scope in Scope
    ]
    assert {bearer.tenant for bearer in bearers} == {"north"}


def test_the_file_does_not_hold_it(tmp_path: Path) -> None:
    token, file = own_token(tmp_path, "north")

    assert token not in file.read_text()
