import hashlib
import hmac

import pytest

from epione.errors import Misconfigured
from epione.identity import MedicalRecord, alias, entity_id, keys_of, link_id, pseudonym

KEYS = keys_of("a secret of the tests, long enough")
RECORD = MedicalRecord("http://hospital.example/mrn", "12345")


def test_a_pseudonym_is_the_keyed_hash_of_tenant_assigner_and_number() -> None:
    parts = [b"patient", b"north", RECORD.assigner.encode(), b"12345"]
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    assert (
        pseudonym(KEYS, "north", RECORD)
        == hmac.new(KEYS.naming, text, hashlib.sha256).hexdigest()[:32]
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(pseudonym(KEYS, "south", RECORD), id="another tenant"),
        pytest.param(pseudonym(KEYS, "north", MedicalRecord("x", "12345")), id="another assigner"),
        pytest.param(pseudonym(keys_of("x" * 32), "north", RECORD), id="another secret"),
        pytest.param(alias(KEYS, "north", RECORD.assigner, RECORD.number), id="an alias"),
        pytest.param(entity_id(KEYS, "north", RECORD.assigner, RECORD.number), id="a fact"),
    ],
)
def test_what_differs_has_another_name(other: str) -> None:
    assert pseudonym(KEYS, "north", RECORD) != other


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert entity_id(KEYS, "t", "ab", "c") != entity_id(KEYS, "t", "a", "bc")
    assert entity_id(KEYS, "t", "a", "b", "") != entity_id(KEYS, "t", "a", "b")


def test_a_link_is_named_alike_from_both_sides() -> None:
    assert link_id(KEYS, "north", "one", "other") == link_id(KEYS, "north", "other", "one")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Misconfigured, match="32 characters"):
        keys_of("x" * 31)


def test_keys_never_show_themselves() -> None:
    assert KEYS.naming.hex() not in repr(KEYS)
    assert repr(KEYS.naming) not in repr(KEYS)
