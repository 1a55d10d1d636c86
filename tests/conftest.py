"""What several tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of outside references; what needs it is skipped where it is absent."""
    beside = Path(__file__).parents[1] / ".." / "shared" / "data"
    folder = Path(os.environ.get("EPIONE_REFERENCE_DATA", beside)).resolve()
    if not folder.is_dir():
        pytest.skip("the reference data of EPIONE_REFERENCE_DATA is not there")
    return folder
