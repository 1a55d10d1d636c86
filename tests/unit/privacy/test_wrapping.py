import pytest
from tests.vaults import KEYS, NOW_MS, SECRET

from epione.errors import Misconfigured
from epione.privacy.wrapping import VaultKeys, made_ms_of

NAME = b"north/p-1/0011223344556677"
KEY = bytes(range(32))
OTHER = "another secret of the vault, long enough"


def test_a_wrapped_key_comes_back_and_says_when_it_was_made() -> None:
    wrapped = KEYS.wrap(NAME, NOW_MS, KEY)

    assert KEYS.unwrap(NAME, wrapped) == KEY
    assert made_ms_of(wrapped) == NOW_MS
    assert KEY not in wrapped


def test_no_two_wrappings_are_alike() -> None:
    assert KEYS.wrap(NAME, NOW_MS, KEY) != KEYS.wrap(NAME, NOW_MS, KEY)


def test_a_key_opens_under_its_own_name_alone() -> None:
    wrapped = KEYS.wrap(NAME, NOW_MS, KEY)

    with pytest.raises(Misconfigured):
        KEYS.unwrap(b"north/p-2/0011223344556677", wrapped)


@pytest.mark.parametrize("at", [1, 8, 9, 30, -1], ids=["time", "time", "nonce", "key", "tag"])
def test_a_key_that_was_altered_does_not_open(at: int) -> None:
    wrapped = bytearray(KEYS.wrap(NAME, NOW_MS, KEY))
    wrapped[at] ^= 1

    with pytest.raises(Misconfigured):
        KEYS.unwrap(NAME, bytes(wrapped))


def test_another_secret_opens_nothing_and_a_former_one_still_does() -> None:
    wrapped = KEYS.wrap(NAME, NOW_MS, KEY)

    with pytest.raises(Misconfigured, match="neither EPIONE_VAULT nor one of EPIONE_VAULT_OLD"):
        VaultKeys(OTHER).unwrap(NAME, wrapped)
    assert VaultKeys(OTHER, [SECRET]).unwrap(NAME, wrapped) == KEY


def test_what_a_former_secret_wrapped_is_not_current() -> None:
    rotated, wrapped = VaultKeys(OTHER, [SECRET]), KEYS.wrap(NAME, NOW_MS, KEY)

    assert KEYS.is_current(NAME, wrapped)
    assert not rotated.is_current(NAME, wrapped)
    assert rotated.is_current(NAME, rotated.wrap(NAME, NOW_MS, KEY))


@pytest.mark.parametrize("wrapped", [b"", b"\x01short", b"\x02" + bytes(68)])
def test_another_format_is_refused(wrapped: bytes) -> None:
    with pytest.raises(Misconfigured, match="format"):
        made_ms_of(wrapped)


def test_a_short_secret_is_refused_without_being_said() -> None:
    with pytest.raises(Misconfigured, match="32 characters") as refusal:
        VaultKeys(SECRET, ["too short"])

    assert "too short" not in str(refusal.value)
