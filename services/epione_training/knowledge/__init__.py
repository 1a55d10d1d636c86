"""Writes the pharmacogenomic knowledge files from the reference data they are derived from."""

from collections.abc import Iterator
from pathlib import Path

from epione_training.knowledge.drugs import base_files, current_files
from epione_training.knowledge.genes import gene_files

__all__ = ["knowledge_files"]

BASE, CURRENT = "2025-11", "2026-11"


def knowledge_files(reference_data: Path) -> Iterator[tuple[str, str, str]]:
    """Give each generated file's release, its name below the release's folder, and its text."""
    data = reference_data / "pharmacogenomics"
    yield from ((BASE, name, text) for name, text in gene_files(data))
    yield from ((BASE, name, text) for name, text in base_files(data))
    yield from ((CURRENT, name, text) for name, text in current_files(data))
