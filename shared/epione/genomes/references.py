"""A genome's address and its column, as one sealed text."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from epione.identity import Keys, patient_key, seal, unseal
from epione.wire import GenomeSample


@dataclass(frozen=True, slots=True, repr=False)
class GenomeReference:
    """Where a genome is, and which of the file's sample columns is the patient's, by its name."""

    uri: str
    column_name: str


def sealed_reference(keys: Keys, tenant: str, patient: str, reference: GenomeReference) -> bytes:
    """Seal a reference for `GenomeSample.sealed_uri`: the column's name is the URI's fragment."""
    text = f"{reference.uri}#{quote(reference.column_name, safe='')}"
    return seal(keys, text, patient_key(tenant, patient))


def opened_reference(keys: Keys, sample: GenomeSample) -> GenomeReference:
    """Read a sample's reference.

    Raises:
        MalformedEvent: It was sealed by other keys, for another patient, or altered.
    """
    text = unseal(keys, sample.sealed_uri, patient_key(sample.tenant, sample.patient))
    uri, _, column_name = text.rpartition("#")
    return GenomeReference(uri, unquote(column_name))
