import hashlib

import pytest

from epione.errors import Forbidden, Misconfigured, Unauthenticated
from epione_ingestion.tokens import Doorkeeper, Scope, Token, entry_of, new_token, tokens_in

LABORATORY = Token("laboratory", "north", frozenset({Scope.PUBLISH_HL7V2}))
SECRET = "epione_of-the-tests"
SHA256 = hashlib.sha256(SECRET.encode()).hexdigest()
KEEPER = Doorkeeper(lambda: {SHA256: LABORATORY})


def entry(**changed: str) -> str:
    fields = {
        "name": '"laboratory"',
        "tenant": '"north"',
        "scopes": '["publish:hl7v2"]',
        "sha256": f'"{SHA256}"',
    }
    lines = [f"{name} = {value}" for name, value in (fields | changed).items() if value]
    return "\n".join(["[[token]]", *lines]) + "\n"


def test_the_bearer_of_a_known_token_is_let_in_as_who_it_is() -> None:
    assert KEEPER.admit(f"Bearer {SECRET}", Scope.PUBLISH_HL7V2) == LABORATORY


def test_the_scheme_is_read_in_any_case() -> None:
    assert KEEPER.admit(f"bearer  {SECRET} ", Scope.PUBLISH_HL7V2) == LABORATORY


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="nothing"),
        pytest.param("Bearer", id="no token"),
        pytest.param("Bearer ", id="an empty token"),
        pytest.param(SECRET, id="no scheme"),
        pytest.param(f"Basic {SECRET}", id="another scheme"),
        pytest.param("Bearer epione_guessed", id="a token that is not known"),
        pytest.param(f"Bearer {SHA256}", id="the hash that stands in the file"),
        pytest.param(f"Bearer {SECRET}x", id="one letter more"),
        pytest.param("Bearer \xff", id="bytes that are no text"),
    ],
)
def test_who_bears_no_known_token_is_not_let_in(authorization: str) -> None:
    with pytest.raises(Unauthenticated) as fault:
        KEEPER.admit(authorization, Scope.PUBLISH_HL7V2)

    assert SECRET not in str(fault.value)


def test_a_token_opens_no_other_door_than_its_own() -> None:
    with pytest.raises(Forbidden, match="resolve"):
        KEEPER.admit(f"Bearer {SECRET}", Scope.RESOLVE)


def test_where_no_token_is_known_nobody_is_let_in() -> None:
    with pytest.raises(Unauthenticated):
        Doorkeeper(dict).admit(f"Bearer {SECRET}", Scope.PUBLISH_HL7V2)


def test_the_file_says_who_bears_which_token() -> None:
    assert tokens_in("# the laboratory's\n" + entry()) == {SHA256: LABORATORY}


def test_an_empty_file_knows_nobody() -> None:
    assert tokens_in("") == {}


def test_the_entry_of_a_new_token_is_read_as_it_was_meant() -> None:
    token = new_token()

    known = tokens_in(entry() + entry_of(token, Token("clinic", "south", frozenset(Scope))))

    bearer = Doorkeeper(lambda: known).admit(f"Bearer {token}", Scope.RESOLVE)
    assert bearer == Token("clinic", "south", frozenset(Scope))


def test_no_two_new_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(100)}) == 100


def test_an_entry_does_not_hold_the_token() -> None:
    assert SECRET not in entry_of(SECRET, LABORATORY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("token", "not TOML", id="no TOML"),
        pytest.param("[token]\n", "token: ", id="a table where a list is meant"),
        pytest.param("[[tokens]]\n", "tokens: ", id="misspelt"),
        pytest.param(entry(name=""), r"token\.0\.name: ", id="without a name"),
        pytest.param(entry(name='"Cole, Vito"'), r"token\.0\.name: ", id="a name of other letters"),
        pytest.param(entry(tenant='"a/b"'), r"token\.0\.tenant: ", id="a tenant no key can hold"),
        pytest.param(entry(scopes='["publish"]'), r"token\.0\.scopes", id="an unknown scope"),
        pytest.param(entry(scopes="[]"), r"token\.0\.scopes", id="good for nothing"),
        pytest.param(entry(sha256=f'"{SECRET}"'), r"token\.0\.sha256: ", id="the token itself"),
        pytest.param(entry(expires='"2027"'), r"token\.0\.expires: ", id="a field that is none"),
        pytest.param(entry() + entry(name='"b"'), "twice", id="one hash of two"),
        pytest.param(entry() + entry(sha256=f'"{"0" * 64}"'), "twice", id="one name of two"),
    ],
)
def test_a_file_that_is_not_understood_is_refused_without_its_secrets(
    text: str, reason: str
) -> None:
    with pytest.raises(Misconfigured, match=reason) as fault:
        tokens_in(text)

    assert SECRET not in str(fault.value)
    assert SHA256 not in str(fault.value)
