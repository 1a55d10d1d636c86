"""Privacy: payloads sealed by keys of their patients, which can be destroyed, and an audit."""

from epione.privacy.audit import Action, Entry, Outcome, audit_message, entry_of
from epione.privacy.destroying import bury, destroy_keys, keys_on, rekey
from epione.privacy.keyring import KeyRing
from epione.privacy.opening import opened_records, opened_vault
from epione.privacy.pulse import pulse
from epione.privacy.vault import KEY, OWNER, Vault
from epione.privacy.wrapping import VaultKeys

__all__ = [
    "KEY",
    "OWNER",
    "Action",
    "Entry",
    "KeyRing",
    "Outcome",
    "Vault",
    "VaultKeys",
    "audit_message",
    "bury",
    "destroy_keys",
    "entry_of",
    "keys_on",
    "opened_records",
    "opened_vault",
    "pulse",
    "rekey",
]
