"""Sealing: what only a holder of the keys can read, and no one can alter.

AES-SIV (RFC 5297) needs no nonce and seals the same text alike each time, so a replayed message
gives the same bytes.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from epione.errors import MalformedEvent
from epione.identity.keys import Keys

FORMAT = b"\x01"  # of the sealed bytes, so that another may follow


def seal(keys: Keys, text: str, context: str) -> bytes:
    """Encrypt `text`, bound to `context` (whose it is): with another context it does not open."""
    return FORMAT + AESSIV(keys.sealing).encrypt(text.encode(), [context.encode()])


def unseal(keys: Keys, sealed: bytes, context: str) -> str:
    """Decrypt what `seal` gave.

    Raises:
        MalformedEvent: It was altered, or sealed by other keys or for another context.
    """
    if sealed[:1] != FORMAT:
        raise MalformedEvent("sealed bytes of an unknown format")
    try:
        return AESSIV(keys.sealing).decrypt(sealed[1:], [context.encode()]).decode()
    except (InvalidTag, ValueError) as fault:
        raise MalformedEvent("sealed bytes that these keys do not open") from fault
