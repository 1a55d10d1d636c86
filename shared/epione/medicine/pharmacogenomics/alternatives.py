"""What else a gene's call could be: other phase, or another base where nothing was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.knowledge import PINNED, gene_names, gene_of
from epione.medicine.pharmacogenomics.notation import Strand, strands_of, written
from epione.medicine.pharmacogenomics.phenotype import Outcome, outcome_of
from epione.medicine.pharmacogenomics.variants import lowest_first, outcome_of_strands
from epione.timeline import GeneCall


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer, and what would have to be read for it."""

    condition: str
    answer: str
    outcome: Outcome
    is_unread: bool = True  # a position that was not read; else a phase that is not known
    is_on_both: bool = False  # it stands on both strands, and on one in another alternative


def is_known(call: GeneCall, release: Path = PINNED) -> bool:
    """Say whether the release defines all that the call names, which another may have made."""
    if call.gene not in gene_names(release):
        return False
    strands = (strand for diplotype in call.diplotypes for strand in strands_of(diplotype))
    names = {*call.component_haplotypes, *(name for strand in strands for name in strand)}
    return names <= gene_of(call.gene, release).by_name.keys()


def answers_of(call: GeneCall, release: Path = PINNED) -> tuple[tuple[str, Outcome], ...]:
    """Give each equally good diplotype of a call with what it means."""
    gene = gene_of(call.gene, release)
    return tuple((d, outcome_of_strands(gene, strands_of(d))) for d in call.diplotypes)


def unread(call: GeneCall, release: Path = PINNED) -> str:
    """Name the missing position that tells equally good diplotypes apart; "" where none does."""
    gene = gene_of(call.gene, release)
    for diplotype in call.diplotypes:
        for name in (name for strand in strands_of(diplotype) for name in strand):
            for position in _unread(gene, gene.by_name[name], frozenset(call.missing_positions)):
                return gene.where(position)
    return ""


@lru_cache(maxsize=4096)
def if_known(call: GeneCall, release: Path = PINNED) -> tuple[Alternative, ...]:
    """Give what the call could become were its missing positions read, or its phase known.

    An approximation for a reader, from the call alone, which keeps no genotypes: only alleles that
    fit all that was read are tried, one at a time, on one strand and then on both; the first of an
    allele's missing positions stands for all. `possible` says exactly what a genome leaves open.
    What another caller called is not tried: what it did not read is not known. Nor is a call of
    another release that names an allele which this one does not define.
    """
    if call.caller or not is_known(call, release):
        return ()
    gene, missing = gene_of(call.gene, release), frozenset(call.missing_positions)
    tried = (*_on_one_strand(gene, call), *_tried(gene, call, missing))
    return tuple(dict.fromkeys(tried))


def _on_one_strand(gene: Gene, call: GeneCall) -> Iterator[Alternative]:
    """Give what variants of unknown phase mean where all of them stand on one strand."""
    found = call.component_haplotypes
    if found and len(set(found)) == len(found):
        strands = ((gene.reference.name,), found)
        answer = "/".join(map(written, strands))
        yield Alternative(
            "all stand on one strand", answer, outcome_of_strands(gene, strands), False
        )


def _tried(gene: Gene, call: GeneCall, missing: frozenset[int]) -> Iterator[Alternative]:
    for allele in gene.alleles:
        if _unread(gene, allele, missing):
            condition = _condition(gene, allele, missing)
            for answer, outcome in _carrying(gene, call, allele, missing):
                yield Alternative(condition, answer, outcome)
            for answer, outcome in _carrying_twice(gene, call, allele, missing):
                yield Alternative(condition, answer, outcome, is_on_both=True)


def _carrying(
    gene: Gene, call: GeneCall, allele: NamedAllele, missing: frozenset[int]
) -> Iterator[tuple[str, Outcome]]:
    """Give the answers in which one strand holds the allele after all."""
    for strands in map(strands_of, call.diplotypes):
        for n, strand in enumerate(strands):
            if other := _with(gene, strand, allele, missing):
                tried = sorted((*strands[:n], other, *strands[n + 1 :]), key=gene.strand_order)
                yield "/".join(map(written, tried)), outcome_of_strands(gene, tried)
    if call.component_haplotypes and set(allele.defined) <= missing:
        found = (*call.component_haplotypes, allele.star)
        yield " + ".join(found), outcome_of(gene, lowest_first(gene, found)[:2])


def _carrying_twice(
    gene: Gene, call: GeneCall, allele: NamedAllele, missing: frozenset[int]
) -> Iterator[tuple[str, Outcome]]:
    """Give the answers in which both strands of a call hold the allele after all."""
    for strands in map(strands_of, call.diplotypes):
        others = [_with(gene, strand, allele, missing) for strand in strands]
        both = [other for other in others if other]
        if len(both) == len(others) == 2:
            yield "/".join(map(written, both)), outcome_of_strands(gene, both)


def _with(
    gene: Gene, strand: Strand, allele: NamedAllele, missing: frozenset[int]
) -> Strand | None:
    """Give a strand that holds the allele after all; None where what was read rules it out."""
    if allele.star in strand:
        return None
    if gene.calling.lowest_first:
        others = (name for name in strand if name != gene.reference.name)
        together = tuple(sorted((*others, allele.star), key=gene.order.__getitem__))
        return together if set(allele.defined) <= missing else None
    now = gene.by_name[strand[0]]
    read = (set(now.defined) | set(allele.defined)) - missing
    fits = all(not gene.bases(now, p).isdisjoint(gene.bases(allele, p)) for p in read)
    return (allele.star,) if fits else None


def _unread(gene: Gene, allele: NamedAllele, missing: frozenset[int]) -> list[int]:
    """Give the missing positions at which the allele differs from the reference."""
    return [
        p
        for p, bases in allele.defined.items()
        if p in missing and gene.positions[p].ref not in bases
    ]


def _condition(gene: Gene, allele: NamedAllele, missing: frozenset[int]) -> str:
    position = _unread(gene, allele, missing)[0]
    bases = " or ".join(sorted(allele.defined[position]))
    return f"{gene.where(position)}, not in the file, is read as {bases}"
