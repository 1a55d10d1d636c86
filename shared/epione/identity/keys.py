"""The keys by which identifiers become pseudonyms, and are sealed."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from epione.errors import Misconfigured

SHORTEST_SECRET = 32  # characters; a hexadecimal one then has the 128 bits that a pseudonym has


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Derived from one secret; its holder can tell whose a pseudonym is. Never shown or logged."""

    naming: bytes  # 32 bytes, of pseudonyms, aliases and entity ids
    sealing: bytes  # 64 bytes, of what is encrypted


def keys_of(secret: str) -> Keys:
    """Derive the keys (HKDF-SHA256, RFC 5869). All services of a deployment share one secret.

    Raises:
        Misconfigured: The secret is shorter than 32 characters.
    """
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured(f"the secret must have at least {SHORTEST_SECRET} characters")
    derived = HKDF(SHA256(), length=96, salt=None, info=b"epione identity v1").derive(
        secret.encode()
    )
    return Keys(naming=derived[:32], sealing=derived[32:])
