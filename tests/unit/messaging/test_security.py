from typing import Any

import pytest

from epione.errors import Misconfigured
from epione.messaging.security import KafkaSecurity


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"user": "u"}, "EPIONE_KAFKA_PASSWORD", id="a user without a password"),
        pytest.param({"password": "p"}, "EPIONE_KAFKA_USER", id="a password without a user"),
        pytest.param({"cert": "c"}, "EPIONE_KAFKA_KEY", id="a certificate without its key"),
        pytest.param({"key": "k"}, "EPIONE_KAFKA_CERT", id="a key without its certificate"),
    ],
)
def test_what_contradicts_itself_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(Misconfigured, match=reason):
        KafkaSecurity(**given)


def test_with_nothing_set_it_is_open() -> None:
    assert KafkaSecurity().is_open


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"ca": "ca.pem"}, id="an authority"),
        pytest.param({"cert": "c.pem", "key": "c.key"}, id="a certificate"),
        pytest.param({"user": "u", "password": "p"}, id="a user"),
    ],
)
def test_with_anything_set_it_is_not(given: dict[str, Any]) -> None:
    assert not KafkaSecurity(**given).is_open


def test_the_password_is_never_shown() -> None:
    assert "sesame" not in repr(KafkaSecurity(user="u", password="sesame"))
