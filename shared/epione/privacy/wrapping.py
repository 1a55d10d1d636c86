"""Wrapping: patients' keys as patient.keys.v1 has them, to be opened with EPIONE_VAULT alone.

The value of a key's record: the format (1 byte, 1), when the key was made (8 bytes, big-endian, ms
since 1970 UTC), a nonce (12 bytes), then AES-256-GCM (NIST SP 800-38D) of the 32 bytes of the key,
its tag (16 bytes) last. Associated data: format and time, then the record's own key. The wrapping
key is HKDF-SHA256 (RFC 5869) of the secret, without salt, info "epione vault v1", 32 bytes.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from epione.errors import Misconfigured

INFO = b"epione vault v1"
FORMAT = b"\x01"
KEY_BYTES, NONCE_BYTES = 32, 12
SHORTEST_SECRET = 32  # characters
_HEAD = len(FORMAT) + 8
WRAPPED_BYTES = _HEAD + NONCE_BYTES + KEY_BYTES + 16


class VaultKeys:
    """The wrapping keys of the secret in use and of others that still open. Never shown."""

    def __init__(self, secret: str, others: Sequence[str] = ()) -> None:
        """Derive them.

        Raises:
            Misconfigured: A secret is shorter than 32 characters.
        """
        self._keys = [_derived(each) for each in (secret, *others)]

    def wrap(self, name: bytes, made_ms: int, key: bytes) -> bytes:
        """Wrap a key, bound to the record key `name` under which it will stand."""
        head, nonce = FORMAT + made_ms.to_bytes(8, "big"), os.urandom(NONCE_BYTES)
        return head + nonce + self._keys[0].encrypt(nonce, key, head + name)

    def unwrap(self, name: bytes, wrapped: bytes) -> bytes:
        """Give the key back.

        Raises:
            Misconfigured: None of the secrets opens it, or it is of another format.
        """
        made_ms_of(wrapped)
        for each in self._keys:
            if (key := _opened(each, name, wrapped)) is not None:
                return key
        raise Misconfigured(
            "a patient's key does not open: it was wrapped by a secret that is neither EPIONE_VAULT"
            " nor one of EPIONE_VAULT_OLD, or it was altered"
        )

    def is_current(self, name: bytes, wrapped: bytes) -> bool:
        """Say whether the secret in use opens it."""
        return _opened(self._keys[0], name, wrapped) is not None


def made_ms_of(wrapped: bytes) -> int:
    """Give when a wrapped key was made.

    Raises:
        Misconfigured: It is of a format that this release does not know.
    """
    if len(wrapped) != WRAPPED_BYTES or not wrapped.startswith(FORMAT):
        raise Misconfigured("a patient's key is of a format that this release does not know")
    return int.from_bytes(wrapped[len(FORMAT) : _HEAD], "big")


def _derived(secret: str) -> AESGCM:
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured(
            f"EPIONE_VAULT, as each of EPIONE_VAULT_OLD, must have {SHORTEST_SECRET} characters"
        )
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=INFO).derive(secret.encode()))


def _opened(wrapping: AESGCM, name: bytes, wrapped: bytes) -> bytes | None:
    head, nonce = wrapped[:_HEAD], wrapped[_HEAD : _HEAD + NONCE_BYTES]
    try:
        return wrapping.decrypt(nonce, wrapped[_HEAD + NONCE_BYTES :], head + name)
    except InvalidTag:
        return None
