"""What the operator tells the genomics service."""

from pathlib import PurePosixPath

import pytest

from epione.errors import Misconfigured
from epione.messaging import Layout
from epione.settings import settings_of
from epione_genomics.settings import GenomicsSettings


@pytest.fixture(autouse=True)
def needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "broker:9092")
    monkeypatch.setenv("EPIONE_SECRET", "s" * 32)


def settings() -> GenomicsSettings:
    return settings_of(GenomicsSettings)


def test_hosts_and_roots_are_lists_and_empty_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_GENOME_HOSTS", "Genomes.example, other.example:8443")
    monkeypatch.setenv("EPIONE_GENOME_ROOTS", "/genomes,/more")

    allowed = settings().allowed

    assert allowed.hosts == {"genomes.example", "other.example:8443"}
    assert allowed.roots == (PurePosixPath("/genomes"), PurePosixPath("/more"))


def test_nothing_is_allowed_that_was_not_listed() -> None:
    assert (settings().allowed.hosts, settings().allowed.roots) == (frozenset(), ())


def test_topics_are_laid_out_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_PARTITIONS", "12")

    assert settings().layout == Layout(partitions=12)


def test_a_secret_is_needed_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sss" not in repr(settings())

    monkeypatch.delenv("EPIONE_SECRET")
    with pytest.raises(Misconfigured, match="EPIONE_SECRET"):
        settings()
