"""The places of the reference that are asked about."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Site(NamedTuple):
    """A stretch of GRCh38: its first base (1-based) and its reference bases.

    `reach` is how many bases past the stretch a record may start and still spell a change of it.
    """

    chromosome: str
    position: int
    ref: str
    reach: int = 0

    @property
    def end(self) -> int:
        return self.position + len(self.ref) - 1


@dataclass(slots=True)
class _Chromosome:
    sites: list[Site] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    exact: set[int] = field(default_factory=set)
    longest: int = 0


class Sites:
    """Finds, for a record's stretch, the sites that it touches."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._by_chromosome: dict[str, _Chromosome] = {}
        for site in sorted(set(sites), key=lambda site: (site.position, site.ref)):
            here = self._by_chromosome.setdefault(site.chromosome, _Chromosome())
            here.sites.append(site)
            here.starts.append(site.position)
            here.exact.update(range(site.position, site.end + site.reach + 1))
            here.longest = max(here.longest, len(site.ref) + site.reach)

    def may_touch(self, chromosome: str, first: int, last: int) -> bool:
        """Say cheaply whether any site lies in a stretch; never wrong where it says no."""
        here = self._by_chromosome.get(chromosome)
        if here is None:
            return False
        if first in here.exact:
            return True
        at = bisect_left(here.starts, first)
        return at < len(here.starts) and here.starts[at] <= last

    def touched(self, chromosome: str, first: int, last: int) -> list[Site]:
        """Give the sites that share a base with the stretch, or lie within reach before it."""
        here = self._by_chromosome[chromosome]
        at = bisect_left(here.starts, first - here.longest)
        found = []
        for site in here.sites[at:]:
            if site.position > last:
                break
            if site.end + site.reach >= first:
                found.append(site)
        return found
