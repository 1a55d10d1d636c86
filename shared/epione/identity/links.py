"""What ties a pseudonym to the person: sealed, on identity.links.v1, for delivery alone to open."""

import hashlib
import json

from epione.identity.identifiers import MedicalRecord
from epione.identity.keys import Keys
from epione.identity.sealing import seal
from epione.messaging.cloudevents import headers_of
from epione.messaging.log import Message
from epione.messaging.topics import IDENTITY_LINKS

SOURCE = "/epione/identity"
KIND = "epione.identity.Link"
SEALED = "application/vnd.epione.sealed"


def patient_key(tenant: str, patient: str) -> str:
    """Give the key under which everything of a patient stands on every topic."""
    return f"{tenant}/{patient}"


def record_link(keys: Keys, tenant: str, patient: str, record: MedicalRecord) -> Message:
    """Say which medical record a pseudonym is of."""
    return _link(keys, tenant, patient, {"assigner": record.assigner, "number": record.number})


def alias_link(keys: Keys, tenant: str, patient: str, base: str, reference: str) -> Message:
    """Say which resource of which FHIR server an alias is of."""
    return _link(keys, tenant, patient, {"base": base, "reference": reference})


def _link(keys: Keys, tenant: str, patient: str, identified: dict[str, str]) -> Message:
    key = patient_key(tenant, patient)
    text = json.dumps(identified, sort_keys=True)
    sealed = seal(keys, text, key)
    event_id = hashlib.sha256(sealed).hexdigest()[:32]  # the same again for the same link
    headers = headers_of(event_id=event_id, source=SOURCE, kind=KIND, content_type=SEALED)
    return Message(IDENTITY_LINKS, key.encode(), sealed, headers)
