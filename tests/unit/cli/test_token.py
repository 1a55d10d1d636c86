import pytest

from epione.errors import Misconfigured
from epione_cli.token import token
from epione_ingestion.tokens import Doorkeeper, Scope, Token, tokens_in


def test_a_token_is_shown_once_beside_the_entry_that_knows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    token("laboratory", [Scope.PUBLISH_HL7V2], "north")

    said = capsys.readouterr()
    made = said.err.split()[-1]
    bearer = Doorkeeper(lambda: tokens_in(said.out)).admit(f"Bearer {made}", Scope.PUBLISH_HL7V2)
    assert bearer == Token("laboratory", "north", frozenset({Scope.PUBLISH_HL7V2}))
    assert made not in said.out


def test_a_name_that_the_file_may_not_hold_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Misconfigured, match=r"token\.0\.name"):
        token("Cole, Vito", [Scope.PUBLISH_FHIR], "north")

    assert capsys.readouterr().err == ""
