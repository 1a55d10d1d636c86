"""CYP2D6 by structure: copies, tandems and hybrids on each strand, and what they add up to.

The activity score is the sum, over both strands, of each allele's value times its copies. Source:
Caudle et al. 2020, Clin Transl Sci 13:116, doi:10.1111/cts.12692 (CPIC and DPWG): 0 is poor, above
0 and below 1.25 intermediate, 1.25 to 2.25 normal, above 2.25 ultrarapid. The values, and these
classes as rules, are those of the release's genes/CYP2D6.json. Notation: PharmVar on structural
variation of CYP2D6, PMID 37669183.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.phenotype import NOT_ASSIGNED, Outcome

AT_LEAST = "≥"
FEWEST_OF_N = 2  # a multiplication whose copies were not counted has two at least
# Copies tried beyond the fewest: with the smallest value, 0.25, these pass every limit of a class.
MORE_COPIES = 10

_ALLELE = re.compile(r"(\*\d+[A-Z]?(?:\.\d+)?)(?:x?(≥)(\d+)|x(\d+)|x(N))?")


@dataclass(frozen=True, slots=True)
class Copies:
    """An allele and how often it stands on its strand: `fewest` times, or that and more."""

    star: str
    fewest: int = 1
    is_open: bool = False

    @property
    def numbers(self) -> range:
        return range(self.fewest, self.fewest + (MORE_COPIES if self.is_open else 0) + 1)


def copies_on(strand: str) -> tuple[Copies, ...] | None:
    """Read what stands on one strand; None where it is not in this notation.

    >>> copies_on("*36+*10x2")
    (Copies(star='*36', fewest=1, is_open=False), Copies(star='*10', fewest=2, is_open=False))
    >>> copies_on("*1xN")
    (Copies(star='*1', fewest=2, is_open=True),)
    >>> copies_on("*4y2") is None
    True
    """
    read = [_copies(text.strip()) for text in strand.strip().removeprefix("[").split("+")]
    found = tuple(copies for copies in read if copies is not None)
    return found if len(found) == len(read) else None


def _copies(text: str) -> Copies | None:
    match = _ALLELE.fullmatch(text.removesuffix("]").strip())
    if match is None:
        return None
    star, at_least, open_from, counted, uncounted = match.groups()
    if uncounted:
        return Copies(star, FEWEST_OF_N, is_open=True)
    if not int(open_from or counted or 1):
        return None
    return Copies(star, int(open_from or counted or 1), is_open=at_least is not None)


def outcomes_of_copies(gene: Gene, copies: Iterable[Copies]) -> tuple[Outcome, ...]:
    """Give what the copies on both strands mean: one outcome, or one for each possible number.

    An allele without a value leaves no score, and the rule for that decides.
    """
    sums = {0.0}
    for each in copies:
        allele = gene.by_name.get(_star(gene, each.star))
        if allele is None or allele.activity is None:
            return (_of_key(gene, NOT_ASSIGNED, None),)
        added = {allele.activity * n for n in each.numbers}
        sums = {known + more for known, more in product(sums, added)}
    return tuple(outcome_of_score(gene, score) for score in sorted(sums))


def unknown_alleles(gene: Gene, copies: Iterable[Copies]) -> tuple[str, ...]:
    """Give the alleles that the release does not know."""
    stars = (each.star for each in copies)
    return tuple(dict.fromkeys(star for star in stars if _star(gene, star) not in gene.by_name))


def outcome_of_score(gene: Gene, score: float) -> Outcome:
    """Give what a score means; high ones are looked up by the highest limit that they reach."""
    exact = str(score)
    if (exact,) in gene.phenotypes:
        return _of_key(gene, exact, score)
    limits = (key.removeprefix(AT_LEAST) for (key,) in gene.phenotypes if key.startswith(AT_LEAST))
    reached = [limit for limit in limits if float(limit) <= score]
    if not reached:
        return Outcome(None, score, NOT_ASSIGNED)
    return _of_key(gene, f"{AT_LEAST}{max(reached, key=float)}", score)


def _of_key(gene: Gene, key: str, score: float | None) -> Outcome:
    return Outcome(gene.phenotypes.get((key,)), score, key)


def _star(gene: Gene, name: str) -> str:
    """Give the name that the release knows: a sub-allele's, or that of its star."""
    return name if name in gene.by_name else name.split(".")[0]
