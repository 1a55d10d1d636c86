"""The places of reference genomes that are asked about."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from epione.medicine.genome.build import Build
from epione.medicine.genome.columns import Bools, Ints

BEYOND = np.iinfo(np.int64).max  # past every chromosome


class Site(NamedTuple):
    """A stretch of a build: its first base (1-based) and its reference bases.

    `reach` is how many bases past the stretch a record may start and still spell a change of it.
    """

    chromosome: str
    position: int
    ref: str
    reach: int = 0
    build: Build = Build.GRCH38

    @property
    def end(self) -> int:
        return self.position + len(self.ref) - 1


class _Chromosome:
    """The sites of one chromosome, in order; `exact`: every base at which a change may start."""

    def __init__(self, sites: list[Site]) -> None:
        self.sites = sites
        self.starts = np.array([site.position for site in sites], dtype=np.int64)
        exact = (range(site.position, site.end + site.reach + 1) for site in sites)
        self.exact = np.array(sorted(set(chain.from_iterable(exact))), dtype=np.int64)
        self.longest = max(len(site.ref) + site.reach for site in sites)


class Sites:
    """Finds, for a record's stretch, the sites that it touches; of one build, or of several."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = frozenset(sites)
        self._by_build: dict[Build, Sites] = {}

    def on(self, build: Build) -> "Sites":
        """Give those of one build."""
        if build not in self._by_build:
            self._by_build[build] = Sites(site for site in self._sites if site.build is build)
        return self._by_build[build]

    def __len__(self) -> int:
        return len(self._sites)

    @cached_property
    def _by_chromosome(self) -> Mapping[str, _Chromosome]:
        by_chromosome: dict[str, list[Site]] = {}
        for site in sorted(self._sites):
            by_chromosome.setdefault(site.chromosome, []).append(site)
        return {name: _Chromosome(own) for name, own in by_chromosome.items()}

    def may_touch(self, chromosome: str, first: Ints, last: Ints) -> Bools:
        """Say cheaply in which stretches a site may lie; never wrong where it says no."""
        here = self._by_chromosome.get(chromosome)
        if here is None:
            return np.zeros(len(first), dtype=np.bool_)
        touches = np.isin(first, here.exact)
        touches |= np.append(here.starts, BEYOND)[np.searchsorted(here.starts, first)] <= last
        return touches

    def stretches(self, chromosome: str) -> Iterator[tuple[int, int]]:
        """Give the first and last base of each site, with its reach, in order."""
        here = self._by_chromosome.get(chromosome)
        for site in here.sites if here else ():
            yield site.position, site.end + site.reach

    def touched(self, chromosome: str, first: int, last: int) -> list[Site]:
        """Give the sites that share a base with the stretch, or lie within reach before it."""
        here = self._by_chromosome.get(chromosome)
        if here is None:
            return []
        at = bisect_left(here.starts, first - here.longest)
        found = []
        for site in here.sites[at:]:
            if site.position > last:
                break
            if site.end + site.reach >= first:
                found.append(site)
        return found
