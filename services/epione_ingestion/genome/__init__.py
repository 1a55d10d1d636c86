"""Genomes: a manifest that says where one is, or a small one itself, to a sample to be read."""

from epione_ingestion.genome.message import (
    INLINE_LIMIT,
    MANIFEST_TYPES,
    OUTSIDE_TYPES,
    VCF_TYPES,
    read_genome,
)

__all__ = ["INLINE_LIMIT", "MANIFEST_TYPES", "OUTSIDE_TYPES", "VCF_TYPES", "read_genome"]
