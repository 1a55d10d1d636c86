"""Genes and genomes in a line, for the tests of this room."""

from collections.abc import Mapping, Sequence

from epione.medicine.genome import Build, Genome, Record, genotype_of
from epione.medicine.pharmacogenomics import call_gene, gene_of
from epione.medicine.pharmacogenomics.definitions import Calling, Gene, NamedAllele, Position
from epione.timeline import GeneCall

# A genotype at a position: "0/1", or "0|1:77" in phase set 77.
Genotypes = Mapping[int, str]


def table_gene(
    rows: Mapping[str, str], *, calling: Calling | None = None, chromosome: str = "chr1"
) -> Gene:
    """Give a gene from a definition table: bases by position 1, 2, …; "." where none is defined.

    The first row is the reference; "R" may be A or G.
    """
    (first, reference), *others = rows.items()
    bases = {p: {row.split()[p - 1] for row in rows.values()} for p in _positions(reference)}
    positions = {
        p: Position(p, f"rs{p}", reference.split()[p - 1], _alts(found, reference.split()[p - 1]))
        for p, found in bases.items()
    }
    alleles = [NamedAllele(first, "Normal function", 1.0)]
    for name, row in others:
        defined = {p: base for p, base in enumerate(row.split(), 1) if base != "."}
        alleles.append(
            NamedAllele(
                name, "No function", 0.0, {p: frozenset(_either(b)) for p, b in defined.items()}
            )
        )
    return Gene(
        name="GENE",
        chromosome=chromosome,
        positions=positions,
        alleles=tuple(alleles),
        by_activity=False,
        phenotypes={("No function", "Normal function"): "Intermediate Metabolizer"},
        calling=calling or Calling(),
    )


def _positions(reference: str) -> range:
    return range(1, len(reference.split()) + 1)


def _either(base: str) -> str | list[str]:
    return "AG" if base == "R" else [base]


def _alts(found: set[str], ref: str) -> tuple[str, ...]:
    bases = {base for code in found for base in _either(code)}
    return tuple(sorted(bases - {ref, "."}))


def genome_with(gene: Gene, genotypes: Genotypes, *, elsewhere: str = "0/0") -> Genome:
    """Give a genome with a record at each position; `elsewhere` "" leaves the others out."""
    records = {}
    for p, position in gene.positions.items():
        text = genotypes.get(p, elsewhere)
        if text:
            records[gene.sites[p]] = (record(position.position, position.ref, position.alts, text),)
    return Genome(Build.GRCH38, "S1", records)


def genome_of_records(gene: Gene, records: Mapping[int, Sequence[Record]]) -> Genome:
    """Give a genome that has just these records at these positions."""
    return Genome(Build.GRCH38, "S1", {gene.sites[p]: tuple(r) for p, r in records.items()})


def record(
    position: int, ref: str, alts: Sequence[str], genotype: str, end: int | None = None
) -> Record:
    """Give a record; `end` where it is a block."""
    text, _, phase_set = genotype.partition(":")
    last = position + len(ref) - 1 if end is None else end
    return Record(position, ref, tuple(alts), genotype_of(text, phase_set), last)


def called(name: str, genotypes: Genotypes, *, elsewhere: str = "0/0") -> GeneCall:
    """Call a gene of the pinned release."""
    gene = gene_of(name)
    call = call_gene(gene, genome_with(gene, genotypes, elsewhere=elsewhere))
    assert call is not None
    return call
