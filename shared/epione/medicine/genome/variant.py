"""Spell a change of the reference in one way, however a file pads, trims or shifts it."""

from collections.abc import Callable
from typing import NamedTuple


class Change(NamedTuple):
    """Bases `removed` from a position on (1-based) and bases `put` in their place.

    Trimmed on both sides; an insertion removes nothing and stands before `position`.
    """

    position: int
    removed: str
    put: str


def change_of(
    position: int, ref: str, alt: str, base_at: Callable[[int], str] = lambda _: ""
) -> Change | None:
    """Give what differs between `ref` and `alt`; None where nothing does.

    The end is trimmed first, so that a repeat's change stands leftmost within the alleles; it is
    then moved further left over bases that are known.

    Args:
        position: Of the first base of `ref`, 1-based.
        ref: Reference bases.
        alt: Bases that stand there instead.
        base_at: The reference base at a position, "" where it is not known.

    >>> change_of(100, "CAT", "CATAT")
    Change(position=101, removed='', put='AT')
    >>> change_of(100, "TC", "TC") is None
    True

    Source: Tan, Abecasis and Kang 2015, Bioinformatics 31:2202, doi:10.1093/bioinformatics/btv112.
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    if not ref and not alt:
        return None
    if ref and alt:
        return Change(position, ref, alt)
    moved = ref or alt
    while base_at(position - 1) == moved[-1]:
        position, moved = position - 1, moved[-1] + moved[:-1]
    return Change(position, moved, "") if ref else Change(position, "", moved)
