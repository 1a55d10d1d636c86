from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import PINNED, release_named
from epione.messaging import Layout
from epione.messaging.dead_letter import FLOOD, NO_FLOOD
from epione.messaging.security import KafkaSecurity
from epione.privacy import VaultKeys
from epione.settings import (
    KnowledgeAccess,
    LifeAccess,
    ServiceSettings,
    listed,
    refuse_misspelt,
    settings_of,
)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")

    assert settings_of(ServiceSettings).kafka == "localhost:9092"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        pytest.param({}, "^EPIONE_KAFKA: Field required$", id="absent"),
        pytest.param(
            {"EPIONE_KAFKA": "x", "EPIONE_PARTITIONS": "secret"},
            "^EPIONE_PARTITIONS: Input should be a valid integer",
            id="wrong",
        ),
        pytest.param({"EPIONE_KAFAK": "x"}, "EPIONE_KAFAK is no setting", id="misspelt"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    monkeypatch.delenv("EPIONE_KAFKA", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=reason) as fault:
        settings_of(ServiceSettings)

    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param("EPIONE_PARTITION", id="a letter less"),
        pytest.param("EPIONE_PARTITONS", id="a letter missed"),
        pytest.param("EPIONE_KAFKAS", id="a letter more"),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_refused(variable: str) -> None:
    with pytest.raises(Misconfigured, match="is no setting; is EPIONE_"):
        refuse_misspelt(ServiceSettings.model_fields, {variable: "x"})


@pytest.mark.parametrize(
    "variable", ["EPIONE_KAFKA", "EPIONE_TEST_KAFKA", "EPIONE_REDIS_URL", "KAFAK", "PATH"]
)
def test_other_variables_may_stand_beside(variable: str) -> None:
    refuse_misspelt(ServiceSettings.model_fields, {variable: "x"})


@pytest.mark.parametrize(("own", "other"), [("token", "EPIONE_TOKENS"), ("tokens", "EPIONE_TOKEN")])
def test_a_sender_s_token_and_the_file_of_those_let_in_are_told_apart(own: str, other: str) -> None:
    refuse_misspelt([own], {other: "x"})


def test_the_password_of_kafka_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_KAFKA_USER", "epione-genomics")
    monkeypatch.setenv("EPIONE_KAFKA_PASSWORD", "sesame")

    settings = settings_of(ServiceSettings)

    assert settings.security == KafkaSecurity(user="epione-genomics", password="sesame")
    assert "sesame" not in repr(settings) + repr(settings.security)


def test_the_vault_s_secrets_are_needed_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_VAULT", "new" * 16)
    monkeypatch.setenv("EPIONE_VAULT_OLD", "old" * 16 + "," + "older" * 16)
    settings = settings_of(ServiceSettings)
    wrapped = VaultKeys("older" * 16).wrap(b"name", 0, bytes(32))

    assert settings.vault_keys.unwrap(b"name", wrapped) == bytes(32)
    assert "newnew" not in repr(settings)
    assert "oldold" not in repr(settings)
    monkeypatch.delenv("EPIONE_VAULT")
    with pytest.raises(Misconfigured, match="EPIONE_VAULT: Field required"):
        settings_of(ServiceSettings)


@pytest.mark.parametrize(
    ("vault", "reason"),
    [("short", "32 characters"), ("secrets, one after the other, by commas", "no comma")],
)
def test_a_vault_s_secret_that_will_not_do_is_refused(
    monkeypatch: pytest.MonkeyPatch, vault: str, reason: str
) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_VAULT", vault)

    with pytest.raises(Misconfigured, match=reason) as refusal:
        _ = settings_of(ServiceSettings).vault_keys
    assert vault not in str(refusal.value)


def test_an_unknown_mechanism_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_KAFKA_MECHANISM", "NTLM")

    with pytest.raises(Misconfigured, match=r"EPIONE_KAFKA_MECHANISM: .*SCRAM-SHA-512"):
        settings_of(ServiceSettings)


def test_how_many_dead_letters_are_a_flood_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    by_default = settings_of(ServiceSettings).flood

    monkeypatch.setenv("EPIONE_FLOOD", "0")

    assert (by_default, settings_of(ServiceSettings).flood) == (FLOOD, NO_FLOOD)


def test_topics_are_laid_out_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_PARTITIONS", "12")

    assert settings_of(ServiceSettings).layout == Layout(partitions=12)


@pytest.mark.parametrize(
    ("text", "entries"),
    [("", []), (" , ", []), ("a", ["a"]), ("a, b,,c ", ["a", "b", "c"])],
)
def test_a_list_is_read_by_its_commas(text: str, entries: list[str]) -> None:
    assert listed(text) == entries


@pytest.mark.parametrize(
    "timeout_s",
    [
        pytest.param("5", id="shorter than Kafka allows"),
        pytest.param("1801", id="longer than Kafka allows"),
    ],
)
def test_a_session_that_kafka_would_refuse_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, timeout_s: str
) -> None:
    monkeypatch.setenv("EPIONE_KAFKA", "localhost:9092")
    monkeypatch.setenv("EPIONE_SESSION_TIMEOUT_S", timeout_s)

    with pytest.raises(Misconfigured, match=r"^EPIONE_SESSION_TIMEOUT_S: "):
        settings_of(ServiceSettings)


# ── the release of knowledge ──


@pytest.mark.parametrize("said", [{}, {"EPIONE_KNOWLEDGE": ""}], ids=["absent", "empty"])
def test_what_is_served_is_the_pinned_release(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str]
) -> None:
    monkeypatch.delenv("EPIONE_KNOWLEDGE", raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    assert settings_of(KnowledgeAccess).release == PINNED


def test_another_release_is_served_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KNOWLEDGE", "2025-11")

    assert settings_of(KnowledgeAccess).release == release_named("2025-11")


def test_what_is_no_release_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_KNOWLEDGE", "2019-01")

    with pytest.raises(Misconfigured, match="EPIONE_KNOWLEDGE: 2019-01 is no knowledge release"):
        _ = settings_of(KnowledgeAccess).release


# ── the model of a life ──


def test_no_model_of_a_life_is_served_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPIONE_LIFE_MODEL", raising=False)
    assert settings_of(LifeAccess).life_folder is None

    monkeypatch.setenv("EPIONE_LIFE_MODEL", "/models/life/current")

    assert settings_of(LifeAccess).life_folder == Path("/models/life/current")


def test_a_model_of_a_life_that_is_misspelt_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_LIFE_MODELS", "/models/life/current")

    with pytest.raises(Misconfigured, match="is EPIONE_LIFE_MODEL meant"):
        settings_of(LifeAccess)
