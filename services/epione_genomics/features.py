"""From a genome file to what a patient's log is told of it."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from epione.medicine.genome import Genome, Record, Site, Sites, read_vcf, samples_of, sites_of
from epione.medicine.pharmacogenomics import (
    PINNED,
    call_genes,
    gene_names,
    gene_of,
    name_of,
    outside_calls,
)
from epione.timeline import GenomicFeatures
from epione_genomics.index import Index, index_beside, read_index
from epione_genomics.indexed import text_at
from epione_genomics.text import text_of


@cache
def sites(release: Path = PINNED) -> Sites:
    """Give every place of each build that any gene asks about."""
    genes = (gene_of(name, release) for name in gene_names(release))
    places = (on_build for gene in genes for on_build in gene.places.values())
    return Sites(site for on_build in places for site in on_build.sites.values())


def genome_of(
    pieces: Iterable[bytes], sample: str | int | None = None, release: Path = PINNED
) -> Genome:
    """Read the text of a VCF, in pieces, at those places.

    Raises:
        UnreadableGenome: See `read_vcf`.
    """
    return read_vcf(pieces, sites(release), sample)


def n_samples_in(path: Path) -> int:
    """Count the samples of a VCF file.

    Raises:
        OSError: The file cannot be opened.
        UnreadableGenome: See `samples_of`.
    """
    with path.open("rb") as file:
        return len(samples_of(text_of(file)))


def genome_in(path: Path, sample: str | int | None = None, release: Path = PINNED) -> Genome:
    """Read a VCF file; of one with an index beside it, the lines around those places.

    These alone may not show the sex that the whole file shows.

    Where no record states a base of those places, as one that begins elsewhere and speaks of a
    whole block does not, the whole is read: it may be of another build than it states.

    Raises:
        OSError: The file cannot be opened.
        UnreadableGenome: See `read_vcf`.
    """
    beside = index_beside(path)
    with path.open("rb") as file:
        if beside is not None:
            with beside.open("rb") as packed:

                def index_for(header: bytes) -> Index:
                    return read_index(packed, sites_of(header, sites(release)))

                genome = genome_of(text_at(file, index_for), sample, release)
            if any(_states_bases(site, at) for site, at in genome.records.items()):
                return genome
            file.seek(0)
        return genome_of(text_of(file), sample, release)


def _states_bases(site: Site, records: Iterable[Record]) -> bool:
    return any(
        each.position <= site.end and site.position < each.position + len(each.ref)
        for each in records
    )


def features_of(genome: Genome, sample_sha256: str, release: Path = PINNED) -> GenomicFeatures:
    """Call every gene that the release defines and the genome holds."""
    return GenomicFeatures(
        sample_sha256=sample_sha256,
        build=genome.build,
        knowledge_release=name_of(release),
        genes=call_genes((gene_of(name, release) for name in gene_names(release)), genome),
        observed_sex=genome.observed_sex,
    )


def outside_features_of(text: str, sample_sha256: str, release: Path = PINNED) -> GenomicFeatures:
    """Say what a file of another caller means.

    Raises:
        UnreadableCalls: It is in no form that is read.
    """
    return GenomicFeatures(sample_sha256, "", name_of(release), outside_calls(text, release))
