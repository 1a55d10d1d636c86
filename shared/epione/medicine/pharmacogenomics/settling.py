"""The fewest positions to read until an answer stands, whatever is read at them.

Two completions with different answers must differ at a position that is read: each such pair
demands one of the positions where it differs, and the fewest positions that meet every demand are
a minimal hitting set. Demands are gathered from what the set in hand leaves open, until nothing is.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

# A completion: the alternatives on its two strands, or those of both and of any, as bit masks.
Reading = tuple[int, int]
Demand = frozenset[int]

# Positions beyond those that are needed one by one: up to so many, the set is the smallest.
MOST_SEARCHED = 4


@dataclass(frozen=True, slots=True)
class Settling:
    """Positions to read, by place; not `is_smallest`: fewer may do, which was not proven."""

    positions: tuple[int, ...]
    is_smallest: bool = True


def settling(answers: Mapping[Reading, Hashable], masks: Mapping[int, int]) -> Settling:
    """Give the fewest positions that settle the answer.

    Args:
        answers: What each completion answers. One that is not there answers nothing.
        masks: The alternatives at each position that was not read. Outside of them all completions
            are alike, or are told apart by what was read.

    Returns:
        A smallest set; or where it takes more than `MOST_SEARCHED` positions besides those that are
        needed each for itself, one that settles and may not be the smallest.
    """
    needed = _needed(answers, masks)
    demands: set[Demand] = set()
    extra: tuple[int, ...] = ()
    is_smallest = True
    while new := set(_left_open(answers, masks, {*needed, *extra})):
        demands |= new
        smallest = _smallest(demands) if is_smallest else None
        is_smallest = smallest is not None
        extra = _greedy(demands) if smallest is None else smallest
    return Settling(tuple(sorted({*needed, *extra})), is_smallest)


def in_order(one: int, other: int) -> Reading:
    """Give two strands in the order in which a reading has them."""
    return (one, other) if one <= other else (other, one)


def _needed(answers: Mapping[Reading, Hashable], masks: Mapping[int, int]) -> set[int]:
    """Give the positions where a difference at this one alone changes the answer."""
    at_bit = {
        1 << n: p for p, mask in masks.items() for n in range(mask.bit_length()) if mask >> n & 1
    }
    undecided = sum(masks.values())
    seen: dict[tuple[int, Reading], Hashable] = {}
    needed: set[int] = set()
    for (low, high), answer in answers.items():
        bits = (low | high) & undecided
        while bits:
            position = at_bit[bits & -bits]
            mask = masks[position]
            bits &= ~mask
            others = in_order(low & ~mask, high & ~mask)
            if seen.setdefault((position, others), answers.get(others, answer)) != answer:
                needed.add(position)
                undecided &= ~mask
    return needed


def _left_open(
    answers: Mapping[Reading, Hashable], masks: Mapping[int, int], chosen: Iterable[int]
) -> Iterator[Demand]:
    """Give demands that the chosen positions do not meet: none where they settle the answer."""
    unread = sum(masks[position] for position in masks.keys() - set(chosen))
    alike: dict[Reading, list[Reading]] = {}
    for low, high in sorted(answers, key=lambda reading: (reading[0] | reading[1]).bit_count()):
        alike.setdefault(in_order(low & ~unread, high & ~unread), []).append((low, high))
    for readings in alike.values():
        first = readings[0]
        other = next((r for r in readings if answers[r] != answers[first]), None)
        if other is not None:
            yield from _demands(first, other, masks)


def _demands(one: Reading, other: Reading, masks: Mapping[int, int]) -> Iterator[Demand]:
    """Give the positions that tell two completions apart, whichever strand is laid on which."""
    every = sum(masks.values())
    straight = (one[0] ^ other[0]) | (one[1] ^ other[1])
    crossed = (one[0] ^ other[1]) | (one[1] ^ other[0])
    for differing in (straight, crossed):
        if not differing & ~every:
            yield frozenset(p for p, mask in masks.items() if differing & mask)


def _smallest(demands: set[Demand]) -> tuple[int, ...] | None:
    """Give the smallest set that meets all demands; None beyond `MOST_SEARCHED` positions."""
    ordered = sorted(demands, key=lambda demand: (len(demand), sorted(demand)))
    found = (_meeting(ordered, size) for size in range(MOST_SEARCHED + 1))
    return next((positions for positions in found if positions is not None), None)


def _meeting(demands: list[Demand], size: int) -> tuple[int, ...] | None:
    if not demands:
        return ()
    if size == 0:
        return None
    for position in sorted(demands[0]):
        unmet = [demand for demand in demands if position not in demand]
        found = _meeting(unmet, size - 1)
        if found is not None:
            return (position, *found)
    return None


def _greedy(demands: set[Demand]) -> tuple[int, ...]:
    """Give a set that meets all demands: always the position next that meets most of them."""
    chosen: list[int] = []
    unmet = list(demands)
    while unmet:
        positions = sorted({position for demand in unmet for position in demand})
        chosen.append(max(positions, key=lambda p: sum(p in demand for demand in unmet)))
        unmet = [demand for demand in unmet if chosen[-1] not in demand]
    return tuple(chosen)
