"""Privacy: payloads sealed by keys of their patients, which can be destroyed."""

from epione.privacy.keyring import KeyRing
from epione.privacy.opening import opened_records, opened_vault
from epione.privacy.vault import KEY, OWNER, Vault
from epione.privacy.wrapping import VaultKeys

__all__ = ["KEY", "OWNER", "KeyRing", "Vault", "VaultKeys", "opened_records", "opened_vault"]
