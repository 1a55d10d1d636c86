import os
from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione_ingestion.token_file import TokenFile
from epione_ingestion.tokens import Scope, Token, entry_of, sha256_of

CLINIC = Token("clinic", "north", frozenset({Scope.PUBLISH_FHIR}))
LABORATORY = Token("laboratory", "north", frozenset({Scope.PUBLISH_HL7V2}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.toml"
    path.write_text(entry_of("first", CLINIC))
    return path


def put(path: Path, text: str) -> None:
    """Put another file in its place, as a mounted secret is renewed."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def test_the_file_says_who_is_let_in(path: Path) -> None:
    assert TokenFile(path).tokens() == {sha256_of("first"): CLINIC}


def test_a_token_that_is_added_is_known_without_a_restart(path: Path) -> None:
    file = TokenFile(path)

    put(path, entry_of("first", CLINIC) + entry_of("second", LABORATORY))

    assert file.tokens() == {sha256_of("first"): CLINIC, sha256_of("second"): LABORATORY}


def test_a_token_that_is_taken_out_is_known_no_more(path: Path) -> None:
    file = TokenFile(path)

    put(path, "")

    assert file.tokens() == {}


def test_the_file_may_be_a_link_to_another(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    file = TokenFile(link)

    (tmp_path / "renewed.toml").write_text(entry_of("second", CLINIC))
    link.unlink()
    link.symlink_to(tmp_path / "renewed.toml")

    assert file.tokens() == {sha256_of("second"): CLINIC}


def test_a_file_that_becomes_broken_lets_in_who_it_did_and_says_so_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = TokenFile(path)

    put(path, "[[token]]\nname =")
    known = [file.tokens() for _ in range(3)]

    assert known == [{sha256_of("first"): CLINIC}] * 3
    assert [entry.levelname for entry in caplog.records] == ["ERROR"]


def test_where_the_file_is_gone_nobody_is_let_in(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = TokenFile(path)

    path.unlink()

    assert file.tokens() == {}
    assert "nobody is let in" in caplog.text


def test_it_is_not_read_again_while_nothing_changes(path: Path) -> None:
    file = TokenFile(path)
    before = path.stat()

    path.write_text(path.read_text().replace("clinic", "clinik"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert file.tokens() == {sha256_of("first"): CLINIC}


@pytest.mark.parametrize(
    "name", [pytest.param("none", id="absent"), pytest.param(".", id="folder")]
)
def test_without_a_file_a_start_is_refused_without_its_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="file") as fault:
        TokenFile(tmp_path / name)

    assert str(tmp_path) not in str(fault.value)
