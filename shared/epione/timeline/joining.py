"""Two calls of one gene by different callers: which stands, or that neither does.

A call without a result gives way. A result that the other leaves open stands, and ours before
another's that means the same; HLA alleles are tested one by one, and their results add up. Results
of other meaning are a dispute: both are given, and neither is chosen.
"""

from dataclasses import replace
from typing import TypeVar

from epione.timeline.events import GeneCall

T = TypeVar("T")

VCF = "the VCF"


def joined(one: GeneCall, other: GeneCall) -> GeneCall:
    """Make one call of two of a gene; the order does not matter."""
    first, second = sorted((one, other), key=lambda call: call.caller)
    if first.gene.startswith("HLA-") and first.lookup_keys and second.lookup_keys:
        return _both(first, second)
    if first.disputed or second.disputed:
        return _both(first, second)
    if not second.lookup_keys or _is_within(first, second):
        return _standing(first, second)
    if not first.lookup_keys or _is_within(second, first):
        return _standing(second, first)
    return replace(_both(first, second), disputed=True)


def _is_within(one: GeneCall, other: GeneCall) -> bool:
    return bool(one.lookup_keys) and set(one.lookup_keys) <= set(other.lookup_keys)


def _standing(stands: GeneCall, other: GeneCall) -> GeneCall:
    said = () if _shown(stands) == _shown(other) else _said(other)
    return replace(
        stands,
        warnings=(*stands.warnings, *said),
        missing_positions=stands.missing_positions or other.missing_positions,
        research_diplotypes=stands.research_diplotypes or other.research_diplotypes,
    )


def _both(first: GeneCall, second: GeneCall) -> GeneCall:
    return GeneCall(
        gene=first.gene,
        diplotype=None,
        diplotypes=_together(first.diplotypes, second.diplotypes),
        phenotypes=_together(first.phenotypes, second.phenotypes),
        activity_scores=_together(first.activity_scores, second.activity_scores),
        lookup_keys=_together(first.lookup_keys, second.lookup_keys),
        component_haplotypes=first.component_haplotypes or second.component_haplotypes,
        missing_positions=first.missing_positions or second.missing_positions,
        warnings=(*first.warnings, *second.warnings, *_said(first), *_said(second)),
        caller=f"{_who(first)} and {_who(second)}",
        disputed=first.disputed or second.disputed,
    )


def _together(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _said(call: GeneCall) -> tuple[str, ...]:
    """Say what a call is, and by whom; nothing of a gene that the VCF does not answer."""
    if call.lookup_keys:
        means = " or ".join(phenotype or "no phenotype assigned" for phenotype in call.phenotypes)
        return (f"{_who(call)} calls {_shown(call)}: {means}",)
    return (f"{_who(call)} gives no result",) if call.caller else ()


def _shown(call: GeneCall) -> str:
    written = " or ".join(call.diplotypes) or " + ".join(call.component_haplotypes)
    return f"{call.gene} {written}".strip()


def _who(call: GeneCall) -> str:
    return call.caller or VCF
