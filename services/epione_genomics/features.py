"""From a genome file to what a patient's log is told of it."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from epione.medicine.genome import Genome, Sites, read_vcf, samples_of
from epione.medicine.pharmacogenomics import (
    RELEASE,
    call_genes,
    gene_names,
    gene_of,
    outside_calls,
)
from epione.timeline import GenomicFeatures
from epione_genomics.index import index_beside, read_index
from epione_genomics.indexed import text_at
from epione_genomics.text import text_of


@cache
def sites() -> Sites:
    """Give every place of the genome that any gene asks about."""
    return Sites(site for name in gene_names() for site in gene_of(name).sites.values())


def genome_of(pieces: Iterable[bytes], sample: str | int | None = None) -> Genome:
    """Read the text of a VCF, in pieces, at those places.

    Raises:
        UnreadableGenome: See `read_vcf`.
    """
    return read_vcf(pieces, sites(), sample)


def n_samples_in(path: Path) -> int:
    """Count the samples of a VCF file.

    Raises:
        OSError: The file cannot be opened.
        UnreadableGenome: See `samples_of`.
    """
    with path.open("rb") as file:
        return len(samples_of(text_of(file)))


def genome_in(path: Path, sample: str | int | None = None) -> Genome:
    """Read a VCF file; of one with an index beside it, the lines around those places.

    These alone may not show the sex that the whole file shows.

    Raises:
        OSError: The file cannot be opened.
        UnreadableGenome: See `read_vcf`.
    """
    beside = index_beside(path)
    with path.open("rb") as file:
        if beside is None:
            return genome_of(text_of(file), sample)
        with beside.open("rb") as packed:
            index = read_index(packed, sites())
        return genome_of(text_at(file, index), sample)


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
