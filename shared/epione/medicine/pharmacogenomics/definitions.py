"""What is known of a gene: its positions, its named alleles, and how they are called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from epione.medicine.genome import Build, Change, Site, change_of

SUB_ALLELE = re.compile(r"^(\*\d+)\.\d+$")


@dataclass(frozen=True)
class Position:
    """A place of a build where named alleles differ.

    `ref` and `alts` are, of the bases that definitions have, the build's own and the others.
    """

    position: int
    rsid: str
    ref: str
    alts: tuple[str, ...]

    @cached_property
    def changes(self) -> Mapping[Change | None, str]:
        """Give, for each way in which the reference is changed here, its `alts` entry."""
        return {change_of(self.position, self.ref, alt): alt for alt in self.alts}


@dataclass(frozen=True, slots=True)
class NamedAllele:
    """A haplotype with a name. `defined` gives, by position, the bases that it may have there.

    Positions that are not in `defined` have the reference's bases.
    """

    name: str
    function: str  # "" where none is assigned
    activity: float | None
    defined: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def star(self) -> str:
        """Give the name without its sub-allele.

        >>> NamedAllele("*45.002", "", None).star
        '*45'
        """
        found = SUB_ALLELE.match(self.name)
        return found[1] if found else self.name


@dataclass(frozen=True, slots=True)
class Calling:
    """Where a gene is not called as the others are. Each field is a fact of the gene."""

    scored_as_reference: frozenset[str] = frozenset()
    required: frozenset[int] = frozenset()
    # Where unphased data leave exactly these diplotypes, the one that is preferred.
    preferred: Mapping[frozenset[str], str] = field(default_factory=dict)
    # Functions from lowest to highest, for a gene whose variants are called one by one.
    lowest_first: tuple[str, ...] = ()
    # A position that is read only where its causal partner is not: {tag: causal}.
    tags: Mapping[int, int] = field(default_factory=dict)
    # What small variants suggest is for research alone: structure decides the gene.
    research_only: bool = False
    # Where nothing is called: the position that decides alone, and the allele by its base.
    decided_by: tuple[int, Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Places:
    """Where a gene's positions lie on one build, each by its place on GRCh38.

    On another build some may be left out: those that no one could place there.
    """

    build: Build
    chromosome: str
    positions: Mapping[int, Position]

    @cached_property
    def changes(self) -> frozenset[Change | None]:
        """Give every change of the reference that a definition of the gene has."""
        positions = self.positions.values()
        return frozenset(change for position in positions for change in position.changes)

    @cached_property
    def sites(self) -> Mapping[int, Site]:
        return {p: _site(self, position) for p, position in self.positions.items()}


@dataclass(frozen=True, eq=False)
class Gene:
    """A gene's facts, from one release of knowledge; equal to itself alone, so that it is a key.

    Places, and with them the reference, are GRCh38's; only a file is read by its own build's.
    """

    name: str
    chromosome: str
    positions: Mapping[int, Position]
    alleles: tuple[NamedAllele, ...]  # the reference allele first
    by_activity: bool
    phenotypes: Mapping[tuple[str, ...], str]  # by sorted functions, or by ("1.5",)
    calling: Calling
    # Alleles of known function without a position: no genome file names them, other callers do.
    undefined: tuple[NamedAllele, ...] = ()
    on_grch37: Mapping[int, Position] = field(default_factory=dict)  # by place on GRCh38

    @property
    def reference(self) -> NamedAllele:
        return self.alleles[0]

    @cached_property
    def order(self) -> Mapping[str, tuple[int, int]]:
        """Give where an allele stands when alleles are listed: by star number, else as defined."""
        ranks: dict[str, tuple[int, int]] = {}
        for n, allele in enumerate(self.alleles):
            star = re.match(r"\*(\d+)", allele.name)
            ranks.setdefault(allele.star, (int(star[1]) if star else 0, n))
        return ranks

    def strand_order(self, strand: tuple[str, ...]) -> tuple[int, list[tuple[int, int]]]:
        """Give where a strand stands in a diplotype: fewer alleles first."""
        return len(strand), [self.order[star] for star in strand]

    def where(self, position: int) -> str:
        """Say where a position lies, by its rs number too where it has one."""
        rsid = self.positions[position].rsid
        return f"{self.chromosome}:{position}{f' ({rsid})' if rsid else ''}"

    def bases(self, allele: NamedAllele, position: int) -> frozenset[str]:
        """Give the bases that an allele may have at a position."""
        return allele.defined.get(position) or frozenset((self.positions[position].ref,))

    @cached_property
    def by_name(self) -> Mapping[str, NamedAllele]:
        """Give an allele by its name, and a star by its first sub-allele."""
        return {
            **{allele.star: allele for allele in reversed(self.alleles)},
            **{allele.name: allele for allele in (*self.alleles, *self.undefined)},
        }

    @cached_property
    def places(self) -> Mapping[Build, Places]:
        """Give where its positions lie on each build."""
        known = {Build.GRCH38: self.positions, Build.GRCH37: self.on_grch37}
        return {build: Places(build, self.chromosome, known[build]) for build in known}

    @property
    def sites(self) -> Mapping[int, Site]:
        """Give its positions' stretches of GRCh38."""
        return self.places[Build.GRCH38].sites


def _site(places: Places, position: Position) -> Site:
    """Give the stretch of a position; changes of a repeat may be written further on."""
    longest = max(map(len, (position.ref, *position.alts)))
    reach = 2 * longest if longest > 1 else 0
    return Site(places.chromosome, position.position, position.ref, reach, places.build)
