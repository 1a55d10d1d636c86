"""The completions of a gene that a pair of its named alleles explains, by reasoning over alleles.

What a pair of known alleles cannot explain is a no call, so every completion that is called shows
the bases of two alleles: pairs of alleles that agree with what was read are gone through, and not
the genotypes, of which there may be more than could be. Where nothing is missing, an allele's score
is the same whatever else is read (see `matcher`), so the best pairs of a completion are the best of
those that show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, product

from epione.medicine.pharmacogenomics.completions import Gaps, genotypes
from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.matcher import Pair, best_pairs
from epione.medicine.pharmacogenomics.settling import Reading, in_order

Explained = Mapping[Reading, tuple[Pair, ...]]


@dataclass(frozen=True, slots=True)
class _Strand:
    """A named allele with each base chosen that its definition leaves open."""

    star: str
    bits: int
    score: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Positions read as heterozygous whose strands are known to each other."""

    mask: int
    first: int
    second: int


class Spelling:
    """A gene's strands as bit masks: a bit for each documented alternative."""

    def __init__(self, gene: Gene) -> None:
        """Number the alternatives, and spell every named allele."""
        changes = [(p, alt) for p, position in gene.positions.items() for alt in position.alts]
        self.bit = {change: 1 << n for n, change in enumerate(changes)}
        self.masks = {
            p: sum(self.bit[p, alt] for alt in position.alts)
            for p, position in gene.positions.items()
        }
        self.strands = tuple(
            strand for allele in gene.alleles for strand in self._spelled(gene, allele)
        )

    def bits(self, bases: Iterable[tuple[int, str]]) -> int:
        """Give the alternatives among bases; the reference has no bit."""
        return sum(self.bit.get(base, 0) for base in bases)

    def _spelled(self, gene: Gene, allele: NamedAllele) -> Iterator[_Strand]:
        is_whole = allele is gene.reference or allele.star in gene.calling.scored_as_reference
        for bases in product(*allele.defined.values()):
            shown = list(zip(allele.defined, bases, strict=True))
            n_defining = sum(
                len(allele.defined[p]) == 1 or base != gene.positions[p].ref for p, base in shown
            )
            score = len(gene.positions) if is_whole else n_defining
            yield _Strand(allele.star, self.bits(shown), score)


@cache
def spelling_of(gene: Gene) -> Spelling:
    return Spelling(gene)


def explained(gene: Gene, gaps: Gaps) -> Explained:
    """Give each completion that pairs of named alleles explain, with the best of them. Exact."""
    spelling = spelling_of(gene)
    blocks = _blocks(spelling, gaps)
    scored: dict[Reading, dict[Pair, int]] = {}
    for one, other in _pairs(spelling, gaps, blocks):
        reading = reading_of(one.bits, other.bits, gaps)
        stars = (one.star,) if gaps.is_haploid else (one.star, other.star)
        pair = tuple(sorted(stars, key=gene.order.__getitem__))
        pairs = scored.setdefault(reading, {})
        pairs[pair] = max(one.score + other.score, pairs.get(pair, 0))
    unread = (
        [] if gaps.phase_set or gaps.is_haploid else [spelling.masks[p] for p in gaps.positions]
    )

    def best(reading: Reading, pairs: Mapping[Pair, int]) -> tuple[Pair, ...]:
        differing = reading[0] ^ reading[1]
        n_blocks = len(blocks) + sum(bool(differing & mask) for mask in unread)
        return best_pairs(gene, pairs, n_blocks)

    return {
        reading: best(reading, pairs) if len(pairs) > 1 else tuple(pairs)
        for reading, pairs in scored.items()
    }


def reading_of(one: int, other: int, gaps: Gaps) -> Reading:
    """Give what two strands show: both of them where phase is known, else their genotypes."""
    if gaps.phase_set or gaps.is_haploid:
        return in_order(one, other)
    return one & other, one | other


def plainest(gene: Gene, gaps: Gaps) -> Reading:
    """Give the completion that is the reference wherever nothing else is known."""
    spelling = spelling_of(gene)
    one, other = (
        spelling.bits((p, bases[strand % len(bases)]) for p, bases, _ in gaps.changed)
        for strand in (0, 1)
    )
    return reading_of(one, other | spelling.bits(gaps.unread), gaps)


def varied(
    gene: Gene, gaps: Gaps, readings: Iterable[Reading], positions: Iterable[int]
) -> set[Reading]:
    """Give completions with each genotype that may stand at one of some unread positions."""
    spelling, known = spelling_of(gene), dict(gaps.unread)
    found: set[Reading] = set()
    for p in positions:
        shown = [
            tuple(spelling.bits([(p, base)]) for base in genotype)
            for genotype in genotypes(gene, gaps, p, known[p])
        ]
        if not gaps.phase_set:
            shown = [reading_of(one, other, gaps) for one, other in shown]
        rest = ~spelling.masks[p]
        others = {(low & rest, high & rest) for low, high in readings}
        found |= {in_order(low | a, high | b) for low, high in others for a, b in shown}
    return found


def _blocks(spelling: Spelling, gaps: Gaps) -> tuple[_Block, ...]:
    together: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for p, bases, phase_set in gaps.changed:
        if len(set(bases)) > 1:
            together.setdefault(phase_set or f"at {p}", []).append((p, bases))
    return tuple(
        _Block(
            mask=sum(spelling.masks[p] for p, _ in block),
            first=spelling.bits((p, bases[0]) for p, bases in block),
            second=spelling.bits((p, bases[1]) for p, bases in block),
        )
        for block in together.values()
    )


def _pairs(
    spelling: Spelling, gaps: Gaps, blocks: tuple[_Block, ...]
) -> Iterator[tuple[_Strand, _Strand]]:
    """Give the pairs of strands that agree with everything that was read, each pair once."""
    either = (1 << len(blocks)) - 1
    by_sides: dict[int, list[_Strand]] = {}
    for strand, sides in _agreeing(spelling, gaps, blocks):
        by_sides.setdefault(sides, []).append(strand)
    halves = [(spelling.masks[p], spelling.bits([(p, base)])) for p, base in gaps.unread if base]
    for sides, strands in by_sides.items():
        if gaps.is_haploid:
            pairs: Iterable[tuple[_Strand, _Strand]] = zip(strands, strands, strict=True)
        elif blocks:
            opposite = by_sides.get(either ^ sides, []) if sides < either ^ sides else []
            pairs = product(strands, opposite)
        else:
            pairs = combinations_with_replacement(strands, 2)
        for one, other in pairs:
            if all(bits in (one.bits & mask, other.bits & mask) for mask, bits in halves):
                yield one, other


def _agreeing(
    spelling: Spelling, gaps: Gaps, blocks: tuple[_Block, ...]
) -> Iterator[tuple[_Strand, int]]:
    """Give the strands that may be one of the person's, with the side of each block they are on."""
    unread = set(gaps.positions)
    read = sum(mask for p, mask in spelling.masks.items() if p not in unread)
    alike = read & ~sum(block.mask for block in blocks)
    both = spelling.bits((p, bases[0]) for p, bases, _ in gaps.changed) & alike
    for strand in spelling.strands:
        if strand.bits & alike == both:
            sides = 0
            for n, block in enumerate(blocks):
                if strand.bits & block.mask == block.second:
                    sides |= 1 << n
                elif strand.bits & block.mask != block.first:
                    break
            else:
                yield strand, sides
