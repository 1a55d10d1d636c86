"""Call a gene whose variants count one by one, several of them on a strand (DPYD, RYR1).

Source: Amstutz et al. 2018, Clin Pharmacol Ther 103:210, doi:10.1002/cpt.911 (CPIC, DPYD): the two
variants of lowest activity decide, and variants that are not phased are taken to be on two strands;
where phase is known, the lowest of each strand decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from epione.medicine.pharmacogenomics.definitions import Gene, NamedAllele
from epione.medicine.pharmacogenomics.notation import Strand
from epione.medicine.pharmacogenomics.observed import Observed
from epione.medicine.pharmacogenomics.phenotype import Outcome, outcome_of
from epione.medicine.pharmacogenomics.strands import strand_pairs


def strands_called(gene: Gene, observed: Observed) -> tuple[tuple[Strand, Strand], ...]:
    """Give each pair of strands that phase allows, as the alleles on each."""
    pairs = (
        sorted((_named(gene, one), _named(gene, other)), key=gene.strand_order)
        for one, other in strand_pairs(observed)
    )
    distinct = {(one, other) for one, other in pairs}
    return tuple(sorted(distinct, key=lambda pair: [gene.strand_order(strand) for strand in pair]))


def components(gene: Gene, observed: Observed) -> tuple[str, ...]:
    """Give the alleles found, not saying on which strand; twice what stands on both."""
    one, other = {}, {}
    for p, bases in observed.bases.items():
        ref = gene.positions[p].ref
        one[p], other[p], *_ = *(base for base in bases if base != ref), ref, ref
    found = [*_named(gene, one), *_named(gene, other)]
    return tuple(sorted((n for n in found if n != gene.reference.name), key=gene.order.__getitem__))


def lowest_first(gene: Gene, names: Iterable[str]) -> list[str]:
    """Sort alleles by function, the lowest first."""
    return sorted(names, key=lambda name: (_rank(gene, gene.by_name[name]), gene.order[name]))


def outcome_of_strands(gene: Gene, strands: Sequence[Strand]) -> Outcome:
    """Give what a diplotype means; of several alleles on a strand, the lowest function decides."""
    if gene.calling.lowest_first:
        return outcome_of(gene, [lowest_first(gene, strand)[0] for strand in strands])
    return outcome_of(gene, [strand[0] for strand in strands])


def linked(gene: Gene, observed: Observed) -> Observed:
    """Read a tag with its causal partner: on the partner's strands, and nowhere else.

    HapB3's intronic c.1129-5923C>G lowers the function; the exonic c.1236G>A only travels with it,
    and is read alone only where the intron was not. Source: Amstutz et al. 2018 (above), and the
    methods pages of PharmCAT 3.1.1, "Calling the HapB3 allele".
    """
    for tag, causal in gene.calling.tags.items():
        if tag in observed.bases and causal in observed.bases:
            observed = _linked(gene, observed, tag, causal)
        elif set(observed.bases.get(tag, ())) - {gene.positions[tag].ref}:
            observed = _warned(observed, gene, tag, causal)
    return observed


def _warned(observed: Observed, gene: Gene, tag: int, causal: int) -> Observed:
    text = (
        f"{gene.chromosome}:{tag} only travels with {gene.chromosome}:{causal}, "
        "which is not in the file: have that position read"
    )
    return replace(observed, warnings=(*observed.warnings, text))


def _linked(gene: Gene, observed: Observed, tag: int, causal: int) -> Observed:
    tag_ref, causal_ref = gene.positions[tag].ref, gene.positions[causal].ref
    tags = [base for base in observed.bases[tag] if base != tag_ref]
    n_causal = sum(base != causal_ref for base in observed.bases[causal])
    warnings = observed.warnings
    if len(tags) != n_causal:
        warnings = (
            *warnings,
            f"{gene.chromosome}:{tag} and {gene.chromosome}:{causal} differ; the latter decides",
        )
    on_both = n_causal == len(observed.bases[causal])  # then the tag tells its own strands
    followed = tuple(
        tags.pop() if base != causal_ref and tags else tag_ref for base in observed.bases[causal]
    )
    phase = observed.phase_sets.get(tag if on_both else causal) or f"linked to {causal}"
    return replace(
        observed,
        bases={**observed.bases, tag: observed.bases[tag] if on_both else followed},
        phase_sets={**observed.phase_sets, tag: phase, causal: phase},
        warnings=warnings,
    )


def _named(gene: Gene, strand: Mapping[int, str]) -> Strand:
    """Name what a strand carries: each allele of which every called position is there."""
    changed = {p for p, base in strand.items() if base != gene.positions[p].ref}
    found: dict[frozenset[int], NamedAllele] = {}
    for allele in gene.alleles:
        called = frozenset(p for p in allele.defined if p in strand)
        if called and called <= changed and all(strand[p] in allele.defined[p] for p in called):
            known = found.setdefault(called, allele)
            if len(allele.defined) < len(known.defined):
                found[called] = allele  # all of its positions were read
    largest = [found[called] for called in found if not any(called < other for other in found)]
    names = sorted((allele.star for allele in largest), key=gene.order.__getitem__)
    return tuple(names) or (gene.reference.name,)


def _rank(gene: Gene, allele: NamedAllele) -> int:
    return gene.calling.lowest_first.index(allele.function)
