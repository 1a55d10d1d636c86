"""From a genome file to what a patient's log is told of it."""

from collections.abc import Iterable
from functools import cache

from epione.medicine.genome import Genome, Sites, read_vcf
from epione.medicine.pharmacogenomics import (
    RELEASE,
    call_genes,
    gene_names,
    gene_of,
    outside_calls,
)
from epione.timeline import GenomicFeatures


@cache
def sites() -> Sites:
    """Give every place of the genome that any gene asks about."""
    return Sites(site for name in gene_names() for site in gene_of(name).sites.values())


def genome_of(lines: Iterable[bytes], sample: str | int | None = None) -> Genome:
    """Read a VCF's lines at those places.

    Raises:
        UnreadableGenome: See `read_vcf`.
    """
    return read_vcf(lines, sites(), sample)


def features_of(genome: Genome, sample_sha256: str) -> GenomicFeatures:
    """Call every gene that the release defines and the genome holds."""
    return GenomicFeatures(
        sample_sha256=sample_sha256,
        build=genome.build,
        knowledge_release=RELEASE,
        genes=call_genes(map(gene_of, gene_names()), genome),
        observed_sex=genome.observed_sex,
    )


def outside_features_of(text: str, sample_sha256: str) -> GenomicFeatures:
    """Say what a file of another caller means.

    Raises:
        UnreadableCalls: It is in no form that is read.
    """
    return GenomicFeatures(sample_sha256, "", RELEASE, outside_calls(text))
