"""What else a gene's call could be: other phase, or another base where nothing was read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.knowledge import gene_of
from epione.medicine.pharmacogenomics.phenotype import Outcome, outcome_of
from epione.medicine.pharmacogenomics.variants import lowest_first
from epione.timeline import GeneCall

# The alleles of one strand.
Strand = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer, and what would have to be so."""

    condition: str
    answer: str
    outcome: Outcome


def strands_of(diplotype: str) -> tuple[Strand, ...]:
    """Read a diplotype as it is written.

    >>> strands_of("c.62G>A/[c.1218G>A + c.2195T>G]")
    (('c.62G>A',), ('c.1218G>A', 'c.2195T>G'))
    """
    return tuple(tuple(strand.strip("[]").split(" + ")) for strand in diplotype.split("/"))


def outcome_of_strands(gene: Gene, strands: Sequence[Strand]) -> Outcome:
    """Give what a diplotype means; of several alleles on a strand, the lowest function decides."""
    if gene.calling.lowest_first:
        strands = [(lowest_first(gene, strand)[0],) for strand in strands]
    return outcome_of(gene, [strand[0] for strand in strands])


def answers_of(call: GeneCall) -> tuple[tuple[str, Outcome], ...]:
    """Give each equally good answer of a call, as written, with what it means."""
    gene = gene_of(call.gene)
    if call.component_haplotypes:
        deciding = lowest_first(gene, call.component_haplotypes)[:2]
        return ((" + ".join(call.component_haplotypes), outcome_of(gene, deciding)),)
    return tuple((d, outcome_of_strands(gene, strands_of(d))) for d in call.diplotypes)


@cache
def if_read(call: GeneCall) -> tuple[Alternative, ...]:
    """Give what the call could become were its missing positions read, one position at a time.

    Only alleles that fit everything that was read are tried, on one strand at a time; the first
    missing position stands for an allele of which several are missing.
    """
    gene = gene_of(call.gene)
    missing = frozenset(call.missing_positions)
    return tuple(dict.fromkeys(_tried(gene, call, missing))) if missing else ()


def _tried(gene: Gene, call: GeneCall, missing: frozenset[int]) -> Iterator[Alternative]:
    for diplotype in call.diplotypes:
        strands = strands_of(diplotype)
        for allele in gene.alleles:
            for n in range(len(strands)):
                strand = _with(gene, strands[n], allele, missing)
                if strand:
                    tried = (*strands[:n], strand, *strands[n + 1 :])
                    yield Alternative(
                        _condition(gene, allele, missing),
                        "/".join(sorted(map(_written, tried), key=lambda s: s != tried[0][0])),
                        outcome_of_strands(gene, tried),
                    )
    if call.component_haplotypes:
        for allele in gene.alleles:
            if _changed(gene, allele, missing) and allele.star not in call.component_haplotypes:
                found = (*call.component_haplotypes, allele.star)
                outcome = outcome_of(gene, lowest_first(gene, found)[:2])
                yield Alternative(_condition(gene, allele, missing), " + ".join(found), outcome)


def _with(
    gene: Gene, strand: Strand, allele: NamedAllele, missing: frozenset[int]
) -> Strand | None:
    """Give a strand that holds the allele after all; None where what was read rules it out."""
    if not _changed(gene, allele, missing) or allele.star in strand:
        return None
    if gene.calling.lowest_first:
        others = tuple(name for name in strand if name != gene.reference.name)
        return (*others, allele.star) if set(allele.defined) <= missing else None
    now = gene.by_name[strand[0]]
    read = (set(now.defined) | set(allele.defined)) - missing
    fits = all(not _bases(gene, now, p).isdisjoint(_bases(gene, allele, p)) for p in read)
    return (allele.star,) if fits else None


def _bases(gene: Gene, allele: NamedAllele, position: int) -> frozenset[str]:
    return allele.defined.get(position) or frozenset((gene.positions[position].ref,))


def _changed(gene: Gene, allele: NamedAllele, missing: frozenset[int]) -> list[int]:
    """Give the missing positions at which the allele differs from the reference."""
    return [p for p in allele.defined if p in missing and gene.positions[p].ref not in allele.defined[p]]


def _condition(gene: Gene, allele: NamedAllele, missing: frozenset[int]) -> str:
    position = gene.positions[_changed(gene, allele, missing)[0]]
    rsid = f" ({position.rsid})" if position.rsid else ""
    bases = "/".join(sorted(allele.defined[position.position]))
    return f"{gene.chromosome}:{position.position}{rsid}, not in the file, read as {bases}"


def _written(strand: Strand) -> str:
    return strand[0] if len(strand) == 1 else f"[{' + '.join(strand)}]"
