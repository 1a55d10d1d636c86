"""What was not read of a gene, and the genotypes that may stand there."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.observed import Observed


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is known of a gene; a position that is in no field is the reference on every strand.

    `phase_set` is the one that phases the gene as a whole, "" where none does: there is none, or
    more than one, or a heterozygous position is in none.
    """

    unread: tuple[tuple[int, str], ...]  # with the base that is known of one strand, or ""
    changed: tuple[tuple[int, tuple[str, ...], str], ...]  # with its bases and phase set
    is_haploid: bool
    phase_set: str

    @property
    def positions(self) -> tuple[int, ...]:
        return tuple(position for position, _ in self.unread)


def gaps_of(gene: Gene, observed: Observed) -> Gaps:
    """Say what is known of a gene, apart from what is in no definition."""
    unread = (*observed.missing, *observed.half)
    return Gaps(
        unread=tuple((p, observed.known.get(p, "")) for p in gene.positions if p in unread),
        changed=tuple(
            (p, bases, observed.phase_sets.get(p, ""))
            for p, bases in observed.bases.items()
            if set(bases) != {gene.positions[p].ref}
        ),
        is_haploid=observed.is_haploid,
        phase_set=_of_whole(observed),
    )


def genotypes(gene: Gene, gaps: Gaps, position: int, known: str) -> list[tuple[str, ...]]:
    """Give what may stand at a position that was not read, the reference first.

    Each genotype of documented bases: one base where the person is haploid; in order of the strands
    where the gene is phased, for what is read later is taken to be phased with it.
    """
    bases = (gene.positions[position].ref, *gene.positions[position].alts)
    found: Iterable[tuple[str, ...]] = combinations_with_replacement(bases, 2)
    if gaps.is_haploid:
        found = ((base,) for base in bases)
    elif gaps.phase_set:
        found = product(bases, repeat=2)
    return [genotype for genotype in found if not known or known in genotype]


def _of_whole(observed: Observed) -> str:
    """Give the phase set of all that is heterozygous; where nothing is, any that there is."""
    heterozygous = {observed.phase_sets.get(p, "") for p in observed.heterozygous}
    named = heterozygous or {phase_set for phase_set in observed.phase_sets.values() if phase_set}
    return min(named) if named and (len(named) == 1 or not heterozygous) else ""
