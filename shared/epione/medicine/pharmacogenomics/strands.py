"""Which bases may stand together on one strand, by what the file says of phase."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from epione.medicine.pharmacogenomics.observed import Observed

# Heterozygous positions whose strands are known to each other.
Block = tuple[int, ...]
# More blocks than this make more pairs of strands than anyone could be told of.
MOST_BLOCKS = 8


def blocks_of(observed: Observed) -> tuple[Block, ...]:
    """Group heterozygous positions by phase set; an unphased one is a block of its own."""
    blocks: dict[str, list[int]] = {}
    for position in observed.heterozygous:
        phase_set = observed.phase_sets.get(position, "")
        blocks.setdefault(phase_set or f"at {position}", []).append(position)
    return tuple(tuple(block) for block in blocks.values())


def is_settled(observed: Observed) -> bool:
    """Say whether phase leaves one pair of strands, or several that are all known to be phased."""
    blocks = blocks_of(observed)
    phased = all(observed.phase_sets.get(p) for p in observed.heterozygous)
    return len(blocks) < 2 or (phased and len(blocks) <= MOST_BLOCKS)


def strand_pairs(observed: Observed) -> Iterator[tuple[Mapping[int, str], Mapping[int, str]]]:
    """Give every pair of strands that phase allows, each pair once."""
    blocks = blocks_of(observed)
    for turns in product((0, 1), repeat=max(len(blocks) - 1, 0)):
        yield _strand(observed, blocks, (0, *turns)), _strand(observed, blocks, (0, *turns), 1)


def _strand(
    observed: Observed, blocks: Sequence[Block], turns: Sequence[int], other: int = 0
) -> Mapping[int, str]:
    strand = {p: bases[0] for p, bases in observed.bases.items()}
    for block, turn in zip(blocks, turns, strict=False):
        strand.update({p: observed.bases[p][turn ^ other] for p in block})
    return strand
