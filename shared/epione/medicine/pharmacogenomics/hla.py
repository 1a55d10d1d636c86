"""HLA alleles to what guidelines ask: is this allele there, or not?

An allele is named by fields, `*57:01:01`; guidelines ask for the first two, which are one protein.
A suffix (N, L, S, C, A, Q for expression; G, P for a group of alleles) leaves open whether that
protein is there. Source: Marsh et al. 2010, Tissue Antigens 75:291 (from memory: HLA nomenclature,
hla.alleles.org).
"""

import re
from collections.abc import Iterator, Sequence

GENES = ("HLA-A", "HLA-B")
STRANDS = 2
POSITIVE, NEGATIVE = "positive", "negative"

_ALLELE = re.compile(r"\*(\d{2,3})(?::(\d{2,4}))?(?::\d{2,4}){0,2}([NLSCAQGP]?)")


def is_allele(text: str) -> bool:
    """Say whether a text names an allele.

    >>> is_allele("*57:01:01"), is_allele("*57"), is_allele("57:01"), is_allele("*57:AB")
    (True, True, False, False)
    """
    return _ALLELE.fullmatch(text) is not None


def is_result(text: str) -> bool:
    """Say whether a text is the result for one allele.

    >>> is_result("*57:01 positive"), is_result("*57:01"), is_result("positive")
    (True, False, False)
    """
    allele, _, answer = text.partition(" ")
    return is_allele(allele) and answer in (POSITIVE, NEGATIVE)


def results_of(alleles: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """Give the result for each allele asked for; both where the typing leaves it open.

    >>> results_of(["*57:01", "*58"], ["*57:01", "*15:02", "*58:01"])
    ('*57:01 positive', '*15:02 negative', '*58:01 positive', '*58:01 negative')
    """
    return tuple(result for allele in asked for result in _results(alleles, allele))


def left_open(alleles: Sequence[str], asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give each typed allele that may be one asked for, with the one that it may be."""
    for allele in asked:
        if len(_results(alleles, allele)) > 1:
            yield from ((typed, allele) for typed in alleles if _is(typed, allele) is None)


def _results(alleles: Sequence[str], asked: str) -> tuple[str, ...]:
    answers = [_is(typed, asked) for typed in alleles]
    if True in answers:
        return (f"{asked} {POSITIVE}",)
    if None in answers or len(alleles) < STRANDS:
        return f"{asked} {POSITIVE}", f"{asked} {NEGATIVE}"
    return (f"{asked} {NEGATIVE}",)


def _is(typed: str, asked: str) -> bool | None:
    """Say whether a typed allele is the one asked for; None where its fields do not tell."""
    match = _ALLELE.fullmatch(typed)
    if match is None:
        raise ValueError(f"{typed=} is no HLA allele")
    group, protein, suffix = match.groups()
    wanted = asked.removeprefix("*").split(":")
    if group != wanted[0]:
        return False
    if protein is None or (suffix and protein == wanted[1]):
        return None
    return bool(protein == wanted[1]) if suffix not in ("G", "P") else None
