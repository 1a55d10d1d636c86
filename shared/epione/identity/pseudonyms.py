"""Names that say nothing of whom they name: keyed hashes (HMAC-SHA256, its first 128 bits)."""

import hmac

from epione.identity.identifiers import MedicalRecord
from epione.identity.keys import Keys

N_BYTES = 16


def pseudonym(keys: Keys, tenant: str, record: MedicalRecord) -> str:
    """Name the patient of a medical record."""
    return _named(keys, "patient", tenant, record.assigner, record.number)


def alias(keys: Keys, tenant: str, base: str, reference: str) -> str:
    """Name the patient that a FHIR server at `base` calls `reference`, e.g. "Patient/123".

    It is merged into the pseudonym when the Patient resource says the medical record number.
    """
    return _named(keys, "alias", tenant, base, reference)


def entity_id(keys: Keys, tenant: str, assigner: str, *business_id: str) -> str:
    """Name a fact by the identifier that its source gives it; equal for each of its versions."""
    return _named(keys, "entity", tenant, assigner, *business_id)


def link_id(keys: Keys, tenant: str, one: str, other: str) -> str:
    """Name the link between two patients' records, whichever of them survives."""
    return _named(keys, "link", tenant, *sorted((one, other)))


def _named(keys: Keys, *parts: str) -> str:
    """Hash the parts, each preceded by its length, so that no two lists of parts read alike."""
    encoded = [part.encode() for part in parts]
    text = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return hmac.digest(keys.naming, text, "sha256")[:N_BYTES].hex()
