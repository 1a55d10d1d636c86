from datetime import UTC, datetime

import pytest

from epione.errors import MalformedEvent
from epione.genomes import GenomeReference, opened_reference, sealed_reference
from epione.identity import keys_of
from epione.timeline import SourceVersion
from epione.wire import GenomeSample

KEYS = keys_of("a secret of the tests, long enough")


def sample(sealed_uri: bytes, patient: str = "p1") -> GenomeSample:
    return GenomeSample(
        tenant="north",
        patient=patient,
        delivery_id="hospital.genome.v1/0/0/0",
        entity_id="e1",
        version=SourceVersion(1),
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        sha256="0" * 64,
        size=1,
        sealed_uri=sealed_uri,
    )


@pytest.mark.parametrize("column_name", ["S1", "", "Zoë #2 / 50 %"])
def test_a_reference_comes_back_as_it_went(column_name: str) -> None:
    reference = GenomeReference("file:///genomes/a%20b.vcf", column_name)

    assert (
        opened_reference(KEYS, sample(sealed_reference(KEYS, "north", "p1", reference)))
        == reference
    )


def test_a_reference_does_not_open_for_another_patient() -> None:
    sealed = sealed_reference(KEYS, "north", "p1", GenomeReference("file:///a.vcf", "S1"))

    with pytest.raises(MalformedEvent):
        opened_reference(KEYS, sample(sealed, patient="p2"))
