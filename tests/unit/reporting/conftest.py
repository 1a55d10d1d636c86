"""The guide that bundles are held to."""

import json
from pathlib import Path

import pytest
from tests.unit.reporting.profiles import Guide, read_lines
from tests.unit.reporting.reports import EXAMPLES, PROFILES, Resource


@pytest.fixture(scope="session")
def guide(reference_data: Path) -> Guide:
    """HL7's Genomics Reporting guide, with its profiles, value sets and code systems."""
    return Guide(read_lines(reference_data / PROFILES))


@pytest.fixture(scope="session")
def examples(reference_data: Path) -> list[Resource]:
    """Its examples: resources, and bundles of them."""
    return list(read_lines(reference_data / EXAMPLES))


def as_read(resource: Resource) -> Resource:
    """Give a resource as a reader of its JSON gets it."""
    read: Resource = json.loads(json.dumps(resource))
    return read
