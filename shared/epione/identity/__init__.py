"""Identity: pseudonyms for patients and facts, and the sealed way back."""

from epione.identity.identifiers import Assigners, Identifier, MedicalRecord, medical_record
from epione.identity.keys import Keys, keys_of
from epione.identity.links import alias_link, patient_key, record_link
from epione.identity.pseudonyms import alias, entity_id, link_id, pseudonym
from epione.identity.sealing import seal, unseal

__all__ = [
    "Assigners",
    "Identifier",
    "Keys",
    "MedicalRecord",
    "alias",
    "alias_link",
    "entity_id",
    "keys_of",
    "link_id",
    "medical_record",
    "patient_key",
    "pseudonym",
    "record_link",
    "seal",
    "unseal",
]
