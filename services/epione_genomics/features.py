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
from epione_genomics.indexed import index_beside, read_index, text_at
from epione_genomics.text import text_of


@cache
def sites() -> Sites:
    """Give every place of each build that any gene asks about."""
    places = (on_build for name in gene_names() for on_build in gene_of(name).places.values())
    return Sites(site for on_build in places for site in on_build.sites.values())


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
    """Read a VCF file; of one with an index beside it, the parts with those places.

    Where those hold no record the whole is read: it may be of another build than it states.

    Raises:
        OSError: The file cannot be opened.
        UnreadableGenome: See `read_vcf`.
    """
    index = index_beside(path)
    with path.open("rb") as file:
        if index is not None:
            parts = text_at(file, read_index(index.read_bytes()), sites())
            if (genome := genome_of(parts, sample)).records:
                return genome
            file.seek(0)
        return genome_of(text_of(file), sample)


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
