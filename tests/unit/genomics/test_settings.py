"""The operator's words, read once."""

import pytest

from epione.errors import Misconfigured
from epione_genomics.app import opened
from epione_genomics.settings import GenomicsSettings


async def test_the_service_does_not_start_without_its_release_of_knowledge() -> None:
    told = {"kafka": "broker:9092", "secret": "s" * 32, "vault": "v" * 32, "knowledge": "2019-01"}

    with pytest.raises(Misconfigured, match="EPIONE_KNOWLEDGE: 2019-01 is no knowledge release"):
        await opened(GenomicsSettings.model_validate(told)).__aenter__()
