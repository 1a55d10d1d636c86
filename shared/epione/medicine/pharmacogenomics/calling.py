"""From a genome to what is called of each gene."""

from collections.abc import Iterable, Sequence

from epione.medicine.genome import Genome
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.matcher import named_pairs
from epione.medicine.pharmacogenomics.notation import written
from epione.medicine.pharmacogenomics.observed import Observed, observe
from epione.medicine.pharmacogenomics.phenotype import Outcome, outcome_of
from epione.medicine.pharmacogenomics.strands import is_settled
from epione.medicine.pharmacogenomics.variants import (
    components,
    linked,
    lowest_first,
    outcome_of_strands,
    strands_called,
)
from epione.timeline import GeneCall


def call_genes(genes: Iterable[Gene], genome: Genome) -> tuple[GeneCall, ...]:
    """Call each gene of which the genome holds a position, in the order given."""
    calls = (call_gene(gene, genome) for gene in genes)
    return tuple(call for call in calls if call is not None)


def call_gene(gene: Gene, genome: Genome) -> GeneCall | None:
    """Call one gene; None where the genome holds none of its positions."""
    observed = observe(gene, genome)
    return None if len(observed.missing) == len(gene.positions) else call_observed(gene, observed)


def call_observed(gene: Gene, observed: Observed) -> GeneCall:
    """Call one gene from what was read of it."""
    if gene.calling.research_only:
        return _suggested(gene, observed)
    reason = _why_not(gene, observed)
    if reason:
        return _undecided(gene, observed, reason)
    if gene.calling.lowest_first:
        return _variants_called(gene, linked(gene, observed))
    pairs = named_pairs(gene, observed)
    if not pairs:
        return _undecided(gene, observed, "no pair of known alleles explains the genotypes")
    return _called(
        gene,
        observed,
        diplotypes=["/".join(pair) for pair in pairs],
        outcomes=[outcome_of(gene, pair) for pair in pairs],
    )


def _suggested(gene: Gene, observed: Observed) -> GeneCall:
    """Give a no call, with the diplotypes that research may look at.

    For CYP2D6. Source: Nofziger et al. 2020, Clin Pharmacol Ther 107:154, doi:10.1002/cpt.1643.
    """
    pairs = () if _why_not(gene, observed) else named_pairs(gene, observed)
    return GeneCall(
        gene=gene.name,
        diplotype=None,
        missing_positions=observed.missing,
        warnings=observed.warnings,
        no_call_reason="small variants do not show its copies and hybrids (research use only)",
        research_diplotypes=tuple("/".join(pair) for pair in pairs),
    )


def _why_not(gene: Gene, observed: Observed) -> str:
    """Say what forbids a call before any allele is tried; "" where nothing does."""
    for position, bases in observed.undocumented.items():
        return f"{bases} at {gene.chromosome}:{position} is in no definition"
    for position in observed.half:
        return f"half a genotype at {gene.chromosome}:{position}"
    for position in observed.missing:
        if position in gene.calling.required:
            return f"no genotype at {gene.chromosome}:{position}, without which nothing is called"
    return ""


def _variants_called(gene: Gene, observed: Observed) -> GeneCall:
    if not is_settled(observed):
        found = components(gene, observed)
        deciding = lowest_first(gene, found)[:2]
        return _called(gene, observed, [], [outcome_of(gene, deciding)], found)
    pairs = strands_called(gene, observed)
    return _called(
        gene,
        observed,
        diplotypes=["/".join(map(written, pair)) for pair in pairs],
        outcomes=[outcome_of_strands(gene, pair) for pair in pairs],
    )


def _undecided(gene: Gene, observed: Observed, reason: str) -> GeneCall:
    """Give a no call; or, where one position decides alone, the outcome that it gives.

    For SLCO1B1, c.521T>C (rs4149056). Source: Cooper-DeHoff et al. 2022, Clin Pharmacol Ther
    111:1007, doi:10.1002/cpt.2557 (CPIC, statins).
    """
    if gene.calling.decided_by:
        position, star_by_base = gene.calling.decided_by
        stars = [star_by_base[base] for base in observed.bases.get(position, ())]
        if len(stars) == 2:
            rsid = gene.positions[position].rsid
            warning = f"{reason}; the phenotype is that of {rsid} alone"
            return _called(gene, observed, [], [outcome_of(gene, stars)], warnings=(warning,))
    return GeneCall(
        gene=gene.name,
        diplotype=None,
        missing_positions=observed.missing,
        warnings=observed.warnings,
        no_call_reason=reason,
    )


def _called(
    gene: Gene,
    observed: Observed,
    diplotypes: Sequence[str],
    outcomes: Sequence[Outcome],
    found: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> GeneCall:
    activities = dict.fromkeys(outcome.activity for outcome in outcomes)
    return GeneCall(
        gene=gene.name,
        diplotype=diplotypes[0] if diplotypes else None,
        diplotypes=tuple(diplotypes),
        phenotypes=tuple(dict.fromkeys(outcome.phenotype for outcome in outcomes)),
        activity_scores=tuple(activity for activity in activities if activity is not None),
        lookup_keys=tuple(dict.fromkeys(outcome.key for outcome in outcomes)),
        component_haplotypes=found,
        missing_positions=observed.missing,
        warnings=(*observed.warnings, *warnings),
    )
