"""Name the alleles of a gene from what a genome shows.

The method is the one that PharmCAT publishes for its named-allele matcher: positions without a
genotype are dropped from every definition; an allele fits a strand where every remaining position
has its bases; its score is the number of positions that define it; and of the pairs that phase
allows, all with the highest summed score are given. Source: Sangkuhl et al. 2020, Clin Pharmacol
Ther 107:203, doi:10.1002/cpt.1568, and the methods pages of release 3.1.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.observed import Observed
from epione.medicine.pharmacogenomics.strands import Block, blocks_of

# Alleles by name, in the order in which they are written; one alone where the person is haploid.
Pair = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """An allele that fits: its score, and the blocks of whose first or second strand it fits."""

    star: str
    score: int
    first: int  # bit mask over blocks
    second: int


def named_pairs(gene: Gene, observed: Observed) -> tuple[Pair, ...]:
    """Give all equally good diplotypes, or alleles of one strand where the person is haploid."""
    blocks = blocks_of(observed)
    fits = [fit for allele in gene.alleles for fit in _fits(gene, allele, observed, blocks)]
    scored: dict[Pair, int] = {}
    for stars, score in _scored(fits, len(blocks), observed.is_haploid):
        pair = tuple(sorted(stars, key=gene.order.__getitem__))
        scored[pair] = max(score, scored.get(pair, 0))
    return best_pairs(gene, scored, len(blocks))


def best_pairs(gene: Gene, scored: Mapping[Pair, int], n_blocks: int) -> tuple[Pair, ...]:
    """Give the equally good ones of the pairs that can be the strands of `n_blocks` blocks."""
    preferred = _preferred(gene, scored, n_blocks)
    best = max(scored.values(), default=0)
    pairs = [preferred] if preferred else [pair for pair in scored if scored[pair] == best]
    return tuple(sorted(pairs, key=lambda pair: [gene.order[star] for star in pair]))


def _scored(
    fits: list[_Fit], n_blocks: int, is_haploid: bool
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give the pairs whose strands can be the person's two strands, with their scores."""
    if is_haploid:
        yield from (((fit.star,), fit.score) for fit in fits)
        return
    every_block = (1 << n_blocks) - 1
    for one, other in combinations_with_replacement(fits, 2):
        if (one.first & other.second) | (one.second & other.first) == every_block:
            yield (one.star, other.star), one.score + other.score


def _fits(
    gene: Gene, allele: NamedAllele, observed: Observed, blocks: tuple[Block, ...]
) -> Iterator[_Fit]:
    """Give an allele once, or once for each choice of the bases that its definition leaves open."""
    called = [p for p in allele.defined if p in observed.bases]
    counts_whole = allele is gene.reference or allele.star in gene.calling.scored_as_reference
    if not counts_whole and not any(_is_changed(gene, allele, p) for p in called):
        return
    if not _may_fit(gene, allele, called, observed.bases):
        return
    open_at = [p for p in called if len(allele.defined[p]) > 1 and len(set(observed.bases[p])) > 1]
    for choice in product(*(allele.defined[p] for p in open_at)):
        chosen = {p: frozenset((base,)) for p, base in zip(open_at, choice, strict=True)}
        version = {**allele.defined, **chosen}
        first, second = (_blocks_fitted(gene, version, observed, blocks, s) for s in (0, 1))
        if first | second == (1 << len(blocks)) - 1:
            score = len(observed.bases) if counts_whole else _score(gene, allele, version, observed)
            yield _Fit(allele.star, score, first, second)


def _is_changed(gene: Gene, allele: NamedAllele, position: int) -> bool:
    return allele.defined[position] != {gene.positions[position].ref}


def _may_fit(
    gene: Gene, allele: NamedAllele, called: Iterable[int], bases: Mapping[int, tuple[str, ...]]
) -> bool:
    """Say whether each position has a strand that the allele fits."""
    if any(allele.defined[p].isdisjoint(bases[p]) for p in called):
        return False
    return all(
        p in allele.defined or gene.positions[p].ref in strands for p, strands in bases.items()
    )


def _blocks_fitted(
    gene: Gene,
    version: Mapping[int, frozenset[str]],
    observed: Observed,
    blocks: tuple[Block, ...],
    strand: int,
) -> int:
    """Give the blocks on one strand of which a version of an allele fits, as a bit mask."""
    fitted = 0
    for n, block in enumerate(blocks):
        fitted |= all(_has(gene, version, p, observed.bases[p][strand]) for p in block) << n
    return fitted


def _has(gene: Gene, version: Mapping[int, frozenset[str]], position: int, base: str) -> bool:
    defined = version.get(position)
    return base in defined if defined else base == gene.positions[position].ref


def _score(
    gene: Gene, allele: NamedAllele, version: Mapping[int, frozenset[str]], observed: Observed
) -> int:
    """Count the positions that define an allele; an open one counts where it is changed."""
    score = 0
    for p, defined in allele.defined.items():
        if p in observed.bases:
            shown = version[p].intersection(observed.bases[p])
            score += len(defined) == 1 or shown != {gene.positions[p].ref}
    return score


def _preferred(gene: Gene, scored: Mapping[Pair, int], n_blocks: int) -> Pair | None:
    """Give the diplotype that the gene's experts prefer where phase alone could tell."""
    if n_blocks < 2:
        return None
    possible = frozenset("/".join(pair) for pair in scored)
    for among, pick in gene.calling.preferred.items():
        if among <= possible:
            return tuple(pick.split("/"))
    return None
