import pytest

from epione.errors import BrokerDown, Misconfigured
from epione.identity import MedicalRecord, keys_of, pseudonym
from epione_cli import settings as module
from epione_cli.native_kafka import free_port
from epione_cli.settings import StreamSettings, stream_settings

SECRET = "0123456789abcdef" * 2


def test_a_pseudonym_is_the_key_itself() -> None:
    assert StreamSettings(tenant="north").key_of("3f2a") == b"north/3f2a"


def test_a_record_number_is_found_with_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_SECRET", SECRET)
    named = pseudonym(keys_of(SECRET), "default", MedicalRecord("urn:oid:2.999", "7"))

    assert stream_settings().key_of("urn:oid:2.999|7") == f"default/{named}".encode()


def test_a_record_number_is_not_found_without_the_secret() -> None:
    with pytest.raises(Misconfigured, match="EPIONE_SECRET"):
        StreamSettings().key_of("urn:oid:2.999|7")


async def test_what_is_sealed_is_not_read_without_the_vault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("EPIONE_VAULT")

    with pytest.raises(Misconfigured, match="EPIONE_VAULT is needed"):
        async with StreamSettings().reading():
            pass


def test_a_misspelt_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPIONE_TENNANT", "north")

    with pytest.raises(Misconfigured, match="EPIONE_TENANT"):
        stream_settings()


async def test_where_no_kafka_answers_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN_S", 0.2)
    settings = StreamSettings(kafka=f"127.0.0.1:{free_port()}")

    with pytest.raises(BrokerDown, match="no Kafka answers at"):
        async with settings.log():
            pass
