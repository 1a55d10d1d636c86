from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from tests.certificates import Authority

from epione.errors import BrokerDown, Misconfigured
from epione.messaging.client import client_of, fault_of
from epione.messaging.security import KafkaSecurity, Mechanism

PASSWORD = "sesame"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_with_nothing_set_the_text_is_plain() -> None:
    assert client_of("k:1", KafkaSecurity()).arguments == {"bootstrap_servers": "k:1"}


@pytest.mark.parametrize("mechanism", Mechanism)
def test_a_user_is_named_by_tls_alone(mechanism: Mechanism, authority: Authority) -> None:
    security = KafkaSecurity(ca=str(authority.ca), user="u", password=PASSWORD, mechanism=mechanism)

    arguments = client_of("k:1", security).arguments

    assert arguments["security_protocol"] == "SASL_SSL"
    assert arguments["sasl_mechanism"] == mechanism
    assert (arguments["sasl_plain_username"], arguments["sasl_plain_password"]) == ("u", PASSWORD)


def test_without_an_authority_a_password_still_goes_by_tls() -> None:
    arguments = client_of("k:1", KafkaSecurity(user="u", password=PASSWORD)).arguments

    assert arguments["security_protocol"] == "SASL_SSL"


def test_a_certificate_alone_is_a_name_too(authority: Authority) -> None:
    pair = authority.issue("ingestion")
    security = KafkaSecurity(str(authority.ca), str(pair.cert), str(pair.key))

    assert client_of("k:1", security).arguments["security_protocol"] == "SSL"


def test_a_file_that_is_not_there_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="EPIONE_KAFKA_CA"):
        client_of("k:1", KafkaSecurity(ca=str(tmp_path / "none.pem")))


def test_the_password_is_never_shown(authority: Authority) -> None:
    security = KafkaSecurity(ca=str(authority.ca), user="u", password=PASSWORD)

    assert PASSWORD not in repr(client_of("k:1", security))


def test_what_we_may_not_do_is_the_operator_s_fault() -> None:
    assert isinstance(fault_of(TopicAuthorizationFailedError("a.v1")), Misconfigured)


def test_brokers_that_do_not_answer_are_waited_for() -> None:
    assert isinstance(fault_of(KafkaConnectionError("no answer")), BrokerDown)
