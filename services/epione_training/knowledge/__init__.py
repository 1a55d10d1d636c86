"""Writes the pharmacogenomic knowledge files from the reference data they are derived from."""

from collections.abc import Iterator
from pathlib import Path

from epione_training.knowledge.drugs import drug_files
from epione_training.knowledge.genes import gene_files

__all__ = ["knowledge_files"]


def knowledge_files(reference_data: Path) -> Iterator[tuple[str, str]]:
    """Give each generated file's name below the release's folder, and its text."""
    yield from gene_files(reference_data / "pharmacogenomics")
    yield from drug_files(reference_data / "pharmacogenomics")
