"""The table in the package is the one that the reference data gives."""

from importlib import resources
from pathlib import Path

import pytest

from epione.medicine.risk.coefficients import RELEASE, TABLE
from epione_training.knowledge_prevent import coefficient_table


@pytest.mark.reference
def test_the_committed_table_is_generated_from_the_reference(reference_data: Path) -> None:
    folder = resources.files("epione.medicine.risk") / "knowledge" / RELEASE

    assert coefficient_table(reference_data) == (folder / TABLE).read_text(encoding="utf-8")
