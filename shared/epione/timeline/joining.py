"""Calls of one gene by different callers: which stands, or that none does.

All are joined at once, so that their order does not matter. A call without a result gives way, and
one of alleles that no definition knows, which can neither agree nor contradict: it is told. A
result that others leave open stands, and ours before another's that means the same. Results of
other meaning are a dispute: all are given, and none is chosen. HLA alleles are tested one by one,
and joined so: what one caller is sure of and others leave open stands, and positive against
negative is a dispute.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from epione.timeline.events import GeneCall

T = TypeVar("T")

VCF = "the VCF"


def joined(*calls: GeneCall) -> GeneCall:
    """Make one call of those of a gene."""
    told = sorted(calls, key=lambda call: (call.caller, repr(call)))
    answering = [call for call in told if call.is_looked_up]
    called = [call for call in answering if call.is_called] or answering
    if len(called) > 1 and called[0].gene.startswith("HLA-"):
        return _allele_by_allele(called, told)
    closest = [call for call in called if not _is_left_open(call, called)]
    meanings = {frozenset(call.lookup_keys) for call in closest}
    if len(meanings) > 1 or any(call.disputed for call in closest):
        return replace(_together(closest, told), disputed=True)
    return _standing((closest or told)[0], told)


def _is_left_open(call: GeneCall, others: Iterable[GeneCall]) -> bool:
    """Say whether another call has some of this one's results, and no more; a dispute stays."""
    keys = set(call.lookup_keys)
    return not call.disputed and any(set(other.lookup_keys) < keys for other in others)


def _allele_by_allele(called: Sequence[GeneCall], told: Sequence[GeneCall]) -> GeneCall:
    """Join results such as "*57:01 positive"."""
    sure = {result for call in called for result in _sure(call)}
    n_sure = Counter(map(_allele, sure))
    given = {result for call in called for result in call.lookup_keys}
    kept = (result for result in given if result in sure or not n_sure[_allele(result)])
    results = tuple(sorted(sorted(kept, reverse=True), key=_allele))  # positive before negative
    is_disputed = any(n > 1 for n in n_sure.values())
    both = _together(called, told)
    return replace(both, phenotypes=results, lookup_keys=results, disputed=is_disputed)


def _sure(call: GeneCall) -> set[str]:
    """Give the results that a call does not leave open; a dispute stays."""
    n_results = Counter(map(_allele, call.lookup_keys))
    return {key for key in call.lookup_keys if n_results[_allele(key)] == 1 or call.disputed}


def _allele(result: str) -> str:
    return result.rpartition(" ")[0]


def _standing(stands: GeneCall, told: Sequence[GeneCall]) -> GeneCall:
    every = (stands, *told)
    others = (call for call in told if not _is_the_same(call, stands))
    return replace(
        stands,
        warnings=(*stands.warnings, *_all(map(_said, others))),
        missing_positions=_first(call.missing_positions for call in every),
        research_diplotypes=_first(call.research_diplotypes for call in every),
    )


def _is_the_same(one: GeneCall, other: GeneCall) -> bool:
    return (_shown(one), one.lookup_keys) == (_shown(other), other.lookup_keys)


def _together(shown: Sequence[GeneCall], told: Sequence[GeneCall]) -> GeneCall:
    """Give the results of several calls as one, and say what each caller says."""
    return GeneCall(
        gene=shown[0].gene,
        diplotype=None,
        diplotypes=_all(call.diplotypes for call in shown),
        phenotypes=_all(call.phenotypes for call in shown),
        activity_scores=_all(call.activity_scores for call in shown),
        lookup_keys=_all(call.lookup_keys for call in shown),
        component_haplotypes=_first(call.component_haplotypes for call in shown),
        missing_positions=_first(call.missing_positions for call in told),
        warnings=_all((*(call.warnings for call in shown), *map(_said, told))),
        caller=" and ".join(dict.fromkeys(map(_who, shown))),
        research_diplotypes=_first(call.research_diplotypes for call in told),
    )


def _all(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(each for group in groups for each in group))


def _first(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return next(filter(None, groups), ())


def _said(call: GeneCall) -> tuple[str, ...]:
    """Say what a call is, and by whom; nothing of a gene that the VCF does not answer."""
    if call.is_looked_up:
        means = " or ".join(phenotype or "no phenotype assigned" for phenotype in call.phenotypes)
        return (f"{_who(call)} calls {_shown(call)}: {call.no_call_reason or means}",)
    return (f"{_who(call)} gives no result",) if call.caller else ()


def _shown(call: GeneCall) -> str:
    written = " or ".join(call.diplotypes) or " + ".join(call.component_haplotypes)
    return f"{call.gene} {written}".strip()


def _who(call: GeneCall) -> str:
    return call.caller or VCF
