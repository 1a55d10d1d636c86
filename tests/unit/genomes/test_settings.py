"""What the operator says of genomes, and the secret by which patients are named."""

from pathlib import PurePosixPath

import pytest

from epione.errors import Misconfigured
from epione.genomes.settings import GenomeSettings
from epione.identity import keys_of
from epione.settings import settings_of


@pytest.fixture(autouse=True)
def needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "broker:9092")
    monkeypatch.setenv("EPIONE_SECRET", "s" * 32)


def settings() -> GenomeSettings:
    return settings_of(GenomeSettings)


def test_hosts_and_roots_are_lists_and_empty_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_GENOME_HOSTS", "Genomes.example, other.example:8443")
    monkeypatch.setenv("EPIONE_GENOME_ROOTS", "/genomes,/more")

    allowed = settings().allowed

    assert allowed.hosts == {"genomes.example", "other.example:8443"}
    assert allowed.roots == (PurePosixPath("/genomes"), PurePosixPath("/more"))


def test_nothing_is_allowed_that_was_not_listed() -> None:
    assert (settings().allowed.hosts, settings().allowed.roots) == (frozenset(), ())


def test_the_keys_are_those_of_the_secret() -> None:
    assert settings().keys == keys_of("s" * 32)


def test_a_secret_is_needed_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sss" not in repr(settings())

    monkeypatch.delenv("EPIONE_SECRET")
    with pytest.raises(Misconfigured, match="EPIONE_SECRET"):
        settings()
